"""Hits voting for a reference file and a diagonal of it: the places a query may have been copied from.

A diagonal is reference position less query position; the hits of one copied passage lie on nearly the same one.
"""

import numba
import numpy as np
import numpy.typing as npt

_DIAGONAL_GAP = 64
# What one copy may be off its diagonal by insertions; a text that repeats itself goes on for ever.
_MOST_DRIFT = 512
_QUERY_GAP = 400
# More than one hit of a rare key: what is not a copy seldom has as much.
_STRONG_SCORE = 1.01
# Idioms share structure, so the renamed view must agree more before it is believed, and alone it is never weak.
_STRONG_RENAMED_SCORE = 1.5
_MOST_STRONG_AT_A_PLACE = 8
# One hit of a key that stands in three places or fewer.
_LEAST_WEAK_SCORE = 0.5
_MOST_WEAK_AT_A_PLACE = 4
_WORTH_ALIGNING = 0.25
_PLACE = 32
# One passage lies on so few diagonals that two neighbouring stretches hold it, insertions and all.
_STRETCH = 512
_ROUNDING = 0.001
# Diagonals that far off, in lexemes, are sorted as one; a segment numbers fewer cells.
_FAR = 1 << 23

Numbers = npt.NDArray[np.int64]
# One row a cluster: content, query start and end, reference start and end, lowest and highest diagonal, scores.
Clusters = npt.NDArray[np.float64]
QUERY_START, QUERY_END, START, END, LOWEST, HIGHEST, SCORE, EXACT_SCORE = 1, 2, 3, 4, 5, 6, 7, 8
_COLUMNS = 9
NO_CLUSTERS: Clusters = np.empty((0, _COLUMNS), np.float64)


@numba.njit(cache=True, nogil=True)
def clusters(
    content: Numbers,
    positions: Numbers,
    asked: npt.NDArray[np.int32],
    firsts: Numbers,
    lasts: Numbers,
    ends: Numbers,
    votes: npt.NDArray[np.float64],
    exact: npt.NDArray[np.bool_],
    ignored: Numbers,
) -> npt.NDArray[np.float64]:
    """Return the clusters of hits that are worth aligning, best first."""
    diagonals = np.empty(len(content), np.int64)
    for hit in range(len(content)):
        # The middle of a run of equal keys is the best guess of where its minimum lies.
        diagonals[hit] = positions[hit] - (firsts[asked[hit]] + lasts[asked[hit]]) // 2
    hits = _promising(content, diagonals, asked, votes, exact)
    count = len(hits)
    sortable = np.empty(count, np.int64)
    for i in range(count):
        near = min(max(diagonals[hits[i]], -_FAR), _FAR - 1) + _FAR
        sortable[i] = (content[hits[i]] >> 32 << 48) | ((content[hits[i]] & 0xFFFFFF) << 24) | near
    order = hits[np.argsort(sortable)]
    rows = np.empty((count, _COLUMNS), np.float64)
    counted = np.full(len(firsts), -1, np.int64)
    total = 0
    begin = 0
    while begin < count:
        number = content[order[begin]]
        end = begin + 1
        in_order = True
        while (
            end < count
            and content[order[end]] == number
            and diagonals[order[end]] - diagonals[order[end - 1]] <= _DIAGONAL_GAP
            and diagonals[order[end]] - diagonals[order[begin]] <= _MOST_DRIFT
        ):
            in_order &= firsts[asked[order[end - 1]]] <= firsts[asked[order[end]]]
            end += 1
        at = np.searchsorted(ignored, number)
        if at < len(ignored) and ignored[at] == number:
            begin = end
            continue
        inside = order[begin:end]
        if not in_order:
            inside = inside[np.argsort(firsts[asked[inside]], kind="mergesort")]
        total = _runs(inside, number, positions, diagonals, asked, firsts, ends, votes, exact, counted, rows, total)
        begin = end
    return _proposed(_joined(rows[:total]))


