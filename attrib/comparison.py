"""Sets the lines of an output beside the lines of its reference; names that were exchanged are no difference."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio

PIECES = re.compile(r"\w+|\s+|[^\w\s]")

PAIRED_CELLS = 10_000
"""Largest changed block, in left lines times right lines, whose lines are paired by likeness."""

PAIRED_LENGTH = 2_000
"""Longest line, in characters, that is compared inside."""

ALIKE = 40.0
"""Least likeness, in percent, at which two differing lines are shown as one changed line."""


class RowState(StrEnum):
    """How the two sides of a row differ."""

    SAME = "same"
    RENAMED = "renamed"
    CHANGED = "changed"
    LEFT = "left"
    RIGHT = "right"


Range = tuple[int, int]

Names = Mapping[str, str]
"""Names on the left, and what the right calls them."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A name in half-open columns of one side, and what it is called on the other."""

    start: int
    end: int
    other: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the comparison; numbers are 1-based, a missing side is None.

    `left_changes` and `right_changes` are half-open column ranges in which a changed row differs; `left_names` and
    `right_names` are the names that stand for each other in it.
    """

    state: RowState
    left_number: int | None
    left_text: str | None
    right_number: int | None
    right_text: str | None
    left_changes: tuple[Range, ...] = ()
    right_changes: tuple[Range, ...] = ()
    left_names: tuple[Exchanged, ...] = ()
    right_names: tuple[Exchanged, ...] = ()


_NO_NAMES: Names = MappingProxyType({})


def compare(
    left: Sequence[str],
    right: Sequence[str],
    *,
    left_start: int = 1,
    right_start: int = 1,
    names: Names = _NO_NAMES,
) -> list[Row]:
    """Align two runs of lines; lines that differ only in surrounding white space are the same.

    Every line of both sides stands in exactly one row, in its own order. `names` of the left are read as what the
    right calls them.
    """
    rows: list[Row] = []
    stripped_right = [line.strip() for line in right]
    stripped_left = _read_as(
        [line.strip() for line in left], frozenset(stripped_right), lambda line: _renamed(line, names)
    )
    for tag, left_from, left_to, right_from, right_to in _blocks(stripped_left, stripped_right):
        if tag == "equal":
            pairs: Iterator[tuple[int | None, int | None]] = zip(
                range(left_from, left_to), range(right_from, right_to), strict=True
            )
        else:
            pairs = _paired(stripped_left, stripped_right, range(left_from, left_to), range(right_from, right_to))
        for at_left, at_right in pairs:
            rows.append(_row(left, right, at_left, at_right, left_start, right_start, names))
    return rows


def _renamed(line: str, names: Names) -> str:
    return PIECES.sub(lambda piece: names.get(piece[0], piece[0]), line) if names else line


def _read_as(texts: Sequence[str], there: Collection[str], renamed: Callable[[str], str]) -> list[str]:
    """Return texts under the other side's names; what stands there as it is was not renamed here."""
    read = []
    for text in texts:
        under_other_names = renamed(text)
        read.append(text if text in there and under_other_names not in there else under_other_names)
    return read


