"""Texts that everybody has word for word: licences, their disclaimers, filler. Whoever holds them copied no code.

They stand in strings, in pages and in docstrings, too, where no comment tells them apart. `index/known_texts.csv` holds
the hashes of every three words in a row of them; `benchmarks/known_texts.py` writes it. Punctuation and single letters
are passed over, so that marks of comments, of strings and of pages between the words make no difference.
"""

import csv
from functools import cache
from importlib.resources import files

import numba
import numpy as np
import numpy.typing as npt

from index.lexer import Hashes, Positions, lex

_WORDS = 3
_BUCKETS = 1 << 16
_SHORTEST = 2


def known_words(text: bytes, hashes: Hashes, starts: Positions, ends: Positions) -> npt.NDArray[np.bool_]:
    """Return for each lexeme of a text whether it is a word of a known text, shape (n,)."""
    shingles, buckets = _known_shingles()
    flags = np.zeros(len(hashes), np.bool_)
    _shingles(np.frombuffer(text, np.uint8), hashes, starts, ends, shingles, buckets, flags)
    return flags


def word_shingles(text: bytes) -> Hashes:
    """Return the hash of every three words in a row of a text, in order."""
    lexemes = lex(text)
    none = np.zeros(0, np.uint32)
    flags = np.zeros(len(lexemes), np.bool_)
    data = np.frombuffer(text, np.uint8)
    found = _shingles(data, lexemes.hashes, lexemes.starts, lexemes.ends, none, np.zeros(_BUCKETS, np.bool_), flags)
    return found


@cache
def _known_shingles() -> tuple[Hashes, npt.NDArray[np.bool_]]:
    table = files("index").joinpath("known_texts.csv").read_text(encoding="utf-8")
    shingles = np.sort(np.array([value for row in csv.reader(table.splitlines()) for value in row], np.uint32))
    buckets = np.zeros(_BUCKETS, np.bool_)
    buckets[shingles & (_BUCKETS - 1)] = True
    return shingles, buckets


@numba.njit(cache=True, nogil=True)
def _is_word(text: npt.NDArray[np.uint8], start: int, end: int) -> bool:
    byte = text[start]
    return end - start >= _SHORTEST and (byte >= 128 or 65 <= byte <= 90 or 97 <= byte <= 122)


@numba.njit(cache=True, nogil=True)
def _shingles(
    text: npt.NDArray[np.uint8],
    hashes: Hashes,
    starts: Positions,
    ends: Positions,
    known: Hashes,
    buckets: npt.NDArray[np.bool_],
    flags: npt.NDArray[np.bool_],
) -> Hashes:
    """Return the shingles of the words, and flag those words that lie in a known one."""
    found = np.empty(len(hashes), np.uint32)
    recent = np.zeros(_WORDS, np.int64)
    words = 0
    for i in range(len(hashes)):
        if not _is_word(text, starts[i], ends[i]):
            continue
        recent[words % _WORDS] = i
        words += 1
        if words < _WORDS:
            continue
        value = np.uint32(0)
        for back in range(_WORDS):
            value = np.uint32((value ^ hashes[recent[(words + back) % _WORDS]]) * np.uint32(0x9E3779B1))
            value ^= value >> np.uint32(15)
        found[words - _WORDS] = value
        if buckets[value & np.uint32(_BUCKETS - 1)]:
            at = np.searchsorted(known, value)
            if at < len(known) and known[at] == value:
                for place in recent:
                    flags[place] = True
    return found[: max(0, words - _WORDS + 1)]
