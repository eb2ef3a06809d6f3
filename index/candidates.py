"""Where a query may have been copied from: hits voting for a reference file and a diagonal of it.

A diagonal is reference position less query position; the hits of one copied passage lie on nearly the same one.
A key that stands in many places says little, so its votes count for less.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from index.lexer import Hashes
from index.lsh import IndexParams, band_keys, distinct_runs
from index.minhash import signatures
from index.postings import PostingStore
from index.segment import Segment

MOST_POSTINGS_OF_A_KEY = 64
_DIAGONAL_GAP = 64
_QUERY_GAP = 400
# More than one hit of a rare key: what is not a copy seldom has as much.
_STRONG_SCORE = 1.01
_MOST_STRONG_AT_A_PLACE = 16
_MOST_WEAK_AT_A_PLACE = 4
_WORTH_ALIGNING = 0.25
_PLACE = 32
_SCORE = 7


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of one reference content that may match one of the query, in lexeme positions (half-open)."""

    segment: int
    ordinal: int
    query_start: int
    query_end: int
    reference_start: int
    reference_end: int
    lowest_diagonal: int
    highest_diagonal: int
    score: float


def propose(
    lexemes: Hashes,
    params: IndexParams,
    postings: PostingStore,
    segments: Sequence[Segment],
    ignored: npt.NDArray[np.int64],
) -> Iterator[Candidate]:
    """Yield the passages that share band keys with the query, best first.

    `ignored` holds contents that are not to be proposed, sorted, as `content_number` gives them.
    """
    signed = signatures(lexemes, params, 1)
    if not len(signed) or not segments:
        return
    keys, firsts, lengths = distinct_runs(band_keys(signed, params.bands, params.rows))
    found = postings.lookup(keys, MOST_POSTINGS_OF_A_KEY)
    if not len(found.asked):
        return
    ordinals = np.empty(len(found.asked), np.int64)
    positions = np.empty(len(found.asked), np.int64)
    for number, segment in enumerate(segments):
        chosen = np.flatnonzero(found.segments == number)
        if len(chosen):
            ordinals[chosen], positions[chosen] = _places(
                found.windows[chosen], segment.first_windows, segment.content_lexemes, params
            )
    query = firsts[found.asked].astype(np.int64)
    runs = lengths[found.asked].astype(np.int64)
    votes = 1.0 / np.log2(1.0 + found.totals[found.asked])
    content = content_number(found.segments.astype(np.int64), ordinals)
    # The middle of a run of equal keys is the best guess of where its minimum lies.
    diagonals = positions - (query + runs // 2)
    order = np.lexsort((diagonals, content))
    if len(ignored):
        order = order[~np.isin(content[order], ignored)]
    clusters = _joined(
        _cluster(content[order], diagonals[order], query[order], runs[order], positions[order], votes[order])
    )
    worth = clusters[_worth_aligning(clusters)]
    for row in worth[np.argsort(-worth[:, _SCORE], kind="stable")].tolist():
        number, query_start, query_end, reference_start, reference_end, lowest, highest = map(int, row[:_SCORE])
        yield Candidate(
            segment=number >> 32,
            ordinal=number & 0xFFFFFFFF,
            query_start=query_start,
            query_end=query_end + params.window_lexemes,
            reference_start=reference_start,
            reference_end=reference_end + params.window_lexemes,
            lowest_diagonal=lowest,
            highest_diagonal=highest,
            score=row[_SCORE],
        )


def content_number(segment: npt.NDArray[np.int64], ordinal: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return one number for a content: the segment's position among the open ones, and its ordinal there."""
    return (segment << 32) | ordinal


def _places(
    windows: npt.NDArray[np.uint32],
    first_windows: npt.NDArray[np.uint32],
    content_lexemes: npt.NDArray[np.uint32],
    params: IndexParams,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    ordinals = np.searchsorted(first_windows, windows, side="right").astype(np.int64) - 1
    within = windows.astype(np.int64) - first_windows[ordinals]
    last = content_lexemes[ordinals].astype(np.int64) - params.window_lexemes
    return ordinals, np.minimum(within * params.stride, last)


@numba.njit(cache=True, nogil=True)
def _cluster(
    content: npt.NDArray[np.int64],
    diagonals: npt.NDArray[np.int64],
    query: npt.NDArray[np.int64],
    runs: npt.NDArray[np.int64],
    positions: npt.NDArray[np.int64],
    votes: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return rows (content, query start and end, reference start and end, lowest and highest diagonal, score)."""
    count = len(content)
    rows = np.empty((count, _SCORE + 1), np.float64)
    total = 0
    begin = 0
    while begin < count:
        end = begin + 1
        while end < count and content[end] == content[begin] and diagonals[end] - diagonals[end - 1] <= _DIAGONAL_GAP:
            end += 1
        inside = np.argsort(query[begin:end])
        at = -1
        reach = 0
        for i in inside:
            hit = begin + i
            if at < 0 or query[hit] > reach + _QUERY_GAP:
                at = total
                total += 1
                rows[at, 0] = content[hit]
                rows[at, 1] = query[hit]
                rows[at, 2] = query[hit] + runs[hit]
                rows[at, 3] = positions[hit]
                rows[at, 4] = positions[hit]
                rows[at, 5] = diagonals[hit]
                rows[at, 6] = diagonals[hit]
                rows[at, _SCORE] = 0.0
            rows[at, 2] = max(rows[at, 2], query[hit] + runs[hit])
            rows[at, 3] = min(rows[at, 3], positions[hit])
            rows[at, 4] = max(rows[at, 4], positions[hit])
            rows[at, 5] = min(rows[at, 5], diagonals[hit])
            rows[at, 6] = max(rows[at, 6], diagonals[hit])
            rows[at, _SCORE] += votes[hit]
            reach = max(reach, query[hit] + runs[hit])
        begin = end
    return rows[:total]


@numba.njit(cache=True, nogil=True)
def _joined(clusters: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Join clusters that follow each other on both sides: a long comment that one side lacks moves the diagonal."""
    by_query = clusters[np.argsort(clusters[:, 1], kind="mergesort")]
    rows = by_query[np.argsort(by_query[:, 0], kind="mergesort")]
    total = 0
    for row in range(len(rows)):
        at = total - 1
        if (
            at >= 0
            and rows[at, 0] == rows[row, 0]
            and -_DIAGONAL_GAP <= rows[row, 1] - rows[at, 2] <= _QUERY_GAP
            and -_DIAGONAL_GAP <= rows[row, 3] - rows[at, 4] <= _QUERY_GAP
        ):
            rows[at, 2] = max(rows[at, 2], rows[row, 2])
            rows[at, 3] = min(rows[at, 3], rows[row, 3])
            rows[at, 4] = max(rows[at, 4], rows[row, 4])
            rows[at, 5] = min(rows[at, 5], rows[row, 5])
            rows[at, 6] = max(rows[at, 6], rows[row, 6])
            rows[at, _SCORE] += rows[row, _SCORE]
        else:
            rows[total] = rows[row]
            total += 1
    return rows[:total]


@numba.njit(cache=True, nogil=True)
def _worth_aligning(clusters: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell which clusters score at least a quarter of the best one at some place of the query."""
    worth = np.zeros(len(clusters), np.bool_)
    if not len(clusters):
        return worth
    best = np.zeros(np.int64(clusters[:, 2].max()) // _PLACE + 1, np.float64)
    for row in range(len(clusters)):
        for place in range(np.int64(clusters[row, 1]) // _PLACE, np.int64(clusters[row, 2]) // _PLACE + 1):
            best[place] = max(best[place], clusters[row, _SCORE])
    for row in range(len(clusters)):
        for place in range(np.int64(clusters[row, 1]) // _PLACE, np.int64(clusters[row, 2]) // _PLACE + 1):
            if clusters[row, _SCORE] >= _WORTH_ALIGNING * best[place]:
                worth[row] = True
    return worth


class PlaceBudget:
    """Bounds how many candidates are aligned at every place of the query; strong and weak ones are counted apart."""

    def __init__(self) -> None:
        self._strong: dict[int, int] = {}
        self._weak: dict[int, int] = {}

    def take(self, candidate: Candidate) -> bool:
        """Count a candidate at every place it covers; False where all of them have had enough."""
        strong = candidate.score >= _STRONG_SCORE
        taken, most = (self._strong, _MOST_STRONG_AT_A_PLACE) if strong else (self._weak, _MOST_WEAK_AT_A_PLACE)
        places = range(candidate.query_start // _PLACE, (candidate.query_end - 1) // _PLACE + 1)
        if min(taken.get(place, 0) for place in places) >= most:
            return False
        for place in places:
            taken[place] = taken.get(place, 0) + 1
        return True
