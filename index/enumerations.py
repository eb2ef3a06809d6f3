"""Which lexemes only go on from the ones before: numbers and letters that count, and lists in alphabetical order.

What a language or a library has, listed, and `case 'a': case 'b':` are no one's code.
"""

import numba
import numpy as np
import numpy.typing as npt

from index.lexer import Positions

# So many items one behind the other in order: of other code that is true once in some ten thousand places.
_LEAST_ITEMS = 8
_LEAST_STEPS = 3
# Marks between two items, such as quotes and a comma.
_MOST_BETWEEN = 4
_COMPARED = 3
# So many lexemes back the number or the letter before may stand.
_COUNTED_BACK = 8
_LEAST_STEPS_OF_A_COUNT = 2
_MOST_DIGITS = 6


@numba.njit(cache=True, nogil=True)
def in_order(text: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> npt.NDArray[np.bool_]:
    """Return for each lexeme whether it is an item of a list in alphabetical order, shape (n,)."""
    flags = np.zeros(len(starts), np.bool_)
    items = np.empty(len(starts), np.int32)
    size, steps = 0, 0
    for i in range(len(starts)):
        if not _is_item(text[starts[i]]):
            continue
        step = -1
        if size and 1 < i - items[size - 1] <= _MOST_BETWEEN + 1:
            step = _compared(text, starts, ends, items[size - 1], i)
        if step < 0:
            if size >= _LEAST_ITEMS and steps >= _LEAST_STEPS:
                flags[items[:size]] = True
            size, steps = 0, 0
        items[size] = i
        size += 1
        steps += max(step, 0)
    if size >= _LEAST_ITEMS and steps >= _LEAST_STEPS:
        flags[items[:size]] = True
    return flags


@numba.njit(cache=True, nogil=True)
def _is_item(byte: int) -> bool:
    return byte >= 128 or byte == 95 or 65 <= byte <= 90 or 97 <= byte <= 122


@numba.njit(cache=True, nogil=True)
def _compared(text: npt.NDArray[np.uint8], starts: Positions, ends: Positions, one: int, other: int) -> int:
    """Return 1 where the first letters of the second come later in the alphabet, 0 where they are the same, else -1."""
    for at in range(_COMPARED):
        first = _letter(text, starts[one] + at, ends[one])
        second = _letter(text, starts[other] + at, ends[other])
        if first != second:
            return 1 if second > first else -1
    return 0


@numba.njit(cache=True, nogil=True)
def _letter(text: npt.NDArray[np.uint8], at: int, end: int) -> int:
    if at >= end:
        return 0
    byte = int(text[at])
    return byte + 32 if 65 <= byte <= 90 else byte


@numba.njit(cache=True, nogil=True)
def counted_on(text: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> npt.NDArray[np.bool_]:
    """Return for each lexeme whether it goes on counting, numbers or letters, from two before it, shape (n,)."""
    flags = np.zeros(len(starts), np.bool_)
    _flag_counting(text, starts, ends, flags, True)
    _flag_counting(text, starts, ends, flags, False)
    return flags


@numba.njit(cache=True, nogil=True)
def _flag_counting(
    text: npt.NDArray[np.uint8], starts: Positions, ends: Positions, flags: npt.NDArray[np.bool_], letters: bool
) -> None:
    last, last_at, steps = -2, -_COUNTED_BACK - 1, 0
    for i in range(len(starts)):
        byte = int(text[starts[i]])
        value = -2
        if letters and ends[i] - starts[i] == 1 and _is_item(byte):
            value = byte
        elif not letters and 48 <= byte <= 57 and ends[i] - starts[i] <= _MOST_DIGITS:
            value = _number(text, starts[i], ends[i])
        if value < 0:
            continue
        steps = steps + 1 if value == last + 1 and i - last_at <= _COUNTED_BACK else 0
        flags[i] |= steps >= _LEAST_STEPS_OF_A_COUNT
        last, last_at = value, i


@numba.njit(cache=True, nogil=True)
def _number(text: npt.NDArray[np.uint8], start: int, end: int) -> int:
    """Return the value of decimal digits, -2 where there are others."""
    value = 0
    for at in range(start, end):
        if not 48 <= text[at] <= 57:
            return -2
        value = value * 10 + int(text[at]) - 48
    return value
