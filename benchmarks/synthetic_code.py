"""Code that nobody wrote, with the statistics of code that somebody did: real files whose own words are other words.

Keywords and the commonest words of open source code stay, and so do layout, punctuation, numbers and the lengths of
words; every other word is exchanged, letter for letter, by a rule of its own in each file.
"""

import csv
from importlib.resources import files

import numba
import numpy as np
import numpy.typing as npt

from index.keywords import KEYWORDS
from index.lexer import Hashes, Lexemes, lex


def _kept_words() -> Hashes:
    table = files("index").joinpath("lexeme_shares.csv").read_text(encoding="utf-8")
    common = [row[0] for row in csv.reader(table.splitlines()) if row[0].isidentifier()]
    return np.unique(lex(" ".join([*KEYWORDS, *common]).encode()).hashes)


_KEPT = _kept_words()


def rewritten(text: bytes, seed: int) -> bytes:
    """Return a text with its own words exchanged; the same seed gives the same words."""
    data = np.frombuffer(text, np.uint8).copy()
    lexemes: Lexemes = lex(text)
    _rewrite(data, lexemes.hashes, lexemes.starts, lexemes.ends, _KEPT, np.uint32(seed))
    return data.tobytes()


@numba.njit(cache=True, nogil=True)
def _rewrite(
    data: npt.NDArray[np.uint8],
    hashes: Hashes,
    starts: npt.NDArray[np.int32],
    ends: npt.NDArray[np.int32],
    kept: Hashes,
    seed: np.uint32,
) -> None:
    for i in range(len(hashes)):
        at = np.searchsorted(kept, hashes[i])
        if at < len(kept) and kept[at] == hashes[i]:
            continue
        shift = np.uint32((hashes[i] ^ seed) * np.uint32(0x9E3779B1))
        for position in range(starts[i], ends[i]):
            byte = data[position]
            shift = np.uint32(shift * np.uint32(1664525) + np.uint32(1013904223))
            step = (shift >> np.uint32(24)) % np.uint32(26)
            if 97 <= byte <= 122:
                data[position] = np.uint8(97 + (byte - 97 + step) % 26)
            elif 65 <= byte <= 90:
                data[position] = np.uint8(65 + (byte - 65 + step) % 26)
