"""What a load has to do, told from what the store holds and what the index has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from index.posting_store.layout import Layout
from index.posting_store.ledger import HeldSegment, Ledger


@dataclass(frozen=True, slots=True)
class IndexedSegment:
    """What a ledger will say of a segment of the index: the bits of a key that it resolves, and its postings."""

    key_bits: int
    postings: int


def planned(
    current: Ledger | None, unfinished: Ledger | None, indexed: Mapping[str, IndexedSegment], *, rebuild: bool
) -> Ledger:
    """Return the ledger as it will be once the segments of the index are in the store beside those that are there.

    Where the buckets would be of the wrong size, or all is to be loaded anew, that is in a layout of its own. A load
    that was interrupted is gone on with where it still leads to what the index has.
    """
    total = sum(segment.postings for segment in indexed.values())
    kept = {} if current is None or rebuild else current.segments
    held = sum(segment.postings for name, segment in kept.items() if name not in indexed)
    fresh = current is None or rebuild or not current.layout.fits(total + held)
    if unfinished is not None and unfinished.segments.keys() == (indexed.keys() if fresh else kept.keys() | indexed):
        begun_fresh = current is None or unfinished.layout != current.layout
        if fresh == begun_fresh and (not fresh or unfinished.layout.fits(total)):
            return unfinished
    generation = max(ledger.generation for ledger in (current, unfinished, _NONE) if ledger is not None) + 1
    if current is None or fresh:
        retired = {layout for ledger in (current, unfinished) if ledger for layout in (ledger.layout, *ledger.retired)}
        empty = Ledger(Layout.for_postings(total), generation, 0, {}, (), tuple(retired))
        return _with(empty, indexed)
    begun = unfinished if unfinished is not None and unfinished.layout == current.layout else current
    # What an interrupted load had begun to write, and is not wanted any more.
    stray = {one.number for name, one in begun.segments.items() if name not in current.segments}
    base = replace(
        current,
        generation=generation,
        next_number=max(current.next_number, begun.next_number),
        leaving=tuple(sorted({*current.leaving, *begun.leaving, *stray})),
        retired=tuple({*current.retired, *begun.retired, *_abandoned(current, unfinished)}),
    )
    return _with(base, {name: one for name, one in indexed.items() if name not in current.segments})


def without_gone(ledger: Ledger, indexed: Mapping[str, IndexedSegment]) -> Ledger:
    """Return a ledger without the segments that the index has no longer, whose records have to leave."""
    gone = {one.number for name, one in ledger.segments.items() if name not in indexed}
    if not gone:
        return ledger
    return replace(
        ledger,
        generation=ledger.generation + 1,
        segments={name: one for name, one in ledger.segments.items() if name in indexed},
        leaving=tuple(sorted({*ledger.leaving, *gone})),
    )


def _abandoned(current: Ledger, unfinished: Ledger | None) -> tuple[Layout, ...]:
    return () if unfinished is None or unfinished.layout == current.layout else (unfinished.layout, *unfinished.retired)


def _with(base: Ledger, added: Mapping[str, IndexedSegment]) -> Ledger:
    numbered = {
        name: HeldSegment(base.next_number + place, one.key_bits, one.postings, base.generation)
        for place, (name, one) in enumerate(added.items())
    }
    return replace(base, next_number=base.next_number + len(numbered), segments={**base.segments, **numbered})


_NONE = Ledger(Layout("", 0), 0, 0, {})
