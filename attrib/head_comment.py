"""Takes the comments out of the head of a source file: those it begins with, or all there are."""

import re
from bisect import bisect_right

from index.comment_scan import comment_ranges
from index.languages import language_of

_COMMENT_MARKS = (
    "#",
    "//",
    "/*",
    "*",
    ";",
    "--",
    "<!--",
    "%",
    "'",
    '"',
    "!",
    "{-",
    "(*",
    "|",
    "dnl",
    "rem ",
    "REM ",
    ".. ",
    "@license",
)
_PASSED = re.compile(
    r"\s*(?:$|<\?|<!DOCTYPE|package\s|['\"]use strict['\"]|#!|\#(?:ifndef|define|pragma|include|if|endif)"
    r"|import\s|from\s+\S+\s+import\s|from\s+__future__)"
)
_BLOCKS = (
    ("/*", "*/"),
    ("<!--", "-->"),
    ('"""', '"""'),
    ("'''", "'''"),
    ("(*", "*)"),
    ("{-", "-}"),
    ("=begin", "=end"),
    ("--[[", "]]"),
    ("<#", "#>"),
)
_NEWLINE = re.compile(rb"\n")
_STRING_PREFIX = re.compile(r"^[rRuUbB]{1,2}(?=\"\"\"|''')")


def leading_comment(path: str, text: str) -> tuple[tuple[int, str], ...]:
    """Return the comment lines a file begins with, each with its number, up to its first line of code.

    Imports and the like are passed over. What is no code is all comment.
    """
    if language_of(path) is None:
        return tuple(enumerate(text.split("\n"), start=1))
    kept: list[tuple[int, str]] = []
    closing: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if closing is not None:
            kept.append((number, stripped))
            if closing in stripped:
                closing = None
            continue
        bare = _STRING_PREFIX.sub("", stripped)
        opened = next(((start, end) for start, end in _BLOCKS if bare.startswith(start)), None)
        if opened is not None:
            kept.append((number, bare))
            start, end = opened
            if end not in bare[len(start) :]:
                closing = end
        elif _PASSED.match(line):
            continue
        elif stripped.startswith(_COMMENT_MARKS):
            kept.append((number, stripped))
        else:
            break
    return tuple(kept)


def every_comment(path: str, head: bytes) -> tuple[tuple[int, str], ...]:
    """Return the lines of all comments in the head of a file, each with its number; none where it is no code."""
    language = language_of(path)
    if language is None:
        return ()
    starts = [0, *(place.end() for place in _NEWLINE.finditer(head))]
    kept: list[tuple[int, str]] = []
    for begin, end in comment_ranges(head, language):
        first = bisect_right(starts, begin)
        text = head[begin:end].decode("utf-8", "replace")
        kept += [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=first)]
    return tuple(kept)
