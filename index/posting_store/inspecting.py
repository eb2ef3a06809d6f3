"""How a store stands beside the index whose postings it keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.errors import UnusableStore
from index.posting_store.fetching import Fetcher
from index.posting_store.layout import SHELF_SLOTS, SHELVES
from index.posting_store.ledger import LEDGER, LEDGER_SLOT, Ledger, generation_of
from index.segment import Segment


@dataclass(frozen=True, slots=True)
class StoreState:
    """What a store holds, and lacks.

    Of the index's segments `missing` are not in it; of its shelves `unreachable` ones do not answer, and `forgotten`
    ones hold less than they should.
    """

    segments: int
    postings: int
    missing: int
    unreachable: int
    forgotten: int

    @property
    def whole(self) -> bool:
        """Whether every search can ask all of it."""
        return not (self.missing or self.unreachable or self.forgotten)


def inspected(url: str, segments: Sequence[Segment]) -> StoreState:
    """Ask a store for its ledger and every shelf; raises PostingsUnreachable, and UnusableStore for an empty one."""
    fetcher = Fetcher(url)
    try:
        stored = fetcher.get(LEDGER, LEDGER_SLOT)
        if stored is None:
            raise UnusableStore("no postings are in the store yet: run `attrib index load-postings`.")
        ledger = Ledger.from_bytes(stored)
        marks = [ledger.layout.mark_of(shelf) for shelf in range(SHELVES)]
        fetched = fetcher.fetch(SHELF_SLOTS, marks)
    finally:
        fetcher.close()
    held = [one.since for segment in segments if (one := ledger.segments.get(segment.name)) is not None]
    needed = max(held, default=0)
    lacking = sum(generation_of(marked) < needed for marked in fetched.values)
    unanswered = fetched.values.count(None) if not fetched.answered else 0
    return StoreState(
        segments=len(ledger.segments),
        postings=ledger.postings,
        missing=len(segments) - len(held),
        unreachable=unanswered,
        forgotten=lacking - unanswered,
    )
