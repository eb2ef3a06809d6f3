"""Collects the postings of one segment and sorts them for lookup.

A posting is one word while it is collected, the first 40 bits of its key before the 24 of its cell: one word sorts
several times faster than an argsort of keys, and takes less room.
"""

from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

from index.segment_format import CELL_BITS, REMAINDER_BITS
from index.windows import CROWDED_POSTINGS, ReferenceKeys

_POSTINGS_PER_SLOT: Final = 32
_COUNTED_BITS: Final = 24
_MOST_SLOT_BITS: Final = 64 - REMAINDER_BITS - CELL_BITS
# No search reads more, and a window all of whose keys are crowded has its verbatim key.
_MOST_POSTINGS_OF_A_KEY: Final = 64

Words = npt.NDArray[np.uint64]


class PostingBuilder:
    """The postings of contents as they are added, and at last their sections."""

    def __init__(self) -> None:
        self._words: Words = np.empty(1 << 16, np.uint64)
        self._size = 0
        self._bands: list[npt.NDArray[np.uint32]] = []
        self._verbatim: list[Words] = []

    def add(self, found: ReferenceKeys, base: int, stride: int) -> None:
        """Keep the keys of one content, whose cells of `stride` lexemes are numbered from `base`."""
        self._put(_words(found.keys, found.firsts, base, stride))
        self._bands.append((found.bands >> np.uint64(64 - _COUNTED_BITS)).astype(np.uint32))
        self._verbatim.append(_words(found.verbatim, found.starts, base, stride))

    def sections(self) -> dict[str, npt.NDArray[Any]]:
        """Return the sections of a segment that hold its postings; nothing can be added any more."""
        counts = _counts(self._words[: self._size])
        for bands, verbatim in zip(self._bands, self._verbatim, strict=True):
            self._put(verbatim[_crowded(counts, bands)])
        words = self._words[: self._size]
        words.sort()
        slot_bits = int(np.clip((len(words) // _POSTINGS_PER_SLOT).bit_length(), 4, _MOST_SLOT_BITS))
        directory = np.zeros((1 << slot_bits) + 1, np.uint32)
        remainders = np.empty(len(words), np.uint16)
        low, high = np.empty(len(words), np.uint16), np.empty(len(words), np.uint8)
        kept = _written(words, slot_bits, directory, remainders, low, high)
        return {
            "directory": directory,
            "remainders": remainders[:kept],
            "cells_low": low[:kept],
            "cells_high": high[:kept],
        }

    def _put(self, words: Words) -> None:
        end = self._size + len(words)
        if end > len(self._words):
            more = np.empty(2 * end, np.uint64)
            more[: self._size] = self._words[: self._size]
            self._words = more
        self._words[self._size : end] = words
        self._size = end


@numba.njit(cache=True, nogil=True)
def _words(keys: Words, firsts: npt.NDArray[np.int64], base: int, stride: int) -> Words:
    words = np.empty(len(keys), np.uint64)
    for i in range(len(keys)):
        words[i] = (keys[i] >> np.uint64(CELL_BITS) << np.uint64(CELL_BITS)) | np.uint64(base + firsts[i] // stride)
    return words


@numba.njit(cache=True, nogil=True)
def _counts(words: Words) -> npt.NDArray[np.uint8]:
    """Return how many postings begin with the same bits, no further than it takes to be crowded."""
    counts = np.zeros(1 << _COUNTED_BITS, np.uint8)
    for word in words:
        bucket = word >> np.uint64(64 - _COUNTED_BITS)
        if counts[bucket] <= CROWDED_POSTINGS:
            counts[bucket] += 1
    return counts


@numba.njit(cache=True, nogil=True)
def _crowded(counts: npt.NDArray[np.uint8], bands: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Tell which windows have no band key that is rare in this segment."""
    crowded = np.ones(len(bands), np.bool_)
    for window in range(len(bands)):
        for band in range(bands.shape[1]):
            if counts[bands[window, band]] <= CROWDED_POSTINGS:
                crowded[window] = False
                break
    return crowded


@numba.njit(cache=True, nogil=True)
def _written(
    words: Words,
    slot_bits: int,
    directory: npt.NDArray[np.uint32],
    remainders: npt.NDArray[np.uint16],
    low: npt.NDArray[np.uint16],
    high: npt.NDArray[np.uint8],
) -> int:
    """Write sorted postings, each once, of a key that stands everywhere some from everywhere; return how many."""
    unkept = np.uint64(64 - slot_bits - REMAINDER_BITS)
    size = 0
    begin = 0
    while begin < len(words):
        key = words[begin] >> unkept
        end = begin + 1
        while end < len(words) and words[end] >> unkept == key:
            end += 1
        step = max(1, (end - begin) // _MOST_POSTINGS_OF_A_KEY)
        for at in range(begin, end, step):
            if at > begin and words[at] == words[at - 1]:
                continue
            remainders[size] = np.uint16(key & np.uint64(0xFFFF))
            low[size] = np.uint16(words[at] & np.uint64(0xFFFF))
            high[size] = np.uint8((words[at] >> np.uint64(16)) & np.uint64(0xFF))
            size += 1
        directory[np.int64(key >> np.uint64(REMAINDER_BITS)) + 1] = size
        begin = end
    for slot in range(1, len(directory)):
        directory[slot] = max(directory[slot], directory[slot - 1])
    return size
