"""Which lexemes stand in comments: whole-line comments and block comments, by the marks of the language.

Comments weigh nothing when it is judged whether code was copied; they stay part of the text that is compared.
"""

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from index.languages import language_named
from index.lexer import Lexemes


@cache
def _comment_pattern(language: str) -> re.Pattern[bytes] | None:
    known = language_named(language)
    if known is None:
        return None
    parts = [rb"^[ \t]*" + re.escape(mark.encode()) + rb"[^\r\n]*" for mark in known.line_comments]
    parts += [
        re.escape(opening.encode()) + rb".*?(?:" + re.escape(closing.encode()) + rb"|\Z)"
        for opening, closing in known.block_comments
    ]
    return re.compile(b"|".join(parts), re.MULTILINE | re.DOTALL) if parts else None


def in_comment(text: bytes, lexemes: Lexemes, start: int, end: int, language: str) -> npt.NDArray[np.bool_]:
    """Return for the lexemes from `start` to `end` whether each lies in a comment, shape (end - start,).

    Only the text of those lexemes is read: a block comment that began before them is not seen as one.
    """
    flags = np.zeros(end - start, np.bool_)
    pattern = _comment_pattern(language) if language else None
    if pattern is None or start >= end:
        return flags
    begin = int(lexemes.starts[start])
    line_begin = max(text.rfind(b"\n", 0, begin), text.rfind(b"\r", 0, begin)) + 1
    stop = int(lexemes.ends[end - 1])
    positions = lexemes.starts[start:end]
    for comment in pattern.finditer(text[line_begin:stop]):
        low, high = np.searchsorted(positions, (line_begin + comment.start(), line_begin + comment.end()))
        flags[low:high] = True
    return flags
