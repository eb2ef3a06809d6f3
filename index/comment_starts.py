"""Guesses what a piece cut out of a file begins in: code, a comment, or a long string.

A piece begins at the start of a line, and nothing before it is read. A closing mark without an opening one says that
it began in a comment, unless the text before the mark looks like code. The first `\"""` opens or closes a string; how
it stands in its line, and what the line below looks like, tell which. In doubt it is code.
"""

import re
from dataclasses import dataclass
from typing import Self

from index.syntax import Language

# Of lines that do not begin with a star, one that ends so is code.
_CODE_LINE = re.compile(rb"^(?![ \t]*\*)[^\n]*[;{}][ \t]*\r?$", re.MULTILINE)
_STARRED = re.compile(rb"(?:[ \t]*+\*(?:[ \t\r][^\n]*+)?(?:\n|\Z)){2,}")
_TAG = re.compile(rb"</?[a-zA-Z][\w-]*[\s/>]")

_OPENS_BEHIND = re.compile(
    rb"(?:^|[=(\[{,:+%]|\b(?:return|yield|in|and|or|not|else|assert|await))[ \t]*[rRbBuUfF@$]{0,2}$"
)
_CLOSES_BEFORE = re.compile(rb"[)\]},.;%#:]")
_CODE_BELOW = re.compile(
    rb"\s*(?:[@#}]|(?:def|class|if|for|while|return|raise|try|with|import|from|assert|yield|else|elif|except|async|del"
    rb"|global|pass|val|var|let|func|fun|private|public|static|override|super)\b[^\n]*[^.\s][ \t\r]*$"
    rb"|[\w.\[\], ]+ ?[-+*/|&:]?= |[\w.]+\(|[^\n]*[;{}][ \t]*\r?$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class StartMarks:
    """The marks of a language that tell where a piece begins: blocks as (opening, closing), and quotes of three."""

    blocks: tuple[tuple[bytes, bytes], ...]
    quotes: tuple[bytes, ...]

    @classmethod
    def of(cls, language: Language) -> Self:
        """Return the marks of a language."""
        return cls(
            tuple((opening.encode(), closing.encode()) for opening, closing in language.block_comments),
            tuple(quote.mark.encode() for quote in language.strings if quote.mark in ('"""', "'''")),
        )


def begun_comment(text: bytes, marks: StartMarks, pattern: re.Pattern[bytes]) -> int:
    """Return where the comment ends in which a piece begins, 0 where it begins in none.

    `pattern` finds the strings and comments of the language; a closing mark inside a string says nothing.
    """
    for opening, closing in marks.blocks:
        close = text.find(closing)
        if close >= 0 and text.find(opening, 0, close) < 0:
            line = text.rfind(b"\n", 0, close) + 1
            if _CODE_LINE.search(text, 0, line) is None and not _is_quoted(text, line, close, pattern):
                return close + len(closing)
        elif opening == b"/*" and (starred := _STARRED.match(text)):
            return starred.end()
    return 0


def begun_string(text: bytes, marks: StartMarks) -> int:
    """Return where the string of three quotes ends in which a piece begins, 0 where it begins in none."""
    first = min((place for mark in marks.quotes if (place := text.find(mark)) >= 0), default=-1)
    if first < 0:
        return 0
    after = first + 3
    line_end = text.find(b"\n", after)
    line_end = len(text) if line_end < 0 else line_end
    before = text[text.rfind(b"\n", 0, first) + 1 : first].strip()
    behind = text[after:line_end].strip()
    if before:
        closes = _OPENS_BEHIND.search(before) is None
    elif behind:
        closes = _CLOSES_BEFORE.match(behind) is not None
    else:
        closes = _CODE_BELOW.match(text, line_end) is not None
    return after if closes else 0


def is_markup_free(text: bytes) -> bool:
    """Hold where a piece of a page has no tag at all, so that it stands in a script of that page."""
    return _TAG.search(text) is None and b"<!--" not in text


def _is_quoted(text: bytes, line: int, place: int, pattern: re.Pattern[bytes]) -> bool:
    """Hold where a place stands in a string that opens and closes on its line."""
    end = text.find(b"\n", place)
    for found in pattern.finditer(text, line, len(text) if end < 0 else end):
        if found.start() <= place < found.end():
            inside = found[0]
            return len(inside) > 1 and inside[:1] == inside[-1:] and inside[:1] in b"\"'`/" and inside[:2] != b"//"
    return False
