"""Which lexemes stand in comments, by the marks of the language.

Comments weigh nothing when it is judged whether code was copied; they stay part of the text that is compared.
Docstrings are strings, and weigh. Where the language is not known nothing is taken for a comment: what marks one in one
language is code in the next (`#include`, `a // b`, `--n`), and a comment that weighs errs on the side of being seen.
"""

import numpy as np
import numpy.typing as npt

from index.comment_scan import comment_ranges
from index.languages import language_named
from index.lexer import Lexemes

_FARTHEST_LINE_START = 1000


def in_comment(text: bytes, lexemes: Lexemes, start: int, end: int, language: str) -> npt.NDArray[np.bool_]:
    """Return for the lexemes from `start` to `end` whether each lies in a comment, shape (end - start,).

    Only the text of those lexemes is read, from the start of its first line; whether that line begins in a comment
    or a string is guessed (`index.comment_starts`).
    """
    flags = np.zeros(end - start, np.bool_)
    known = language_named(language) if language else None
    if known is None or start >= end:
        return flags
    first, stop = int(lexemes.starts[start]), int(lexemes.ends[end - 1])
    farthest = max(0, first - _FARTHEST_LINE_START)
    begin = max(text.rfind(b"\n", farthest, first), text.rfind(b"\r", farthest, first)) + 1 or (
        first if farthest else 0
    )
    ranges = comment_ranges(text[begin:stop], known, cut=begin > 0)
    if ranges:
        edges = np.searchsorted(lexemes.starts[start:end], np.array(ranges, np.int64) + begin)
        for low, high in edges.tolist():
            flags[low:high] = True
    return flags
