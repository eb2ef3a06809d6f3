"""Postings: which windows of the reference have a band key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numba
import numpy as np
import numpy.typing as npt

from index.lsh import Keys
from index.segment import Segment


@dataclass(frozen=True, slots=True)
class Postings:
    """What a store answers to a list of keys.

    `totals` int64: postings of each key in the whole store. The other arrays have one element a posting returned:
    `asked` the position of its key in the list, `segments` and `windows` where it stands.
    """

    totals: npt.NDArray[np.int64]
    asked: npt.NDArray[np.int32]
    segments: npt.NDArray[np.int32]
    windows: npt.NDArray[np.uint32]


class PostingStore(Protocol):
    """Somewhere postings are kept: local segments by default."""

    def lookup(self, keys: Keys, at_most: int) -> Postings:
        """Return the postings of `keys`, no more than `at_most` of each key and segment."""
        ...


class SegmentPostings:
    """The postings of a set of local segments, read in place."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments

    def lookup(self, keys: Keys, at_most: int) -> Postings:
        """Return the postings of `keys`, no more than `at_most` of each key and segment."""
        totals = np.zeros(len(keys), np.int64)
        asked: list[npt.NDArray[np.int32]] = []
        segments: list[npt.NDArray[np.int32]] = []
        windows: list[npt.NDArray[np.uint32]] = []
        for number, segment in enumerate(self._segments):
            found, where = _lookup(
                keys, segment.directory, segment.remainders, segment.windows, segment.slot_bits, at_most, totals
            )
            asked.append(found)
            windows.append(where)
            segments.append(np.full(len(found), number, np.int32))
        return Postings(
            totals,
            np.concatenate(asked) if asked else np.empty(0, np.int32),
            np.concatenate(segments) if segments else np.empty(0, np.int32),
            np.concatenate(windows) if windows else np.empty(0, np.uint32),
        )


@numba.njit(cache=True, nogil=True)
def _range(
    key: np.uint64, directory: npt.NDArray[np.uint32], remainders: npt.NDArray[np.uint16], slot_bits: int
) -> tuple[int, int]:
    slot = np.int64(key >> np.uint64(64 - slot_bits))
    remainder = np.uint16((key >> np.uint64(48 - slot_bits)) & np.uint64(0xFFFF))
    low, high = np.int64(directory[slot]), np.int64(directory[slot + 1])
    end = high
    while low < high:
        middle = (low + high) // 2
        if remainders[middle] < remainder:
            low = middle + 1
        else:
            high = middle
    last = low
    while last < end and remainders[last] == remainder:
        last += 1
    return int(low), int(last)


@numba.njit(cache=True, nogil=True)
def _lookup(
    keys: Keys,
    directory: npt.NDArray[np.uint32],
    remainders: npt.NDArray[np.uint16],
    windows: npt.NDArray[np.uint32],
    slot_bits: int,
    at_most: int,
    totals: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint32]]:
    begins = np.empty(len(keys), np.int64)
    ends = np.empty(len(keys), np.int64)
    count = 0
    for i in range(len(keys)):
        begin, end = _range(keys[i], directory, remainders, slot_bits)
        totals[i] += end - begin
        begins[i], ends[i] = begin, min(end, begin + at_most)
        count += ends[i] - begin
    asked = np.empty(count, np.int32)
    found = np.empty(count, np.uint32)
    at = 0
    for i in range(len(keys)):
        for posting in range(begins[i], ends[i]):
            asked[at] = i
            found[at] = windows[posting]
            at += 1
    return asked, found
