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
        language_counts(segments, catalog.removed_contents()),
        removed_contents,
        removed_bytes,
        len(catalog.refusals()),
        len(catalog.opt_outs()),
        len(catalog.holdings.incomplete_sources()),
    )


def language_counts(segments: Sequence[Segment], removed: Sequence[tuple[str, int]]) -> tuple[LanguageCount, ...]:
    """Return the languages that segments hold, the one of most lexemes first.

    `removed` are segment name and ordinal of contents that do not count.
    """
    gone: dict[str, list[int]] = {}
    for name, ordinal in removed:
        gone.setdefault(name, []).append(ordinal)
    contents: Counter[str] = Counter()
    lexemes: Counter[str] = Counter()
    for segment in segments:
        for language, (held, counted) in segment.by_language(gone.get(segment.name, ())).items():
            contents[language] += held
            lexemes[language] += counted
    return tuple(LanguageCount(name, contents[name], count) for name, count in lexemes.most_common())
