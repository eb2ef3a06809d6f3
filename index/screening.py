"""Which proposals are worth an alignment: what both sides hold in common at all, wherever it stands.

Most proposals are no copies. What tells a copy has some lexemes in a row, and many of its lexemes close together in
shingles that the other side has as well (`index.telling`); both are told from sets, at a hundredth of an alignment's cost.
"""

import numba
import numpy as np
import numpy.typing as npt

from index.alignment import Region
from index.information import Weights
from index.lexer import Hashes
from index.telling import ENOUGH_BITS, LEAST_BITS, LEAST_RUN

# Of the copies with a fifth of their lexemes edited, none had fewer than 54 lexemes in shingles left whole.
_LEAST_IN_SHINGLES = 48
# That many lie so close together in whatever is similar enough to be told.
_CLOSE = 96
_SHINGLE = 3
_SEEN = (1 << 14) - 1


def is_worth_aligning(query: Hashes, most: Weights, reference: Hashes, where: Region, certain: int) -> bool:
    """Tell whether a region may hold a copy, or `certain` equal lexemes in a row; `most` is what lexemes weigh at most."""
    return _may_tell(
        query[where.query.start : where.query.stop],
        most[where.query.start : where.query.stop],
        reference[where.reference.start : where.reference.stop],
        _SHINGLE,
        _LEAST_IN_SHINGLES,
        certain - LEAST_RUN + 1,
    )


@numba.njit(cache=True, nogil=True)
def _may_tell(query: Hashes, most: Weights, reference: Hashes, shingle: int, least: int, certain: int) -> bool:
    longest = _longest_row(query, reference, LEAST_RUN)
    if longest >= certain:
        return True
    if not longest:
        return False
    seen = _seen(reference, shingle)
    count, bits = 0, 0.0
    held = np.zeros(len(query), np.bool_)
    done = 0
    for i in range(len(query)):
        if i + shingle <= len(query) and seen[_hash(query, i, shingle)]:
            for at in range(max(i, done), i + shingle):
                held[at] = True
            done = i + shingle
        if held[i]:
            count += 1
            bits += most[i]
        if i >= _CLOSE and held[i - _CLOSE]:
            count -= 1
            bits -= most[i - _CLOSE]
        if count >= least and bits >= LEAST_BITS and bits + count >= ENOUGH_BITS:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _longest_row(query: Hashes, reference: Hashes, shingle: int) -> int:
    """Return how many shingles of the query in a row the reference has, at most."""
    seen = _seen(reference, shingle)
    longest, row = 0, 0
    for i in range(len(query) - shingle + 1):
        row = row + 1 if seen[_hash(query, i, shingle)] else 0
        longest = max(longest, row)
    return longest


@numba.njit(cache=True, nogil=True)
def _seen(lexemes: Hashes, shingle: int) -> npt.NDArray[np.bool_]:
    seen = np.zeros(_SEEN + 1, np.bool_)
    for i in range(len(lexemes) - shingle + 1):
        seen[_hash(lexemes, i, shingle)] = True
    return seen


@numba.njit(cache=True, nogil=True)
def _hash(lexemes: Hashes, at: int, shingle: int) -> np.uint64:
    value = np.uint64(0)
    for step in range(shingle):
        value = (value ^ np.uint64(lexemes[at + step])) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(29)
    return value & np.uint64(_SEEN)
