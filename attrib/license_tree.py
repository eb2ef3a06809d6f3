"""Licence expressions as trees: licences, with or without an exception, joined by AND and OR."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Operator = Literal["AND", "OR"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One licence, an SPDX id or LicenseRef, and the exception granted beside it (None: none)."""

    license: str
    exception: str | None = None

    def __str__(self) -> str:
        return self.license if self.exception is None else f"{self.license} WITH {self.exception}"

    def leaves(self) -> Iterator["Leaf"]:
        """Yield itself."""
        yield self


@dataclass(frozen=True, slots=True)
class Joined:
    """Two parts or more, all different, all of which apply (AND) or one of which is taken (OR)."""

    operator: Operator
    parts: tuple["Leaf | Joined", ...]

    def __str__(self) -> str:
        return f" {self.operator} ".join(f"({part})" if isinstance(part, Joined) else str(part) for part in self.parts)

    def leaves(self) -> Iterator[Leaf]:
        """Yield its licences in the order they are written, repetitions included."""
        for part in self.parts:
            yield from part.leaves()


Tree = Leaf | Joined


def join(operator: Operator, parts: Iterable[Tree]) -> Tree:
    """Join parts in their order; what is joined by the same operator already is taken in, repetitions fall away."""
    flat: dict[Tree, None] = {}
    for part in parts:
        same = isinstance(part, Joined) and part.operator == operator
        flat.update(dict.fromkeys(part.parts if same and isinstance(part, Joined) else (part,)))
    every = tuple(flat)
    return every[0] if len(every) == 1 else Joined(operator, every)
