"""Bars that stand in the rows of a table, so that the chart can be read as one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_MOST_BARS: Final = 12
_REST: Final = "all others"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, what it counts, its width in percent of the longest."""

    label: str
    count: int
    width: float


def bars(labels: Iterable[str]) -> tuple[Bar, ...]:
    """Return a bar for each label, the most frequent first; what is behind the twelfth is one bar together."""
    counted = sorted(Counter(labels).items(), key=lambda item: (-item[1], item[0]))
    shown = counted[:_MOST_BARS]
    rest = sum(count for _, count in counted[_MOST_BARS:])
    if rest:
        shown.append((_REST, rest))
    longest = max((count for _, count in shown), default=1)
    return tuple(Bar(label, count, round(100 * count / longest, 2)) for label, count in shown)
