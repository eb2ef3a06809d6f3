"""Bytes to lexemes: what is compared, and where each one stands.

A lexeme is a maximal run of word bytes (letters, digits, `_`, bytes >= 0x80) or one other visible byte. Equal
punctuation bytes in a row count once, whatever white space stands between, so layout, line ends and rules of dashes
vanish. The lexer keeps no state across lexemes: any cut of a file lexes as the file does, but for its two ends.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

LEXER_VERSION = 1

Hashes = npt.NDArray[np.uint32]
Positions = npt.NDArray[np.int32]

_SPACE, _WORD, _PUNCTUATION = 0, 1, 2
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _byte_classes() -> npt.NDArray[np.uint8]:
    classes = np.full(256, _PUNCTUATION, np.uint8)
    classes[:33] = _SPACE
    classes[127] = _SPACE
    classes[128:] = _WORD
    for byte in b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        classes[byte] = _WORD
    return classes


_CLASSES = _byte_classes()


@dataclass(frozen=True, slots=True)
class Lexemes:
    """The lexemes of one text, as arrays of one length n.

    `hashes` uint32; `starts` and `ends` byte offsets (half-open); `lines` the 1-based line of each start.
    """

    hashes: Hashes
    starts: Positions
    ends: Positions
    lines: Positions

    def __len__(self) -> int:
        return len(self.hashes)


@numba.njit(cache=True, nogil=True)
def _count(text: npt.NDArray[np.uint8], classes: npt.NDArray[np.uint8]) -> int:
    count = 0
    previous = 0
    in_word = False
    for byte in text:
        kind = classes[byte]
        if kind == 0:
            in_word = False
        elif kind == 1:
            if not in_word:
                count += 1
            in_word = True
            previous = 0
        else:
            in_word = False
            if byte != previous:
                count += 1
            previous = byte
    return count


@numba.njit(cache=True, nogil=True)
def _fill(
    text: npt.NDArray[np.uint8],
    classes: npt.NDArray[np.uint8],
    hashes: Hashes,
    starts: Positions,
    ends: Positions,
    lines: Positions,
) -> None:
    prime = np.uint32(16777619)
    basis = np.uint32(2166136261)
    size = len(text)
    line = 1
    at = -1
    previous = 0
    i = 0
    while i < size:
        byte = text[i]
        kind = classes[byte]
        if kind == 1:
            value = basis
            begin = i
            while i < size and classes[text[i]] == 1:
                value = np.uint32((value ^ np.uint32(text[i])) * prime)
                i += 1
            at += 1
            starts[at] = begin
            ends[at] = i
            lines[at] = line
            previous = 0
        elif kind == 2:
            if byte == previous:
                ends[at] = i + 1
                i += 1
                continue
            at += 1
            starts[at] = i
            ends[at] = i + 1
            lines[at] = line
            previous = byte
            i += 1
            value = np.uint32((basis ^ np.uint32(byte)) * prime)
        else:
            if byte == 10 or (byte == 13 and not (i + 1 < size and text[i + 1] == 10)):
                line += 1
            i += 1
            continue
        value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
        hashes[at] = value ^ (value >> np.uint32(13))


def lex(text: bytes) -> Lexemes:
    """Return the lexemes of a text of at most 2 GiB; any bytes are text, a byte order mark is none."""
    offset = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0
    data = np.frombuffer(text, np.uint8)[offset:]
    count = _count(data, _CLASSES)
    lexemes = Lexemes(
        np.empty(count, np.uint32), np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
    )
    _fill(data, _CLASSES, lexemes.hashes, lexemes.starts, lexemes.ends, lexemes.lines)
    if offset:
        np.add(lexemes.starts, offset, out=lexemes.starts)
        np.add(lexemes.ends, offset, out=lexemes.ends)
    return lexemes


def last_line(text: bytes, lexemes: Lexemes, last: int) -> int:
    """Return the 1-based line on which lexeme number `last` ends; folded punctuation may run over several."""
    start, end = int(lexemes.starts[last]), int(lexemes.ends[last])
    inside = text[start:end]
    breaks = inside.count(b"\n") + inside.count(b"\r") - inside.count(b"\r\n")
    return int(lexemes.lines[last]) + breaks
