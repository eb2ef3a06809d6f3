"""Loading the postings of segments into a store, and taking those out that the index has no longer.

Buckets are written in order, each whole, so that a load which is interrupted goes on where it was. It counts only once
the servers that stood at its beginning stand at its end: one that fell over may have forgotten what it had
acknowledged, and then all is written once more. After that each shelf is marked, and last the ledger changes. Readers
see the old state or the new one.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from index.errors import DamagedSegment, PostingsUnreachable
from index.posting_store.buckets import key_bits, packed, without
from index.posting_store.ledger import CURSOR, LEDGER, UNFINISHED, WRITER, Ledger
from index.posting_store.planning import IndexedSegment, planned, without_gone
from index.posting_store.writing import StoreWriter
from index.segment import Segment

_BUCKETS_AT_ONCE: Final = 2048
_LOCK_SECONDS: Final = 120.0
_MOST_PASSES: Final = 5

# Called with (buckets written so far, buckets to be written).
LoadProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load came to, and what the store holds now.

    `superfluous` segments are in the store and not in the index; `passes` counts how often the buckets were written.
    """

    segments: int
    postings: int
    loaded: int
    pruned: int
    superfluous: int
    buckets: int
    passes: int
    seconds: float


def load(
    url: str,
    segments: Sequence[Segment],
    *,
    prune: bool = False,
    rebuild: bool = False,
    progress: LoadProgress | None = None,
) -> LoadReport:
    """Bring the postings of all segments of an index into a store; those that are there already stay as they are.

    With `prune` what the index has no longer is taken out; who still serves an older revision of it then answers
    incompletely. With `rebuild` everything is loaded anew. Raises PostingsUnreachable, PostingsBusy, UnusableStore,
    and DamagedSegment before anything of such a segment is written.
    """
    begun = time.monotonic()
    store = StoreWriter(url)
    try:
        with store.locked(WRITER, _LOCK_SECONDS) as keep_lock:
            load = _Load(store, segments, progress, keep_lock)
            try:
                loaded = load.run(prune, rebuild)
            except _Forgotten:
                loaded = load.run(prune, rebuild=True)
    finally:
        store.close()
    return replace(loaded, seconds=time.monotonic() - begun)


class _Forgotten(Exception):
    """A server no longer has what the ledger says: everything is to be loaded anew."""


