"""The search itself: both views of a query against open segments, proposals verified against the reference texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.alignment import Region, region
from index.candidates import Candidate, propose
from index.excerpt import Excerpt
from index.information import Weights
from index.lsh import IndexParams
from index.postings import PostingStore
from index.renamed_passages import RenamedSide, can_be_renamed, renamed_passages
from index.screening import is_worth_aligning
from index.segment import ReadBlock, Segment
from index.telling import tells_a_copy, tells_a_renamed_copy, tells_a_renamed_whole
from index.verify import Passage, Side, passages
from index.weighing import weighed_side
from index.windows import QueryKeys

_EXPLAINED = 0.8
_LEAST_RENAMED_SCORE = 0.3
# Few votes are believed where much of the structure is there.
_MANY_RENAMED_VOTES = 1.2
_SHARE_OF_FEW_VOTES = 0.4
# Markup and style sheets have no names of their own that anybody could exchange.
_WITHOUT_NAMES = frozenset(("HTML", "CSS", "SCSS", "Less"))


@dataclass(frozen=True, slots=True)
class SearchedSegments:
    """What a search reads: the segments, their postings, the weights of lexemes, and how a block of text is fetched."""

    params: IndexParams
    segments: Sequence[Segment]
    postings: PostingStore
    weights: Weights
    read_block: ReadBlock


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage of the query that stands in one content of the reference; positions in `reference` are its own."""

    passage: Passage
    swhid: str
    reference: Excerpt


def found_passages(
    query: Excerpt, keys: QueryKeys, language: str, searched: SearchedSegments, ignored: npt.NDArray[np.int64]
) -> list[FoundPassage]:
    """Return every passage that is worth reporting, each once; `language` may be empty where it is not known."""
    sides: dict[str, _QuerySides] = {}
    # An exact passage and a renamed one may begin in the same place: a comment as it was, before renamed code.
    found: dict[tuple[str, int, int, bool], FoundPassage] = {}
    for candidate in propose(
        keys, query.lexemes.hashes, searched.params, searched.postings, searched.segments, ignored
    ):
        segment = searched.segments[candidate.segment]
        reference_language = segment.language(candidate.ordinal)
        spoken = language or reference_language
        if spoken not in sides:
            sides[spoken] = _query_sides(query, spoken, searched)
        where = region(candidate, len(query.lexemes), int(segment.content_lexemes[candidate.ordinal]))
        reference = segment.excerpt(candidate.ordinal, where.reference, searched.read_block)
        where = where.counted_from(reference.first)
        swhid = segment.swhid(candidate.ordinal)
        for passage in _verified(sides[spoken], reference, reference_language, where, candidate, searched):
            place = (swhid, passage.query_start, reference.first + passage.reference_start, passage.renamed)
            found.setdefault(place, FoundPassage(passage, swhid, reference))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _QuerySides:
    exact: Side
    renamed: RenamedSide


def _query_sides(query: Excerpt, language: str, searched: SearchedSegments) -> _QuerySides:
    exact = weighed_side(query, range(len(query.lexemes)), language, searched.weights)
    return _QuerySides(exact, RenamedSide(query, exact.weights, searched.params.renamed.shingle))


def _verified(
    query: _QuerySides,
    reference: Excerpt,
    language: str,
    where: Region,
    candidate: Candidate,
    searched: SearchedSegments,
) -> list[Passage]:
    # A whole window is reported, so that any place that shares one stands for all of them.
    certain = searched.params.window_lexemes
    renamed_score = candidate.score - candidate.exact_score
    may_be_renamed = (
        renamed_score >= _LEAST_RENAMED_SCORE
        and language not in _WITHOUT_NAMES
        and can_be_renamed(
            query.renamed, reference, where, _SHARE_OF_FEW_VOTES if renamed_score < _MANY_RENAMED_VOTES else 0.0
        )
    )
    if not may_be_renamed and not is_worth_aligning(
        query.exact.hashes, query.exact.most, reference.lexemes.hashes, where, certain
    ):
        return []
    theirs = weighed_side(reference, where.reference, language, searched.weights)
    equal = list(passages(query.exact, theirs, where))
    exact = [passage for passage in equal if tells_a_copy(passage) or passage.longest_run >= certain]
    if not may_be_renamed:
        return exact
    covered = sum(passage.query_end - passage.query_start for passage in exact if tells_a_copy(passage))
    if covered >= _EXPLAINED * (candidate.query_end - candidate.query_start):
        return exact
    ours = RenamedSide(reference, theirs.weights, searched.params.renamed.shingle)
    renamed = [
        passage
        for passage in renamed_passages(query.renamed, ours, where)
        if tells_a_renamed_copy(passage, candidate.score)
        or tells_a_renamed_whole(passage, candidate.score, equal, len(query.exact.hashes))
    ]
    return [*exact, *(passage for passage in renamed if not _explained(passage, exact))]


def _explained(renamed: Passage, exact: list[Passage]) -> bool:
    """Tell whether the exact view already reports most of what a renamed passage covers."""
    covered = sum(
        max(0, min(one.query_end, renamed.query_end) - max(one.query_start, renamed.query_start))
        for one in exact
        if tells_a_copy(one)
    )
    return covered >= _EXPLAINED * (renamed.query_end - renamed.query_start)
