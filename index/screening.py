"""Which proposals are worth reading, and which an alignment: what both sides hold in common, wherever it stands.

Most proposals are no copies. What tells a copy has some lexemes in a row, and many of its lexemes close together in
shingles that the other side has as well (`index.telling`). Both are told from sets of shingles: first of the nibbles
that a segment keeps, without reading any text, then of the lexemes themselves.
"""

from collections.abc import Sequence

import numba
import numpy as np
import numpy.typing as npt

from index.alignment import MARGIN, Region
from index.clusters import END, QUERY_END, QUERY_START, START, Clusters
from index.information import Weights
from index.lexer import Hashes
from index.nibbles import Nibbles, nibble, nibbles
from index.segment import Segment
from index.telling import ENOUGH_BITS, LEAST_BITS, LEAST_RUN

Shingles = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]

_SHINGLE = 3
# Of the copies with a fifth of their lexemes edited, none had fewer than 54 lexemes in shingles left whole.
_LEAST_IN_SHINGLES = 48
# Nibbles meet by chance: longer shingles are asked for, and of those fewer are left whole.
_SHINGLE_OF_NIBBLES = 4
_LEAST_IN_SHINGLES_OF_NIBBLES = 36
# So many lexemes hold enough that is equal, wherever a copy is similar enough to be told.
_CLOSE = 96
_SEEN_BITS = 14


class Screen:
    """One query, against which proposals are held; `bits` is what each of its lexemes weighs at most.

    Where `certain` lexemes may be equal in a row, a proposal passes, whatever they weigh.
    """

    def __init__(self, query: Hashes, bits: Weights, certain: int) -> None:
        self._bits = bits
        self._certain = certain - LEAST_RUN + 1
        self._rows = _shingles(query, LEAST_RUN)
        self._shingles = _shingles(query, _SHINGLE)
        few = nibbles(query)
        self._rows_of_nibbles = _shingles(few, LEAST_RUN)
        self._shingles_of_nibbles = _shingles(few, _SHINGLE_OF_NIBBLES)

    def worth_reading(self, clusters: Clusters, segments: Sequence[Segment]) -> Flags:
        """Return which clusters may hold something worth telling; all do where a segment has no nibbles."""
        passed = np.ones(len(clusters), np.bool_)
        numbers = clusters[:, 0].astype(np.int64) >> 32
        for number in np.unique(numbers).tolist():
            segment = segments[number]
            if segment.nibbles is not None:
                _pass_worth_reading(
                    clusters,
                    np.flatnonzero(numbers == number),
                    segment.nibbles,
                    segment.first_nibbles,
                    segment.content_lexemes,
                    self._rows_of_nibbles,
                    self._shingles_of_nibbles,
                    self._bits,
                    self._certain,
                    passed,
                )
        return passed

    def is_worth_aligning(self, reference: Hashes, where: Region) -> bool:
        """Tell whether a region may hold something worth telling, from the lexemes of both sides."""
        return _is_worth_aligning(
            reference[where.reference.start : where.reference.stop],
            self._rows,
            self._shingles,
            self._bits,
            where.query.start,
            where.query.stop,
            self._certain,
        )


@numba.njit(cache=True, nogil=True)
def _shingles(lexemes: npt.NDArray[np.integer], shingle: int) -> Shingles:
    """Return a number of 14 bits for every shingle."""
    found = np.empty(max(0, len(lexemes) - shingle + 1), np.uint16)
    for i in range(len(found)):
        value = np.uint64(0)
        for step in range(shingle):
            value = (value ^ np.uint64(lexemes[i + step])) * np.uint64(0x9E3779B97F4A7C15)
            value ^= value >> np.uint64(32)
        found[i] = np.uint16(value >> np.uint64(64 - 32 - _SEEN_BITS) & np.uint64((1 << _SEEN_BITS) - 1))
    return found


