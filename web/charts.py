"""Geometry of the charts: numbers become bars and columns that a template draws as SVG, beside their tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 720
HEIGHT = 150
GAP = 0.25
"""The part of a column's place that stays empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart: `share` is of all there is, in percent; `width` of the longest bar, in percent."""

    label: str
    value: int
    share: float
    width: float
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a column, in the units of the drawing."""

    tone: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Day:
    """A day as the table beside the chart has it; `counts` are in the order of the chart's tones."""

    day: date
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of stacked columns, one a day; `marks` are the days that stand below it, each with its middle."""

    tones: tuple[str, ...]
    blocks: tuple[Block, ...]
    days: tuple[Day, ...]
    highest: int
    marks: tuple[tuple[float, date], ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def total(self) -> int:
        """The sum of all days."""
        return sum(day.total for day in self.days)


def bars(
    rows: Sequence[tuple[str, int, str | None]], most: int, rest: str, whole: int | None = None
) -> tuple[Bar, ...]:
    """Return the largest rows, given largest first as (label, value, address), and all others as one row called `rest`.

    `whole` is what the shares are of; the sum of the rows where it is not given.
    """
    shown = list(rows) if len(rows) <= most else list(rows[: most - 1])
    left = sum(value for _, value, _ in rows[len(shown) :])
    if left:
        shown.append((f"{rest} ({len(rows) - len(shown):,})", left, None))
    all_of_it = whole or sum(value for _, value, _ in rows)
    longest = max((value for _, value, _ in shown), default=0)
    return tuple(
        Bar(
            label,
            value,
            100 * value / all_of_it if all_of_it else 0.0,
            round(100 * value / longest, 2) if longest else 0.0,
            address,
        )
        for label, value, address in shown
    )


def columns(
    counts: Mapping[tuple[date, str], int], tones: Sequence[str], first: date, last: date, mark_every: int = 7
) -> Columns:
    """Stack the counts of every day from `first` to `last`, in the order of the tones from the bottom up."""
    days = list(_days(first, last))
    rows = []
    for day in days:
        values = tuple(counts.get((day, tone), 0) for tone in tones)
        rows.append(Day(day, values, sum(values)))
    highest = max((row.total for row in rows), default=0)
    place = WIDTH / max(len(days), 1)
    blocks = []
    for number, row in enumerate(rows):
        top = float(HEIGHT)
        for tone, value in zip(tones, row.counts, strict=True):
            if value:
                height = HEIGHT * value / highest
                top -= height
                x = place * (number + GAP / 2)
                blocks.append(Block(tone, round(x, 2), round(top, 2), round(place * (1 - GAP), 2), round(height, 2)))
    marks = [(round(place * (number + 0.5), 2), day) for number, day in enumerate(days)]
    return Columns(tuple(tones), tuple(blocks), tuple(rows), highest, tuple(reversed(marks[::-1][::mark_every])))


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
