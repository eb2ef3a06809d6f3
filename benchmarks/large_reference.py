"""A reference of some 85 million lexemes for the benchmarks of speed: installed packages, quality corpus, and more."""

import sys
from collections.abc import Iterator

from attrib.bootstrap import open_index
from attrib.ingest import ingest
from attrib.origin_specs import opened_origins
from attrib.policy import Policy
from benchmarks.corpus_lists import REFERENCE
from benchmarks.reference_corpus import FETCHED, built_reference, corpus_config
from index.reference_index import ReferenceIndex

NAME = "large"
_MORE = ("pkg:pypi/pandas@2.3.3", "pkg:pypi/scikit-learn@1.7.2", "pkg:npm/typescript@5.9.3")


def large_reference() -> ReferenceIndex:
    """Open the large reference, adding first what it lacks, and merged into few segments."""
    index = open_index(corpus_config(NAME))
    if not index.totals().sources:
        print("adding the installed packages to the large reference", file=sys.stderr)
        with opened_origins(["installed"], purl=None, license=None, fetched=FETCHED) as origins:
            ingest(index, origins, Policy())
        index = built_reference((*REFERENCE, *_MORE), NAME)
    # Also what an earlier version built: its format is another.
    index.merge()
    return index


def reference_texts(index: ReferenceIndex, most_bytes: int, every: int = 1) -> list[tuple[bytes, str]]:
    """Return texts of an index with their languages, taken evenly, up to a size."""
    texts: list[tuple[bytes, str]] = []
    size = 0
    for number, (text, language) in enumerate(_all_texts(index)):
        if number % every == 0:
            texts.append((text, language))
            size += len(text)
            if size >= most_bytes:
                break
    return texts


def _all_texts(index: ReferenceIndex) -> Iterator[tuple[bytes, str]]:
    for segment in index.reading().searched.segments:
        for ordinal in range(segment.contents):
            yield segment.text(ordinal), segment.language(ordinal)