@numba.njit(cache=True, nogil=True)
def _pass_worth_reading(
    clusters: Clusters,
    chosen: npt.NDArray[np.int64],
    kept: Nibbles,
    first_nibbles: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.uint32],
    rows: Shingles,
    shingles: Shingles,
    bits: Weights,
    certain: int,
    passed: Flags,
) -> None:
    """Write of the chosen clusters, all of one segment, whether their nibbles may tell."""
    seen = np.zeros((2, 1 << _SEEN_BITS), np.int64)
    for turn in range(len(chosen)):
        cluster = clusters[chosen[turn]]
        ordinal = int(cluster[0]) & 0xFFFFFFFF
        start = max(0, int(cluster[START]) - MARGIN)
        stop = min(int(lengths[ordinal]), int(cluster[END]) + MARGIN)
        reference = np.empty(max(0, stop - start), np.uint8)
        for i in range(len(reference)):
            reference[i] = nibble(kept, first_nibbles[ordinal], start + i)
        _see(seen, turn + 1, reference, _SHINGLE_OF_NIBBLES)
        passed[chosen[turn]] = _may_tell(
            seen,
            turn + 1,
            rows,
            shingles,
            _SHINGLE_OF_NIBBLES,
            _LEAST_IN_SHINGLES_OF_NIBBLES,
            np.inf,
            bits,
            max(0, int(cluster[QUERY_START]) - MARGIN),
            min(len(bits), int(cluster[QUERY_END]) + MARGIN),
            certain,
        )


@numba.njit(cache=True, nogil=True)
def _is_worth_aligning(
    reference: Hashes, rows: Shingles, shingles: Shingles, bits: Weights, start: int, stop: int, certain: int
) -> bool:
    seen = np.zeros((2, 1 << _SEEN_BITS), np.int64)
    _see(seen, 1, reference, _SHINGLE)
    # What is the same but for a word may be shorter.
    return _may_tell(seen, 1, rows, shingles, _SHINGLE, _LEAST_IN_SHINGLES, ENOUGH_BITS, bits, start, stop, certain)


@numba.njit(cache=True, nogil=True)
def _see(seen: npt.NDArray[np.int64], turn: int, reference: npt.NDArray[np.integer], shingle: int) -> None:
    """Mark the shingles of a reference, those that make rows and those that are counted, with the turn's number."""
    for value in _shingles(reference, LEAST_RUN):
        seen[0, value] = turn
    for value in _shingles(reference, shingle):
        seen[1, value] = turn


@numba.njit(cache=True, nogil=True)
def _may_tell(
    seen: npt.NDArray[np.int64],
    turn: int,
    rows: Shingles,
    shingles: Shingles,
    shingle: int,
    least: int,
    enough: float,
    bits: Weights,
    start: int,
    stop: int,
    certain: int,
) -> bool:
    """Tell whether a part of the query has enough in common with what was seen in this turn."""
    longest, row, told = 0, 0, 0.0
    for i in range(start, stop - LEAST_RUN + 1):
        if seen[0, rows[i]] != turn:
            row = 0
            continue
        if not row:
            told = bits[i : i + LEAST_RUN - 1].sum()
        row += 1
        told += bits[i + LEAST_RUN - 1]
        longest = max(longest, row)
        if row >= certain or told >= ENOUGH_BITS:
            return True
    if not longest:
        return False
    held = np.zeros(max(0, stop - start), np.bool_)
    count, done = 0, 0
    told = 0.0
    for i in range(start, stop):
        if i + shingle <= stop and seen[1, shingles[i]] == turn:
            held[max(i - start, done) : i - start + shingle] = True
            done = i - start + shingle
        if held[i - start]:
            count += 1
            told += bits[i]
        if i - start >= _CLOSE and held[i - start - _CLOSE]:
            count -= 1
            told -= bits[i - _CLOSE]
        if told >= enough or (count >= least and told >= LEAST_BITS and told + count >= ENOUGH_BITS):
            return True
    return False
