"""The heaviest local alignments of two sides: Smith and Waterman's recurrence, 1981, in a band of diagonals.

Equal lexemes gain, skipped ones cost. Lexemes that the other side lacks altogether are skipped whatever comes, so they
are taken out first and their costs added up: less than half of both sides is left where nothing was copied.
"""

import numba
import numpy as np
import numpy.typing as npt

from index.information import Weights
from index.lexer import Hashes

# Rows (query position, reference position, length) of equal runs, ascending on both sides.
Blocks = npt.NDArray[np.int64]

_SHORTEST = 8
_LEAST = np.float32(10.0)
# What an equal lexeme gains beside its weight, and what a skipped one costs on its side.
_GAIN = np.float32(0.5)
_SKIP = np.float32(0.15)
_SHARE_OF_SKIPPED = np.float32(0.25)
# What a skip has used up to the last is still followed: rounding must not decide.
_NOTHING = np.float32(-1e-4)
_SEEN_BITS = 12
_STOP, _MATCH, _FIRST_MATCH, _SKIP_QUERY, _SKIP_REFERENCE = 0, 1, 2, 3, 4


@numba.njit(cache=True, nogil=True)
def local_blocks(
    query: Hashes,
    reference: Hashes,
    query_start: int,
    query_stop: int,
    reference_start: int,
    reference_stop: int,
    lowest: int,
    highest: int,
    gains: Weights,
    reference_gains: Weights,
    least: float,
) -> Blocks:
    """Return the single pairs of the heaviest local alignments, the best one first found, then those beside it.

    `gains` and `reference_gains` are what an equal lexeme is worth, by position. There are none where the best one
    scores less than `least`.
    """
    found = np.empty((query_stop - query_start, 3), np.int64)
    size = 0
    wanted = max(np.float32(least), _LEAST)
    pending = [(query_start, query_stop, reference_start, reference_stop)]
    while pending:
        low, high, reference_low, reference_high = pending.pop()
        if high - low < _SHORTEST or reference_high - reference_low < _SHORTEST:
            continue
        rows, row_costs = _shared(query, low, high, reference, reference_low, reference_high, gains)
        columns, column_costs = _shared(reference, reference_low, reference_high, query, low, high, reference_gains)
        came, best, i, j = _filled(
            query, reference, rows, columns, row_costs, column_costs, gains, reference_gains, lowest, highest
        )
        if best < wanted:
            continue
        wanted = _LEAST
        pending.append((rows[i] + 1, high, columns[j] + 1, reference_high))
        step = came[i, j]
        while step != _STOP:
            if step == _SKIP_QUERY:
                i -= 1
            elif step == _SKIP_REFERENCE:
                j -= 1
            else:
                found[size, 0], found[size, 1], found[size, 2] = rows[i], columns[j], 1
                size += 1
                if step == _FIRST_MATCH:
                    break
                i -= 1
                j -= 1
            step = came[i, j]
        pending.append((low, found[size - 1, 0], reference_low, found[size - 1, 1]))
    found = found[:size]
    return found[np.argsort(found[:, 0])]


@numba.njit(cache=True, nogil=True)
def _shared(
    side: Hashes, start: int, stop: int, other: Hashes, other_start: int, other_stop: int, gains: Weights
) -> tuple[npt.NDArray[np.int64], Weights]:
    """Return the positions whose lexeme the other side may have, and what it costs to pass over those before each."""
    seen = np.zeros(1 << _SEEN_BITS, np.bool_)
    for at in range(other_start, other_stop):
        seen[_bucket(other[at])] = True
    kept = np.empty(stop - start, np.int64)
    costs = np.empty(stop - start, np.float32)
    size = 0
    passed = np.float32(0.0)
    for at in range(start, stop):
        if seen[_bucket(side[at])]:
            kept[size], costs[size] = at, passed
            size += 1
            passed = np.float32(0.0)
        else:
            passed += _SKIP + _SHARE_OF_SKIPPED * gains[at]
    return kept[:size], costs[:size]


@numba.njit(cache=True, nogil=True)
def _bucket(value: np.uint32) -> np.uint32:
    return np.uint32(value * np.uint32(0x9E3779B1)) >> np.uint32(32 - _SEEN_BITS)


@numba.njit(cache=True, nogil=True)
def _filled(
    query: Hashes,
    reference: Hashes,
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    row_costs: Weights,
    column_costs: Weights,
    gains: Weights,
    reference_gains: Weights,
    lowest: int,
    highest: int,
) -> tuple[npt.NDArray[np.uint8], np.float32, int, int]:
    """Return by which step each cell was reached best, and the best score with its cell."""
    count = len(columns)
    came = np.zeros((len(rows), count), np.uint8)
    values = reference[columns]
    worth = reference_gains[columns] + _GAIN
    skips = column_costs + _SKIP + _SHARE_OF_SKIPPED * reference_gains[columns]
    above, here = np.zeros(count + 1, np.float32), np.zeros(count + 1, np.float32)
    best, best_row, best_column = np.float32(0.0), 0, 0
    first, last = 0, 0
    for i in range(len(rows)):
        at = rows[i]
        while first < count and columns[first] < at + lowest:
            first += 1
        while last < count and columns[last] < at + highest:
            last += 1
        passed = row_costs[i]
        cost = passed + _SKIP + _SHARE_OF_SKIPPED * gains[at]
        value = query[at]
        here[: first + 1] = 0.0
        left = np.float32(0.0)
        for j in range(first, last):
            score, step = above[j + 1] - cost, _SKIP_QUERY
            skipped = left - skips[j]
            if skipped > score:
                score, step = skipped, _SKIP_REFERENCE
            if values[j] == value:
                before = above[j] - passed - column_costs[j]
                goes_on = i > 0 and j > 0 and came[i - 1, j - 1] != _STOP and before > _NOTHING
                matched = max(before, np.float32(0.0)) + worth[j]
                if matched >= score:
                    score, step = matched, _MATCH if goes_on else _FIRST_MATCH
                    if score > best:
                        best, best_row, best_column = score, i, j
            if score > _NOTHING:
                came[i, j] = step
                left = score
            else:
                left = np.float32(0.0)
            here[j + 1] = left
        here[last + 1 :] = 0.0
        above, here = here, above
    return came, best, best_row, best_column
