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
def _fill(
    text: npt.NDArray[np.uint8],
    classes: npt.NDArray[np.uint8],
    hashes: Hashes,
    starts: Positions,
    ends: Positions,
    lines: Positions,
) -> int:
    """Write the lexemes of a text, and return how many there are."""
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
    return at + 1


def lex(text: bytes) -> Lexemes:
    """Return the lexemes of a text of at most 2 GiB; any bytes are text, a byte order mark is none."""
    offset = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0
    data = np.frombuffer(text, np.uint8)[offset:]
    # Room for as many lexemes as there are bytes costs less than counting them first: what is not written is no page.
    room = _room(len(data))
    count = _fill(data, _CLASSES, room.hashes, room.starts, room.ends, room.lines)
    lexemes = Lexemes(
        room.hashes[:count].copy(), room.starts[:count].copy(), room.ends[:count].copy(), room.lines[:count].copy()
    )
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


class GrowingLexemes:
    """The lexemes of a growing text that no further piece can change: all but the last one."""

    def __init__(self) -> None:
        self._text = np.empty(1024, np.uint8)
        self._room = _room(256)
        self._bytes = 0
        self._size = 0
        self._begin = 0
        self._line = 1

    @property
    def hashes(self) -> Hashes:
        """Their hashes."""
        return self._room.hashes[: self._size]

    @property
    def known(self) -> Lexemes:
        """All that is known of them."""
        room, size = self._room, self._size
        return Lexemes(room.hashes[:size], room.starts[:size], room.ends[:size], room.lines[:size])

    def feed(self, piece: bytes) -> None:
        """Take the next piece, and read on from the lexeme that was the last one."""
        end = self._bytes + len(piece)
        if end > len(self._text):
            self._text = np.concatenate([self._text[: self._bytes], np.empty(2 * end, np.uint8)])
        self._text[self._bytes : end] = np.frombuffer(piece, np.uint8)
        self._bytes = end
        most = self._size + end - self._begin
        if most > len(self._room):
            room, known = _room(2 * most), self.known
            for new, old in ((room.hashes, known.hashes), (room.starts, known.starts), (room.ends, known.ends)):
                new[: self._size] = old
            room.lines[: self._size] = known.lines
            self._room = room
        self._read(self._text[self._begin : end])

    def _read(self, text: npt.NDArray[np.uint8]) -> None:
        room, size, begin, line = self._room, self._size, self._begin, self._line
        starts, ends, lines = room.starts[size:], room.ends[size:], room.lines[size:]
        found = _fill(text, _CLASSES, room.hashes[size:], starts, ends, lines)
        if found > 1:
            self._begin += int(starts[found - 1])
            self._line += int(lines[found - 1]) - 1
            self._size += found - 1
        starts[:found] += np.int32(begin)
        ends[:found] += np.int32(begin)
        lines[:found] += np.int32(line - 1)


def _room(size: int) -> Lexemes:
    starts, ends, lines = (np.empty(size, np.int32) for _ in range(3))
    return Lexemes(np.empty(size, np.uint32), starts, ends, lines)
