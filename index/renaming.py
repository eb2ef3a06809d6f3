"""The renamed view: what is left of code when every name and every literal may be another.

Lexemes become tokens: names, numbers and strings keep only their kind, comments vanish, words that follow each other
(prose, mostly) count as one. A shingle then tells of each name only where it stood last inside the shingle (the
"prev" encoding of parameterised strings: Baker, "Parameterized pattern matching", 1996), so two pieces of code whose
names are consistently exchanged have the same shingles.

Strings and comments are recognised inside a line, so that any cut of a file reads as the file does but for its ends.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from index.keywords import KEYWORDS
from index.lexer import Hashes, Lexemes, Positions, lex

RENAMING_VERSION = 1

NAME, NUMBER, STRING, KEYWORD, MARK = 1, 2, 3, 4, 5
Kinds = npt.NDArray[np.uint8]

_BUCKET = 0xFFFF


def _keyword_table() -> tuple[Hashes, npt.NDArray[np.uint8]]:
    hashes = np.sort(lex(" ".join(sorted(KEYWORDS)).encode()).hashes)
    buckets = np.zeros(_BUCKET + 1, np.uint8)
    buckets[hashes & _BUCKET] = 1
    return hashes, buckets


_KEYWORD_HASHES, _KEYWORD_BUCKETS = _keyword_table()


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text in the renamed view, as arrays of one length.

    `kinds` NAME, NUMBER, STRING, KEYWORD or MARK (punctuation); `hashes` the lexeme's hash, of a string its quote's;
    `lexemes` the number of the lexeme each token stands for, ascending.
    """

    kinds: Kinds
    hashes: Hashes
    lexemes: Positions

    def __len__(self) -> int:
        return len(self.kinds)


def tokens(text: bytes, lexemes: Lexemes) -> Tokens:
    """Return the tokens of a text whose lexemes are given; the text must be what they were read from."""
    count = len(lexemes)
    found = Tokens(np.empty(count, np.uint8), np.empty(count, np.uint32), np.empty(count, np.int32))
    data = np.frombuffer(text, np.uint8)
    size = _tokenise(
        data,
        lexemes.hashes,
        lexemes.starts,
        lexemes.ends,
        lexemes.lines,
        _KEYWORD_HASHES,
        _KEYWORD_BUCKETS,
        found.kinds,
        found.hashes,
        found.lexemes,
    )
    return Tokens(found.kinds[:size], found.hashes[:size], found.lexemes[:size])


@numba.njit(cache=True, nogil=True)
def canonical_shingles(kinds: Kinds, hashes: Hashes, shingle: int) -> Hashes:
    """Return one 32-bit hash for every `shingle` tokens in a row, equal for all consistent renamings of them."""
    count = max(0, len(kinds) - shingle + 1)
    codes = np.empty(len(kinds), np.uint32)
    back = np.zeros(len(kinds), np.int32)
    for i in range(len(kinds)):
        if kinds[i] == NAME:
            for distance in range(1, min(shingle, i + 1)):
                if hashes[i - distance] == hashes[i] and kinds[i - distance] == NAME:
                    back[i] = distance
                    break
            codes[i] = np.uint32(0x8000 + back[i])
        elif kinds[i] == NUMBER or kinds[i] == STRING:
            codes[i] = np.uint32(0x4000 + kinds[i])
        else:
            codes[i] = hashes[i]
    shingles = np.empty(count, np.uint32)
    for i in range(count):
        value = np.uint32(0)
        for j in range(shingle):
            code = codes[i + j]
            if back[i + j] > j:
                code = np.uint32(0x8000)
            value = np.uint32((value ^ code) * np.uint32(0x9E3779B1))
            value ^= value >> np.uint32(15)
        shingles[i] = value
    return shingles


