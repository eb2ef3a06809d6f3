"""Postings: in which cells of the reference windows with a band key begin."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numba
import numpy as np
import numpy.typing as npt

from index.key_filter import KeyFilter
from index.lsh import Keys
from index.segment import Segment

# So many postings are read into a filter in the time that one key is sought in one segment.
_POSTINGS_FILTERED_IN_A_SEARCH = 10


@dataclass(frozen=True, slots=True)
class Postings:
    """What a store answers to a list of keys.

    `totals` int64: postings of each key in the whole store. The other arrays have one element a posting returned:
    `asked` the position of its key in the list, `segments` and `cells` where it stands. An answer is not `complete`
    where part of the store could not be asked: of what it lacks nothing is known.
    """

    totals: npt.NDArray[np.int64]
    asked: npt.NDArray[np.int32]
    segments: npt.NDArray[np.int32]
    cells: npt.NDArray[np.uint32]
    complete: bool = True


class PostingStore(Protocol):
    """Somewhere postings are kept: local segments by default."""

    def lookup(self, keys: Keys, at_most: int) -> Postings:
        """Return the postings of `keys`, about `at_most` of a key that has more, spread over all of them."""
        ...


class WatchedPostings:
    """A store as one search asks it; `complete` until an answer was not."""

    def __init__(self, store: PostingStore) -> None:
        self._store = store
        self.complete = True

    def lookup(self, keys: Keys, at_most: int) -> Postings:
        """Return what the store does."""
        found = self._store.lookup(keys, at_most)
        self.complete = self.complete and found.complete
        return found


class SegmentPostings:
    """The postings of a set of local segments, read in place."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._postings = sum(len(segment.remainders) for segment in segments)
        self._searches = 0
        self._filter: KeyFilter | None = None
        self._building = threading.Lock()

    def lookup(self, keys: Keys, at_most: int) -> Postings:
        """Return the postings of `keys`, about `at_most` of a key that has more, spread over all of them."""
        chosen = self._possible(keys)
        asked = keys[chosen]
        begins = np.empty((len(self._segments), len(asked)), np.int64)
        ends = np.empty_like(begins)
        for number, segment in enumerate(self._segments):
            _ranges(asked, segment.directory, segment.remainders, segment.slot_bits, begins[number], ends[number])
        running = np.cumsum(ends - begins, axis=0)
        totals = np.zeros(len(keys), np.int64)
        if not len(running):
            return Postings(totals, np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint32))
        totals[chosen] = running[-1]
        steps = np.maximum(1, running[-1] // at_most)
        # Every step-th posting of a key is taken, counted through all segments.
        begins += np.minimum(-(running - (ends - begins)) % steps, ends - begins)
        found = [
            _collected(begins[number], ends[number], steps, segment.cells_low, segment.cells_high)
            for number, segment in enumerate(self._segments)
        ]
        return Postings(
            totals,
            chosen[np.concatenate([positions for positions, _ in found])].astype(np.int32),
            np.repeat(np.arange(len(found), dtype=np.int32), [len(positions) for positions, _ in found]),
            np.concatenate([cells for _, cells in found]),
        )

    def _possible(self, keys: Keys) -> npt.NDArray[np.int64]:
        """Return the positions of keys that may stand somewhere: all, until a filter has paid for itself."""
        if self._filter is None:
            self._searches += len(keys) * len(self._segments)
            if self._searches * _POSTINGS_FILTERED_IN_A_SEARCH < self._postings:
                return np.arange(len(keys))
            with self._building:
                if self._filter is None:
                    self._filter = KeyFilter.of(self._segments)
        return self._filter.possible(keys)


@numba.njit(cache=True, nogil=True)
def _ranges(
    keys: Keys,
    directory: npt.NDArray[np.uint32],
    remainders: npt.NDArray[np.uint16],
    slot_bits: int,
    begins: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> None:
    """Write where the postings of each key begin and end in one segment; a damaged directory leads nowhere."""
    size = len(remainders)
    for i in range(len(keys)):
        slot = np.int64(keys[i] >> np.uint64(64 - slot_bits))
        remainder = np.uint16((keys[i] >> np.uint64(48 - slot_bits)) & np.uint64(0xFFFF))
        low = min(int(directory[slot]), size)
        high = min(int(directory[slot + 1]), size)
        end = high
        while low < high:
            middle = (low + high) // 2
            if remainders[middle] < remainder:
                low = middle + 1
            else:
                high = middle
        begins[i] = low
        while low < end and remainders[low] == remainder:
            low += 1
        ends[i] = low


@numba.njit(cache=True, nogil=True)
def _collected(
    begins: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    steps: npt.NDArray[np.int64],
    cells_low: npt.NDArray[np.uint16],
    cells_high: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint32]]:
    count = 0
    for i in range(len(begins)):
        count += (ends[i] - begins[i] + steps[i] - 1) // steps[i]
    asked = np.empty(count, np.int32)
    found = np.empty(count, np.uint32)
    at = 0
    for i in range(len(begins)):
        for posting in range(begins[i], ends[i], steps[i]):
            asked[at] = i
            found[at] = np.uint32(cells_low[posting]) | (np.uint32(cells_high[posting]) << np.uint32(16))
            at += 1
    return asked, found
