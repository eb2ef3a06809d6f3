"""What the index holds and what its bytes are used for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.catalog import Catalog
from index.entries import CatalogTotals
from index.holdings import CollectionCount, LicenseCount
from index.segment import Segment


@dataclass(frozen=True, slots=True)
class LanguageCount:
    """How many distinct contents, and lexemes in them, are in one language; its name is empty where unknown."""

    language: str
    contents: int
    lexemes: int


@dataclass(frozen=True, slots=True)
class IndexStatistics:
    """Totals, and how they divide; `removed_bytes` is code that no source holds and that a merge would free."""

    totals: CatalogTotals
    collections: tuple[CollectionCount, ...]
    disk: dict[str, int]
    licenses: tuple[LicenseCount, ...]
    languages: tuple[LanguageCount, ...]
    removed_contents: int
    removed_bytes: int
    refusals: int
    opt_outs: int
    incomplete_sources: int


def statistics(catalog: Catalog, segments: Sequence[Segment]) -> IndexStatistics:
    """Count everything that is in the index, reading the segments' tables but none of their texts."""
    disk = Counter({"postings": 0, "texts": 0, "rest": 0})
    for segment in segments:
        disk.update(segment.bytes_by_use())
    removed_contents, removed_bytes = catalog.holdings.removed()
    return IndexStatistics(
        catalog.totals(),
        tuple(catalog.holdings.collections()),
        dict(disk),
        tuple(catalog.holdings.licenses()),
        _languages(segments, set(catalog.removed_contents())),
        removed_contents,
        removed_bytes,
        len(catalog.refusals()),
        len(catalog.opt_outs()),
        len(catalog.holdings.incomplete_sources()),
    )


def _languages(segments: Sequence[Segment], removed: set[tuple[str, int]]) -> tuple[LanguageCount, ...]:
    contents: Counter[str] = Counter()
    lexemes: Counter[str] = Counter()
    for segment in segments:
        for ordinal, count in enumerate(segment.content_lexemes.tolist()):
            if (segment.name, ordinal) not in removed:
                language = segment.language(ordinal)
                contents[language] += 1
                lexemes[language] += count
    return tuple(LanguageCount(name, contents[name], count) for name, count in lexemes.most_common())
