"""The postings of a set of segments, looked up in a store on other machines; see `index.posting_store`."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from index.errors import PostingsUnreachable
from index.lsh import Keys
from index.posting_store.buckets import Found, look_up
from index.posting_store.fetching import Fetcher
from index.posting_store.layout import Layout, Numbers
from index.posting_store.ledger import LEDGER, LEDGER_SLOT, Ledger, generation_of
from index.postings import Postings
from index.segment import Segment

# A ledger that does not hold all that is asked for is read again after so long.
_LOOK_AGAIN_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Held:
    """What a ledger says of the open segments, by number in the store; `needed` is the mark that every shelf must have.

    `whole` is False where some segment is not in the store.
    """

    layout: Layout
    generation: int
    positions: Numbers
    resolved: Numbers
    needed: int
    whole: bool

    @classmethod
    def of(cls, ledger: Ledger, segments: Sequence[Segment]) -> Self:
        positions = np.full(ledger.next_number, -1, np.int64)
        resolved = np.zeros(ledger.next_number, np.int64)
        needed, whole = 0, True
        for position, segment in enumerate(segments):
            held = ledger.segments.get(segment.name)
            if held is None:
                whole = False
                continue
            positions[held.number] = position
            resolved[held.number] = held.key_bits
            needed = max(needed, held.since)
        return cls(ledger.layout, ledger.generation, positions, resolved, needed, whole)

    def same_as(self, other: Self) -> bool:
        """Tell whether a look-up that used one finds what it would have with the other."""
        size = min(len(self.positions), len(other.positions))
        return (
            self.layout == other.layout
            and np.array_equal(self.positions[:size], other.positions[:size])
            and bool((self.positions[size:] < 0).all() and (other.positions[size:] < 0).all())
        )


class StoredPostings:
    """The postings of open segments, of which a store holds those that were loaded into it; a `PostingStore`."""

    def __init__(self, fetcher: Fetcher, segments: Sequence[Segment]) -> None:
        self._fetcher = fetcher
        self._segments = segments
        self._held: _Held | None = None
        self._read_at = 0.0
        self._doubted = False
        self._lock = threading.Lock()

    def lookup(self, keys: Keys, at_most: int) -> Postings:
        """Return the postings of `keys`, about `at_most` of a key that has more, spread over all of them.

        The answer is not `complete` where a server, a segment or a bucket that it needs is not there; it comes in a
        second or two all the same.
        """
        held = self._current()
        if not len(keys) or not self._segments:
            return _chosen(Found(*_NOTHING, whole=True), len(keys), at_most, complete=True)
        if held is None:
            return _chosen(Found(*_NOTHING, whole=False), len(keys), at_most, complete=False)
        found, newest, complete = self._found(keys, held)
        if newest > held.generation:
            # Something was loaded or taken out meanwhile.
            newer = self._read_again()
            if newer is not None and not newer.same_as(held):
                found, newest, complete = self._found(keys, newer)
        self._doubted = not complete
        return _chosen(found, len(keys), at_most, complete=complete)

    def _found(self, keys: Keys, held: _Held) -> tuple[Found, int, bool]:
        """Return what is found, the newest generation that was seen, and whether nothing is lacking."""
        layout = held.layout
        buckets, bucket_of = np.unique(layout.buckets_of(keys), return_inverse=True)
        fetched = self._fetcher.fetch(
            layout.slots_of(buckets), layout.keys_of(buckets), lambda place: layout.mark_beside(int(buckets[place]))
        )
        values = [value or b"" for value in fetched.values]
        found = look_up(keys, bucket_of, values, layout, held.positions, held.resolved)
        marks = [generation_of(marked) for marked in fetched.marks]
        # A bucket without postings is there and empty; one that is not there was lost.
        there = fetched.answered and all(value is not None for value in fetched.values)
        whole = there and found.whole and held.whole and min(marks, default=-1) >= held.needed
        return found, max(marks, default=-1), whole

    def _current(self) -> _Held | None:
        """Return what the store is known to hold, looking again now and then where that is not everything."""
        held = self._held
        if held is not None and held.whole and not self._doubted:
            return held
        if time.monotonic() < self._read_at + _LOOK_AGAIN_SECONDS or not self._lock.acquire(blocking=held is None):
            return self._held
        try:
            if time.monotonic() >= self._read_at + _LOOK_AGAIN_SECONDS:
                self._read_again()
                self._read_at = time.monotonic()
        finally:
            self._lock.release()
        return self._held

    def _read_again(self) -> _Held | None:
        try:
            stored = self._fetcher.get(LEDGER, LEDGER_SLOT)
        except PostingsUnreachable:
            return self._held
        self._held = None if stored is None else _Held.of(Ledger.from_bytes(stored), self._segments)
        return self._held


_NOTHING = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint32))


def _chosen(found: Found, keys: int, at_most: int, complete: bool) -> Postings:
    """Return every step-th posting of a key, counted through the segments in their order, as local segments do."""
    totals: npt.NDArray[np.int64] = np.bincount(found.asked, minlength=keys).astype(np.int64)
    by_key = np.lexsort((found.segments, found.asked))
    asked, segments, cells = found.asked[by_key], found.segments[by_key], found.cells[by_key]
    rank = np.arange(len(asked)) - (np.cumsum(totals) - totals)[asked]
    taken = rank % np.maximum(1, totals // at_most)[asked] == 0
    asked, segments, cells = asked[taken], segments[taken], cells[taken]
    by_segment = np.argsort(segments, kind="stable")
    return Postings(totals, asked[by_segment], segments[by_segment], cells[by_segment], complete)