@numba.njit(cache=True, nogil=True)
def is_keyword(value: np.uint32, hashes: Hashes, buckets: npt.NDArray[np.uint8]) -> bool:
    """Tell whether a lexeme's hash is that of a keyword of some language."""
    if not buckets[value & np.uint32(_BUCKET)]:
        return False
    at = np.searchsorted(hashes, value)
    return bool(at < len(hashes) and hashes[at] == value)


@numba.njit(cache=True, nogil=True)
def _escaped(text: npt.NDArray[np.uint8], position: int) -> bool:
    backslashes = 0
    while position - backslashes > 0 and text[position - backslashes - 1] == 92:
        backslashes += 1
    return backslashes % 2 == 1


@numba.njit(cache=True, nogil=True)
def _count_byte(text: npt.NDArray[np.uint8], start: int, end: int) -> int:
    byte = text[start]
    count = 0
    for i in range(start, end):
        if text[i] == byte:
            count += 1
    return count


@numba.njit(cache=True, nogil=True)
def _string_end(
    text: npt.NDArray[np.uint8], hashes: Hashes, starts: Positions, ends: Positions, lines: Positions, opening: int
) -> int:
    """Return the lexeme behind a string that closes on its line; `opening` itself where it does not.

    Quotes of neighbouring strings are one lexeme: a pair of them closes one string and opens the next.
    """
    quotes = _count_byte(text, starts[opening], ends[opening])
    if quotes == 2:
        return opening + 1
    line = lines[opening]
    at = opening + 1
    while at < len(hashes) and lines[at] == line:
        if hashes[at] == hashes[opening] and not _escaped(text, starts[at]):
            closing = _count_byte(text, starts[at], ends[at])
            if quotes >= 3 or closing != 2:
                return at + 1
            # It closed and another opened, perhaps on the next line.
            if at + 1 < len(hashes):
                line = lines[at + 1]
        at += 1
    return opening


@numba.njit(cache=True, nogil=True)
def _tokenise(
    text: npt.NDArray[np.uint8],
    hashes: Hashes,
    starts: Positions,
    ends: Positions,
    lines: Positions,
    keyword_hashes: Hashes,
    keyword_buckets: npt.NDArray[np.uint8],
    kinds: Kinds,
    names: Hashes,
    positions: Positions,
) -> int:
    count = len(hashes)
    size = 0
    in_words = False
    i = 0
    while i < count:
        start = starts[i]
        byte = text[start]
        if byte >= 128 or byte == 95 or 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122:
            if is_keyword(hashes[i], keyword_hashes, keyword_buckets):
                in_words = False
                kind = KEYWORD
            else:
                kind = NUMBER if 48 <= byte <= 57 else NAME
                if in_words:
                    size -= 1
                in_words = True
            kinds[size], names[size], positions[size] = kind, hashes[i], i
            size += 1
            i += 1
            continue
        after = i
        if byte == 35 and (start == 0 or text[start - 1] <= 32):  # "#" that begins a word begins a comment
            while after < count and lines[after] == lines[i]:
                after += 1
        elif byte == 47 and start + 1 < len(text) and text[start + 1] == 47 and not (start and text[start - 1] == 58):
            while after < count and lines[after] == lines[i]:  # "//", but not that of an address
                after += 1
        elif byte == 47 and start + 1 < len(text) and text[start + 1] == 42:  # "/*" to "*/"
            after = i + 2
            while after < count and not (text[starts[after]] == 47 and text[starts[after] - 1] == 42):
                after += 1
            after = min(after + 1, count)
        if after > i:
            i = after
            continue
        in_words = False
        if byte == 34 or byte == 39 or byte == 96:
            after = _string_end(text, hashes, starts, ends, lines, i)
            if after > i or _count_byte(text, start, ends[i]) >= 3:
                kinds[size], names[size], positions[size] = STRING, hashes[i], i
                size += 1
                i = max(after, i + 1)
                continue
        kinds[size], names[size], positions[size] = MARK, hashes[i], i
        size += 1
        i += 1
    return size