def _blocks(left: list[str], right: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield blocks of equal and of differing lines; neighbouring insertions and deletions are one block."""
    open_block: tuple[int, int] | None = None
    at_left = at_right = 0
    for operation in Indel.opcodes(left, right):
        if operation.tag == "equal":
            if open_block is not None:
                yield "differ", open_block[0], operation.src_start, open_block[1], operation.dest_start
                open_block = None
            yield "equal", operation.src_start, operation.src_end, operation.dest_start, operation.dest_end
        elif open_block is None:
            open_block = operation.src_start, operation.dest_start
        at_left, at_right = operation.src_end, operation.dest_end
    if open_block is not None:
        yield "differ", open_block[0], at_left, open_block[1], at_right


def _paired(
    left: list[str], right: list[str], left_block: range, right_block: range
) -> Iterator[tuple[int | None, int | None]]:
    """Yield the pairs of a differing block, most alike lines together, both orders kept (Needleman-Wunsch)."""
    height, width = len(left_block), len(right_block)
    if height * width > PAIRED_CELLS or height * width == 0:
        alike = min(height, width)
        yield from zip(left_block[:alike], right_block[:alike], strict=True)
        yield from ((line, None) for line in left_block[alike:])
        yield from ((None, line) for line in right_block[alike:])
        return
    likeness = [[_likeness(left[row], right[column]) for column in right_block] for row in left_block]
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for row in range(height - 1, -1, -1):
        for column in range(width - 1, -1, -1):
            best[row][column] = max(
                best[row + 1][column],
                best[row][column + 1],
                best[row + 1][column + 1] + likeness[row][column],
            )
    row = column = 0
    while row < height and column < width:
        together = likeness[row][column]
        if together > 0 and best[row][column] == best[row + 1][column + 1] + together:
            yield left_block[row], right_block[column]
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            yield left_block[row], None
            row += 1
        else:
            yield None, right_block[column]
            column += 1
    yield from ((line, None) for line in left_block[row:])
    yield from ((None, line) for line in right_block[column:])


def _likeness(left: str, right: str) -> float:
    """Return the likeness of two lines in percent, 0 where it is too small to show them as one."""
    if not left or not right:
        return 0.0
    score = ratio(left[:PAIRED_LENGTH], right[:PAIRED_LENGTH])
    return score if score >= ALIKE else 0.0


def _row(
    left: Sequence[str],
    right: Sequence[str],
    at_left: int | None,
    at_right: int | None,
    left_start: int,
    right_start: int,
    names: Names,
) -> Row:
    left_text = None if at_left is None else left[at_left]
    right_text = None if at_right is None else right[at_right]
    differences = _NO_DIFFERENCES
    if left_text is None:
        state = RowState.RIGHT
    elif right_text is None:
        state = RowState.LEFT
    elif left_text.strip() == right_text.strip():
        state = RowState.SAME
    else:
        differences = _differences(left_text, right_text, names)
        only_names = not differences.left_changes and not differences.right_changes
        state = RowState.RENAMED if only_names else RowState.CHANGED
    return Row(
        state,
        None if at_left is None else left_start + at_left,
        left_text,
        None if at_right is None else right_start + at_right,
        right_text,
        differences.left_changes,
        differences.right_changes,
        differences.left_names,
        differences.right_names,
    )


@dataclass(frozen=True, slots=True)
class _Differences:
    left_changes: tuple[Range, ...] = ()
    right_changes: tuple[Range, ...] = ()
    left_names: tuple[Exchanged, ...] = ()
    right_names: tuple[Exchanged, ...] = ()


_NO_DIFFERENCES = _Differences()


def _differences(left: str, right: str, names: Names) -> _Differences:
    """Return where two lines differ and where they only use other names, white space around them left aside."""
    if max(len(left), len(right)) > PAIRED_LENGTH:
        return _Differences(((0, len(left)),), ((0, len(right)),))
    left_indent, right_indent = (len(line) - len(line.lstrip()) for line in (left, right))
    left_pieces, right_pieces = PIECES.findall(left.strip()), PIECES.findall(right.strip())
    left_at, right_at = _columns(left_pieces, left_indent), _columns(right_pieces, right_indent)
    left_changes: list[Range] = []
    right_changes: list[Range] = []
    left_names: list[Exchanged] = []
    right_names: list[Exchanged] = []
    read = _read_as(left_pieces, frozenset(right_pieces), lambda piece: names.get(piece, piece))
    for operation in Indel.opcodes(read, right_pieces):
        if operation.tag != "equal":
            _add(left_changes, left_at[operation.src_start], left_at[operation.src_end])
            _add(right_changes, right_at[operation.dest_start], right_at[operation.dest_end])
            continue
        for here, there in zip(
            range(operation.src_start, operation.src_end),
            range(operation.dest_start, operation.dest_end),
            strict=True,
        ):
            ours, theirs = left_pieces[here], right_pieces[there]
            if ours != theirs:
                left_names.append(Exchanged(left_at[here], left_at[here + 1], theirs))
                right_names.append(Exchanged(right_at[there], right_at[there + 1], ours))
    return _Differences(tuple(left_changes), tuple(right_changes), tuple(left_names), tuple(right_names))


def _columns(pieces: list[str], start: int) -> list[int]:
    columns = [start]
    for piece in pieces:
        columns.append(columns[-1] + len(piece))
    return columns


def _add(ranges: list[Range], start: int, end: int) -> None:
    """Append a range, joined to the one before where they touch."""
    if start == end:
        return
    if ranges and ranges[-1][1] == start:
        ranges[-1] = ranges[-1][0], end
    else:
        ranges.append((start, end))