@numba.njit(cache=True, nogil=True)
def _promising(
    content: Numbers,
    diagonals: Numbers,
    asked: npt.NDArray[np.int32],
    votes: npt.NDArray[np.float64],
    exact: npt.NDArray[np.bool_],
) -> Numbers:
    """Return the hits near which there are votes enough for a proposal: most keys of a text stand somewhere by chance.

    Votes are summed by content and stretch of diagonals, in a table where some may meet by chance: then more are kept.
    """
    size = 1024
    while size < 4 * len(content):
        size *= 2
    said, renamed = np.zeros(size + 2, np.float32), np.zeros(size + 2, np.float32)
    places = np.empty(len(content), np.int64)
    for hit in range(len(content)):
        mixed = np.uint64(content[hit]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
        places[hit] = 1 + np.int64((mixed + np.uint64((diagonals[hit] + _FAR) // _STRETCH)) & np.uint64(size - 1))
        if exact[asked[hit]]:
            said[places[hit]] += votes[asked[hit]]
        else:
            renamed[places[hit]] += votes[asked[hit]]
    # The table is a circle.
    for sums in (said, renamed):
        sums[0], sums[size + 1] = sums[size], sums[1]
    kept = np.empty(len(content), np.int64)
    count = 0
    for hit in range(len(content)):
        at = places[hit]
        if (
            said[at - 1] + said[at] + said[at + 1] >= _LEAST_WEAK_SCORE - _ROUNDING
            or renamed[at - 1] + renamed[at] + renamed[at + 1] >= _STRONG_RENAMED_SCORE - _ROUNDING
        ):
            kept[count] = hit
            count += 1
    return kept[:count]


@numba.njit(cache=True, nogil=True)
def _proposed(rows: Clusters) -> Clusters:
    """Return the rows that are worth aligning, the densest first, no more at any place than are worth it."""
    worth = _worth_aligning(rows)
    strong = (rows[:, EXACT_SCORE] >= _STRONG_SCORE) | (rows[:, SCORE] - rows[:, EXACT_SCORE] >= _STRONG_RENAMED_SCORE)
    eligible = np.flatnonzero(worth & (strong | (rows[:, EXACT_SCORE] >= _LEAST_WEAK_SCORE)))
    chosen = np.empty(len(eligible), np.int64)
    size = 0
    places = np.int64(rows[:, QUERY_END].max()) // _PLACE + 1 if len(rows) else 0
    taken = np.zeros((2, places), np.int64)
    for row in eligible[np.argsort(-_densities(rows[eligible]), kind="mergesort")]:
        low, high = np.int64(rows[row, QUERY_START]) // _PLACE, (np.int64(rows[row, QUERY_END]) - 1) // _PLACE
        kind, most = (0, _MOST_STRONG_AT_A_PLACE) if strong[row] else (1, _MOST_WEAK_AT_A_PLACE)
        if taken[kind, low : high + 1].min() >= most:
            continue
        taken[kind, low : high + 1] += 1
        chosen[size] = row
        size += 1
    return rows[chosen[:size]]


@numba.njit(cache=True, nogil=True)
def _runs(
    hits: Numbers,
    number: int,
    positions: Numbers,
    diagonals: Numbers,
    asked: npt.NDArray[np.int32],
    firsts: Numbers,
    ends: Numbers,
    votes: npt.NDArray[np.float64],
    exact: npt.NDArray[np.bool_],
    counted: Numbers,
    rows: npt.NDArray[np.float64],
    total: int,
) -> int:
    """Write hits of one content and neighbouring diagonals as rows, a new one where the query leaves a long gap.

    A key votes once for a row, however often the reference repeats itself there: `counted` holds its last row.
    """
    at = -1
    reach = 0
    for hit in hits:
        key = asked[hit]
        if at < 0 or firsts[key] > reach + _QUERY_GAP:
            at = total
            total += 1
            rows[at] = 0.0
            rows[at, 0] = number
            rows[at, QUERY_START], rows[at, START] = firsts[key], positions[hit]
            rows[at, LOWEST] = rows[at, HIGHEST] = diagonals[hit]
            reach = ends[key]
        length = ends[key] - firsts[key]
        rows[at, QUERY_END] = max(rows[at, QUERY_END], ends[key])
        rows[at, START] = min(rows[at, START], positions[hit])
        rows[at, END] = max(rows[at, END], positions[hit] + length)
        rows[at, LOWEST] = min(rows[at, LOWEST], diagonals[hit])
        rows[at, HIGHEST] = max(rows[at, HIGHEST], diagonals[hit])
        if counted[key] != at:
            counted[key] = at
            rows[at, SCORE] += votes[key]
            if exact[key]:
                rows[at, EXACT_SCORE] += votes[key]
        reach = max(reach, ends[key])
    return total


@numba.njit(cache=True, nogil=True)
def _joined(clusters: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Join clusters that follow each other on both sides: a long comment that one side lacks moves the diagonal."""
    by_query = clusters[np.argsort(clusters[:, QUERY_START], kind="mergesort")]
    rows = by_query[np.argsort(by_query[:, 0], kind="mergesort")]
    total = 0
    for row in range(len(rows)):
        at = total - 1
        if (
            at >= 0
            and rows[at, 0] == rows[row, 0]
            and _follows(rows[at, QUERY_START], rows[at, QUERY_END], rows[row, QUERY_START], rows[row, QUERY_END])
            and _follows(rows[at, START], rows[at, END], rows[row, START], rows[row, END])
        ):
            rows[at, QUERY_END] = max(rows[at, QUERY_END], rows[row, QUERY_END])
            rows[at, START] = min(rows[at, START], rows[row, START])
            rows[at, END] = max(rows[at, END], rows[row, END])
            rows[at, LOWEST] = min(rows[at, LOWEST], rows[row, LOWEST])
            rows[at, HIGHEST] = max(rows[at, HIGHEST], rows[row, HIGHEST])
            rows[at, SCORE] += rows[row, SCORE]
            rows[at, EXACT_SCORE] += rows[row, EXACT_SCORE]
        else:
            rows[total] = rows[row]
            total += 1
    return rows[:total]


@numba.njit(cache=True, nogil=True)
def _follows(start: float, end: float, next_start: float, next_end: float) -> bool:
    """Tell whether one range comes behind another, not far off; what lies over it repeats it and does not follow."""
    overlap = end - next_start
    return -_QUERY_GAP <= overlap <= _DIAGONAL_GAP and 2 * overlap <= min(end - start, next_end - next_start)


@numba.njit(cache=True, nogil=True)
def _densities(clusters: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the score of each cluster for every place of the query that it covers.

    A short copy inside a long one of something else is not outweighed by it: both are dense.
    """
    places = (clusters[:, QUERY_END] - clusters[:, QUERY_START]) / _PLACE
    return clusters[:, SCORE] / np.maximum(places, 1.0)


@numba.njit(cache=True, nogil=True)
def _worth_aligning(clusters: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell which clusters are at least a quarter as dense as the densest one at some place of the query."""
    worth = np.zeros(len(clusters), np.bool_)
    if not len(clusters):
        return worth
    densities = _densities(clusters)
    best = np.zeros(np.int64(clusters[:, QUERY_END].max()) // _PLACE + 1, np.float64)
    for row in range(len(clusters)):
        low, high = np.int64(clusters[row, QUERY_START]) // _PLACE, np.int64(clusters[row, QUERY_END]) // _PLACE
        for place in range(low, high + 1):
            best[place] = max(best[place], densities[row])
    for row in range(len(clusters)):
        low, high = np.int64(clusters[row, QUERY_START]) // _PLACE, np.int64(clusters[row, QUERY_END]) // _PLACE
        for place in range(low, high + 1):
            if densities[row] >= _WORTH_ALIGNING * best[place]:
                worth[row] = True
    return worth