class _Load:
    """One load: what is to be brought, to where, and how it is kept that nobody else writes."""

    def __init__(
        self,
        store: StoreWriter,
        segments: Sequence[Segment],
        progress: LoadProgress | None,
        keep_lock: Callable[[], None],
    ) -> None:
        self._store = store
        self._segments = segments
        self._indexed = {one.name: IndexedSegment(key_bits(one), len(one.remainders)) for one in segments}
        self._progress = progress
        self._keep_lock = keep_lock

    def run(self, prune: bool, rebuild: bool) -> LoadReport:
        current = self._ledger(LEDGER)
        before = len(current.segments) if current else 0
        if prune and current is not None:
            current = self._pruned(current)
        pruned = before - (len(current.segments) if current else 0)
        missing = current is None or not self._indexed.keys() <= current.segments.keys()
        if current is not None and not (missing or rebuild or current.leaving):
            self._require_marked(current)
        loaded = passes = 0
        if current is None or missing or rebuild or current.leaving:
            coming = planned(current, self._ledger(UNFINISHED), self._indexed, rebuild=rebuild)
            new = {name: one.number for name, one in coming.segments.items() if one.since == coming.generation}
            loaded = len(new)
            passes = self._written(current, coming, new)
            current = self._finished(coming)
        held = current.segments
        superfluous = len(held.keys() - self._indexed.keys())
        return LoadReport(
            len(held), current.postings, loaded, pruned, superfluous, current.layout.buckets, passes, seconds=0.0
        )

    def _pruned(self, current: Ledger) -> Ledger:
        kept = without_gone(current, self._indexed)
        if kept is not current:
            self._require_marked(current)
            # Said and marked before anything goes, so that nobody takes what is gone for what never was.
            self._store.set([LEDGER], [kept.as_bytes()])
            self._store.mark(kept)
        return kept

    def _written(self, current: Ledger | None, coming: Ledger, new: Mapping[str, int]) -> int:
        """Write every bucket, more than once where a server did not stand throughout; return how often."""
        numbered = [(new[one.name], one) for one in self._segments if one.name in new]
        for _, segment in numbered:
            if segment.damaged_sections():
                raise DamagedSegment(f"segment {segment.name} is damaged: run `attrib index verify --mend`.")
        begin, standing = self._resumed(coming)
        beside = current is not None and current.layout == coming.layout
        for passes in range(1, _MOST_PASSES + 1):
            standing = standing or self._store.standing()
            if beside and current is not None:
                self._require_marked(current)
            for start in range(begin, coming.layout.buckets, _BUCKETS_AT_ONCE):
                self._note(coming, start, standing)
                self._write(
                    coming, numbered, range(start, min(start + _BUCKETS_AT_ONCE, coming.layout.buckets)), beside
                )
                self._keep_lock()
            if self._store.standing() == standing:
                return passes
            begin, standing = 0, []
        raise PostingsUnreachable("the servers of the postings fall over again and again: nothing changed, try later.")

    def _write(self, coming: Ledger, numbered: Sequence[tuple[int, Segment]], buckets: range, beside: bool) -> None:
        """Write some buckets whole; `beside` what of other segments stands there already."""
        if self._progress:
            self._progress(buckets.start, coming.layout.buckets)
        keys = coming.layout.keys_of(np.arange(buckets.start, buckets.stop))
        values = packed(numbered, coming.layout, buckets)
        if not beside:
            self._store.set(keys, values)
            return
        stored = [_there(value) for value in self._store.get(keys)]
        kept = without(stored, [*coming.leaving, *(number for number, _ in numbered)], coming.layout)
        written = [old + new for old, new in zip(kept, values, strict=True)]
        changed = [place for place, value in enumerate(written) if value != stored[place]]
        self._store.set([keys[place] for place in changed], [written[place] for place in changed])

    def _finished(self, coming: Ledger) -> Ledger:
        """Make what was written what the store holds, and delete what nobody reads any more."""
        whole = replace(coming, leaving=())
        if self._progress:
            self._progress(coming.layout.buckets, coming.layout.buckets)
        self._store.mark(whole)
        self._store.set([LEDGER], [whole.as_bytes()])
        self._store.delete([UNFINISHED, CURSOR])
        if not whole.retired:
            return whole
        for layout in whole.retired:
            self._store.delete_layout(layout)
            self._keep_lock()
        clean = replace(whole, retired=())
        self._store.set([LEDGER], [clean.as_bytes()])
        return clean

    def _require_marked(self, current: Ledger) -> None:
        if not self._store.is_marked(current):
            raise _Forgotten

    def _ledger(self, key: bytes) -> Ledger | None:
        (stored,) = self._store.get([key])
        return None if stored is None else Ledger.from_bytes(stored)

    def _resumed(self, coming: Ledger) -> tuple[int, list[str]]:
        """Return where an interrupted load of the same had come to, and on which servers; else the beginning."""
        (noted,) = self._store.get([CURSOR])
        if noted is not None:
            told = json.loads(noted)
            if (told["layout"], told["generation"]) == (coming.layout.name, coming.generation):
                return told["bucket"], told["standing"]
        self._store.set([UNFINISHED], [coming.as_bytes()])
        return 0, []

    def _note(self, coming: Ledger, bucket: int, standing: Sequence[str]) -> None:
        told = {
            "layout": coming.layout.name,
            "generation": coming.generation,
            "bucket": bucket,
            "standing": list(standing),
        }
        self._store.set([CURSOR], [json.dumps(told).encode()])


def _there(value: bytes | None) -> bytes:
    if value is None:
        raise _Forgotten
    return value
