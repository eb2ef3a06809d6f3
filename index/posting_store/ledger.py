"""What a store holds: the segments whose postings are in it, and how far that can be believed of each shelf.

Every change of what is held is a generation. Each shelf has a mark that names the generation up to which it is whole:
a server that fell back to an older copy of its data shows an older mark, one that lost it has none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from index.posting_store.layout import Layout, slot_of

LEDGER: Final = b"attrib:{postings}:ledger"
LEDGER_SLOT: Final = slot_of(b"postings")
UNFINISHED: Final = b"attrib:{postings}:unfinished"
CURSOR: Final = b"attrib:{postings}:cursor"
WRITER: Final = "attrib:{postings}:writer"


@dataclass(frozen=True, slots=True)
class HeldSegment:
    """A segment in the store: its number there, the bits of a key it resolves, its postings, held `since` when."""

    number: int
    key_bits: int
    postings: int
    since: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The store's list of what it holds; `leaving` are numbers whose records have yet to go, `retired` whole layouts.

    A number is never given twice within a layout.
    """

    layout: Layout
    generation: int
    next_number: int
    segments: Mapping[str, HeldSegment]
    leaving: tuple[int, ...] = ()
    retired: tuple[Layout, ...] = ()

    @property
    def postings(self) -> int:
        """How many postings all the segments have."""
        return sum(segment.postings for segment in self.segments.values())

    def as_bytes(self) -> bytes:
        """Return the ledger as it is stored."""
        told: dict[str, Any] = {
            "layout": [self.layout.name, self.layout.bits],
            "generation": self.generation,
            "next_number": self.next_number,
            "segments": {
                name: [one.number, one.key_bits, one.postings, one.since] for name, one in self.segments.items()
            },
            "leaving": list(self.leaving),
            "retired": [[layout.name, layout.bits] for layout in self.retired],
        }
        return json.dumps(told).encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what `as_bytes` returned."""
        told = json.loads(stored)
        return cls(
            Layout(*told["layout"]),
            told["generation"],
            told["next_number"],
            {name: HeldSegment(*one) for name, one in told["segments"].items()},
            tuple(told["leaving"]),
            tuple(Layout(*one) for one in told["retired"]),
        )


def mark(generation: int) -> bytes:
    """Return what a shelf is marked with."""
    return b"%d" % generation


def generation_of(marked: bytes | None) -> int:
    """Return the generation that a mark names; -1 where there is no mark to be read."""
    return int(marked) if marked is not None and marked.isdigit() else -1
