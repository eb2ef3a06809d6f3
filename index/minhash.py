"""Shingles and sliding MinHash: the signature of every window, computed together.

The permutations are datasketch's own (scheme affine32), so a window's signature equals `datasketch.MinHash` over its
shingles, value for value. Minima of overlapping windows come from prefix and suffix minima of blocks (van Herk 1992,
Gil and Werman 1993): three comparisons a shingle and permutation, whatever the window's length.
"""

from functools import cache

import numba
import numpy as np
import numpy.typing as npt
from datasketch import MinHash

from index.lexer import Hashes
from index.lsh import ViewParams

Signatures = npt.NDArray[np.uint32]
Permutations = npt.NDArray[np.uint32]

_LANES = 8


@cache
def permutations(count: int, seed: int) -> Permutations:
    """Return datasketch's multipliers and addends for `count` permutations, shape (2, count)."""
    multipliers, addends = MinHash(num_perm=count, seed=seed, scheme="affine32").permutations
    return np.array([multipliers, addends], dtype=np.uint32)


@numba.njit(cache=True, nogil=True)
def shingle_hashes(lexemes: Hashes, shingle: int) -> Hashes:
    """Return one 32-bit hash for every `shingle` lexemes in a row; empty when there are fewer lexemes."""
    count = max(0, len(lexemes) - shingle + 1)
    shingles = np.empty(count, np.uint32)
    for i in range(count):
        value = np.uint32(0)
        for j in range(shingle):
            value = np.uint32(value * np.uint32(0x01000193) + lexemes[i + j])
            value ^= value >> np.uint32(15)
        shingles[i] = value
    return shingles


@numba.njit(cache=True, nogil=True)
def _premix(shingles: Hashes) -> Hashes:
    mixed = np.empty(len(shingles), np.uint32)
    for i in range(len(shingles)):
        value = shingles[i]
        value ^= value >> np.uint32(16)
        value = np.uint32(value * np.uint32(0x85EBCA6B))
        value ^= value >> np.uint32(13)
        value = np.uint32(value * np.uint32(0xC2B2AE35))
        mixed[i] = value ^ (value >> np.uint32(16))
    return mixed


@numba.njit(cache=True, nogil=True)
def window_starts(shingles: int, window: int, stride: int) -> npt.NDArray[np.int64]:
    """Return where windows begin: every `stride` shingles, and once at the very end of the text."""
    if shingles < window:
        return np.empty(0, np.int64)
    last = shingles - window
    count = last // stride + 1
    tail = 1 if last % stride else 0
    starts = np.empty(count + tail, np.int64)
    for i in range(count):
        starts[i] = i * stride
    if tail:
        starts[count] = last
    return starts


@numba.njit(cache=True, nogil=True)
def _signatures(mixed: Hashes, family: Permutations, window: int, starts: npt.NDArray[np.int64]) -> Signatures:
    """Return the minima of windows from those of blocks as long as a window, all permutations side by side."""
    lanes = family.shape[1]
    multipliers, addends = family[0], family[1]
    result = np.empty((len(starts), lanes), np.uint32)
    suffix = np.empty((window, lanes), np.uint32)
    prefix = np.empty((window, lanes), np.uint32)
    values = np.empty((window, lanes), np.uint32)
    at = 0
    for block in range(0, len(mixed), window):
        size = min(window, len(mixed) - block)
        for i in range(size):
            value = mixed[block + i]
            for p in range(lanes):
                values[i, p] = multipliers[p] * value + addends[p]
        for p in range(lanes):
            prefix[0, p] = values[0, p]
        for i in range(1, size):
            for p in range(lanes):
                prefix[i, p] = min(prefix[i - 1, p], values[i, p])
        # Windows that began in the block before end in this one.
        while at < len(starts) and starts[at] < block and starts[at] + window <= block + size:
            offset = starts[at] + window - block
            for p in range(lanes):
                result[at, p] = min(suffix[offset, p], prefix[offset - 1, p])
            at += 1
        for p in range(lanes):
            suffix[size - 1, p] = values[size - 1, p]
        for i in range(size - 2, -1, -1):
            for p in range(lanes):
                suffix[i, p] = min(suffix[i + 1, p], values[i, p])
        if at < len(starts) and starts[at] == block and size == window:
            for p in range(lanes):
                result[at, p] = suffix[0, p]
            at += 1
    return result


def signatures(shingles: Hashes, view: ViewParams, seed: int, stride: int) -> Signatures:
    """Return the signatures of the windows that begin every `stride` shingles, shape (windows, permutations)."""
    starts = window_starts(len(shingles), view.window, stride)
    if not len(starts):
        return np.empty((0, view.permutations), np.uint32)
    signed = _signatures(_premix(shingles), _lanes(view.permutations, seed), view.window, starts)
    return np.ascontiguousarray(signed[:, : view.permutations])


@cache
def _lanes(count: int, seed: int) -> Permutations:
    """Return the permutations, with idle ones up to a multiple of 8: whole vectors are computed faster than parts."""
    return np.pad(permutations(count, seed), ((0, 0), (0, -count % _LANES)))
