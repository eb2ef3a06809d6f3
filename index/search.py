"""The search itself: both views of a query against open segments, proposals verified against the reference texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.alignment import Region, region
from index.candidates import Candidate, candidate, propose
from index.clusters import EXACT_SCORE, SCORE
from index.excerpt import Excerpt
from index.information import Weights
from index.lsh import IndexParams
from index.postings import PostingStore
from index.renamed_passages import RenamedSide, can_be_renamed, renamed_passages
from index.screening import Screen
from index.segment import ReadBlock, Segment
from index.telling import LEAST_TIED_IN_A_WHOLE, WHOLE_SHARE, tells_a_copy, tells_a_renamed_copy, tells_a_renamed_whole
from index.verify import LEAST_OF_A_COPY, Passage, Side, passages
from index.weighing import most_weights, read_as, weighed_side
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
    clusters = propose(keys, query.lexemes.hashes, searched.params, searched.postings, searched.segments, ignored)
    if not len(clusters):
        return []
    asked = _Query(query, language, searched)
    # An exact passage and a renamed one may begin in the same place: a comment as it was, before renamed code.
    found: dict[tuple[str, int, int, bool], FoundPassage] = {}
    may_be_renamed = clusters[:, SCORE] - clusters[:, EXACT_SCORE] >= _LEAST_RENAMED_SCORE
    for row in clusters[may_be_renamed | asked.screen.worth_reading(clusters, searched.segments)].tolist():
        one = candidate(row)
        segment = searched.segments[one.segment]
        where = region(one, len(query.lexemes), int(segment.content_lexemes[one.ordinal]))
        reference = segment.excerpt(one.ordinal, where.reference, searched.read_block)
        where = where.counted_from(reference.first)
        swhid = segment.swhid(one.ordinal)
        for passage in _verified(asked, reference, segment.language(one.ordinal), where, one):
            place = (swhid, passage.query_start, reference.first + passage.reference_start, passage.renamed)
            found.setdefault(place, FoundPassage(passage, swhid, reference))
    return list(found.values())


class _Query:
    """A query with what is derived from it once some proposal asks for it; `language` may be empty."""

    def __init__(self, query: Excerpt, language: str, searched: SearchedSegments) -> None:
        self.searched = searched
        self.length = len(query.lexemes)
        self._query = query
        self._language = language
        self._most = most_weights(query, range(self.length), searched.weights)
        self._exact: dict[str, Side] = {}
        self.renamed = RenamedSide(query, searched.params.renamed.shingle)
        self.screen = Screen(query.lexemes.hashes, self._most.bits, searched.params.window_lexemes)

    def exact(self, reference_language: str) -> Side:
        """Return the query as a side of the exact view, read as the reference's language where its own is unknown."""
        language = self._language or reference_language
        if language not in self._exact:
            self._exact[language] = read_as(language, self._query, self._most)
        return self._exact[language]


def _verified(query: _Query, reference: Excerpt, language: str, where: Region, one: Candidate) -> list[Passage]:
    may_be_exact = query.screen.is_worth_aligning(reference.lexemes.hashes, where)
    may_be_renamed = (
        one.renamed_score >= _LEAST_RENAMED_SCORE
        and language not in _WITHOUT_NAMES
        and can_be_renamed(
            query.renamed, reference, where, _SHARE_OF_FEW_VOTES if one.renamed_score < _MANY_RENAMED_VOTES else 0.0
        )
    )
    # Most proposals are no copies, and can be told by what both sides hold in common at all.
    if not may_be_exact and not may_be_renamed:
        return []
    # Beside a renamed passage the least that is equal counts.
    pair = _Pair(query, reference, language, where, 0.0 if may_be_renamed else LEAST_OF_A_COPY)
    # A whole window is reported, so that any place that shares one stands for all of them.
    certain = query.searched.params.window_lexemes
    exact = [one for one in pair.equal if tells_a_copy(one) or one.longest_run >= certain] if may_be_exact else []
    covered = sum(passage.query_end - passage.query_start for passage in exact if tells_a_copy(passage))
    if not may_be_renamed or covered >= _EXPLAINED * (one.query_end - one.query_start):
        return exact
    # What is equal as it stands is looked for only where it could make up a whole text together with the rest.
    may_be_whole = len(where.query) >= WHOLE_SHARE * query.length
    renamed = [
        passage
        for passage in pair.renamed()
        if tells_a_renamed_copy(passage, one.score)
        or (
            may_be_whole
            and passage.tied_names >= LEAST_TIED_IN_A_WHOLE
            and tells_a_renamed_whole(passage, one.score, pair.equal, query.length)
        )
    ]
    return [*exact, *(passage for passage in renamed if not _explained(passage, exact))]


@dataclass(frozen=True)
class _Pair:
    """A query and a reference, aligned in a region once that is asked for."""

    query: _Query
    reference: Excerpt
    language: str
    where: Region
    least: float

    @cached_property
    def ours(self) -> Side:
        """The query's side."""
        return self.query.exact(self.language)

    @cached_property
    def theirs(self) -> Side:
        """The reference's side."""
        return weighed_side(self.reference, self.where.reference, self.language, self.query.searched.weights)

    @cached_property
    def equal(self) -> list[Passage]:
        """What is equal as it stands."""
        return list(passages(self.ours, self.theirs, self.where, self.least))

    def renamed(self) -> Iterator[Passage]:
        """Yield what is equal once names are exchanged."""
        theirs = RenamedSide(self.reference, self.query.renamed.shingle)
        return renamed_passages(
            self.query.renamed, theirs, self.where, lambda: (self.ours.weights, self.theirs.weights)
        )


def _explained(renamed: Passage, exact: list[Passage]) -> bool:
    """Tell whether the exact view already reports most of what a renamed passage covers."""
    covered = sum(
        max(0, min(one.query_end, renamed.query_end) - max(one.query_start, renamed.query_start))
        for one in exact
        if tells_a_copy(one)
    )
    return covered >= _EXPLAINED * (renamed.query_end - renamed.query_start)
