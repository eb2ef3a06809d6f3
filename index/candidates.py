"""Where a query may have been copied from: its keys are looked up, and what is found votes.

A key that stands in many places says little, so its votes count for less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from index.clusters import NO_CLUSTERS, Clusters, Numbers, clusters
from index.lexer import Hashes
from index.lsh import IndexParams
from index.postings import Postings, PostingStore
from index.segment import Segment
from index.windows import CROWDED_POSTINGS, QueryKeys, crowded_windows

_MOST_POSTINGS_OF_A_KEY = 32
_MOST_VERBATIM_POSTINGS = 16
_VERBATIM_VOTE = 4.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of one reference content that may match one of the query, in lexeme positions (half-open).

    `score` sums the votes of both views, `exact_score` those of the exact one.
    """

    segment: int
    ordinal: int
    query_start: int
    query_end: int
    reference_start: int
    reference_end: int
    lowest_diagonal: int
    highest_diagonal: int
    score: float
    exact_score: float

    @property
    def renamed_score(self) -> float:
        """The votes of the renamed view."""
        return self.score - self.exact_score


def candidate(row: Sequence[float]) -> Candidate:
    """Return the candidate that a row of clusters is."""
    content, query_start, query_end, start, end, lowest, highest, score, exact_score = row
    return Candidate(
        segment=int(content) >> 32,
        ordinal=int(content) & 0xFFFFFFFF,
        query_start=int(query_start),
        query_end=int(query_end),
        reference_start=max(0, int(start)),
        reference_end=int(end),
        lowest_diagonal=int(lowest),
        highest_diagonal=int(highest),
        score=score,
        exact_score=exact_score,
    )


def propose(
    query: QueryKeys,
    lexemes: Hashes,
    params: IndexParams,
    postings: PostingStore,
    segments: Sequence[Segment],
    ignored: Numbers,
) -> Clusters:
    """Return the places that share band keys with the query, best first, no more at any place than are worth it.

    `query` are the keys of `lexemes`; `ignored` holds contents that are not to be proposed, sorted, as
    `content_number` gives them.
    """
    if not len(query) or not segments:
        return NO_CLUSTERS
    # Of a key that is crowded in no segment, nothing may be passed over.
    found = postings.lookup(query.keys, max(_MOST_POSTINGS_OF_A_KEY, CROWDED_POSTINGS * len(segments)))
    if not len(found.asked):
        return NO_CLUSTERS
    query, votes, found = _with_crowded(query, lexemes, params, postings, found)
    content, positions = placed(found, segments, params)
    return clusters(
        content,
        positions,
        found.asked,
        query.firsts,
        query.lasts,
        query.ends,
        votes,
        query.exact,
        ignored,
    )


def _with_crowded(
    query: QueryKeys, lexemes: Hashes, params: IndexParams, postings: PostingStore, found: Postings
) -> tuple[QueryKeys, npt.NDArray[np.float64], Postings]:
    """Ask for windows by their verbatim keys where no band key tells much, and return all keys, votes and hits."""
    votes = 1.0 / np.log2(1.0 + np.maximum(found.totals, 1))
    crowded = crowded_windows(query, found.totals, lexemes, params)
    if not len(crowded):
        return query, votes, found
    more = postings.lookup(crowded.keys, _MOST_VERBATIM_POSTINGS)
    both = Postings(
        np.concatenate([found.totals, more.totals]),
        np.concatenate([found.asked, more.asked + np.int32(len(query))]),
        np.concatenate([found.segments, more.segments]),
        np.concatenate([found.cells, more.cells]),
    )
    return query.joined(crowded), np.concatenate([votes, np.full(len(crowded), _VERBATIM_VOTE)]), both


def content_number(segment: Numbers, ordinal: Numbers) -> Numbers:
    """Return one number for a content: the segment's position among the open ones, and its ordinal there."""
    return (segment << 32) | ordinal


def placed(found: Postings, segments: Sequence[Segment], params: IndexParams) -> tuple[Numbers, Numbers]:
    """Return the content in which each hit stands, as `content_number` gives it, and at which lexeme."""
    content, positions = np.empty(len(found.asked), np.int64), np.empty(len(found.asked), np.int64)
    for number, segment in enumerate(segments):
        _place(found.cells, found.segments, number, segment.first_cells, params.exact.stride, content, positions)
    return content, positions


@numba.njit(cache=True, nogil=True)
def _place(
    cells: npt.NDArray[np.uint32],
    segments: npt.NDArray[np.int32],
    segment: int,
    first_cells: npt.NDArray[np.uint32],
    stride: int,
    content: Numbers,
    positions: Numbers,
) -> None:
    """Write the content and the lexeme position of each cell of one segment."""
    for i in range(len(cells)):
        if segments[i] != segment:
            continue
        # A cell beyond the last content is one of a damaged segment.
        ordinal = min(np.searchsorted(first_cells, cells[i], side="right"), len(first_cells) - 1) - 1
        content[i] = (np.int64(segment) << 32) | ordinal
        positions[i] = np.int64(cells[i] - first_cells[ordinal]) * stride
