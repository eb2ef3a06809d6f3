"""Which keys stand in no segment at all: one bit asked instead of a search in each of the segments.

Of the keys of code that nobody copied, five in six stand nowhere.
"""

from collections.abc import Sequence
from typing import Self

import numba
import numpy as np
import numpy.typing as npt

from index.lsh import Keys
from index.segment import Segment

_FEWEST_BITS = 16
# 64 MB: beyond some 200 million keys the filter lets most of them pass.
_MOST_BITS = 29
_BITS_OF_A_KEY = 8


class KeyFilter:
    """A bit for each beginning of a key, set where some segment has a key that begins so."""

    def __init__(self, bits: npt.NDArray[np.uint8], length: int) -> None:
        self._bits = bits
        self._length = length

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> Self:
        """Return the filter of some segments, reading all their keys: about 2 ns each."""
        postings = sum(len(segment.remainders) for segment in segments)
        length = min(max((_BITS_OF_A_KEY * postings).bit_length() - 1, _FEWEST_BITS), _MOST_BITS)
        bits = np.zeros(1 << (length - 3), np.uint8)
        for segment in segments:
            _set(bits, length, segment.directory, segment.remainders, segment.slot_bits)
        return cls(bits, length)

    def possible(self, keys: Keys) -> npt.NDArray[np.int64]:
        """Return the positions of the keys that may stand in a segment."""
        return _possible(self._bits, self._length, keys)


@numba.njit(cache=True, nogil=True)
def _set(
    bits: npt.NDArray[np.uint8],
    length: int,
    directory: npt.NDArray[np.uint32],
    remainders: npt.NDArray[np.uint16],
    slot_bits: int,
) -> None:
    """Set the bits of one segment's keys; of a small one too little of a key is known, then all that it may be."""
    known = slot_bits + 16
    for slot in range(len(directory) - 1):
        for at in range(min(directory[slot], len(remainders)), min(directory[slot + 1], len(remainders))):
            begin = (np.uint64(slot) << np.uint64(16)) | np.uint64(remainders[at])
            if known >= length:
                place = begin >> np.uint64(known - length)
                bits[place >> np.uint64(3)] |= np.uint8(1 << (place & np.uint64(7)))
            else:
                first = begin << np.uint64(length - known)
                for offset in range(1 << (length - known)):
                    place = first + np.uint64(offset)
                    bits[place >> np.uint64(3)] |= np.uint8(1 << (place & np.uint64(7)))


@numba.njit(cache=True, nogil=True)
def _possible(bits: npt.NDArray[np.uint8], length: int, keys: Keys) -> npt.NDArray[np.int64]:
    found = np.empty(len(keys), np.int64)
    count = 0
    for i in range(len(keys)):
        place = keys[i] >> np.uint64(64 - length)
        found[count] = i
        count += (bits[place >> np.uint64(3)] >> (place & np.uint64(7))) & np.uint64(1)
    return found[:count]
