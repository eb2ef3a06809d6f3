"""Finds the comments of a text in one pass, by one regular expression for each language.

The expression knows comments, strings and what only looks like them, and steps over each as a whole: a mark inside a
string is no comment, a quote inside a comment opens no string.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from index.comment_starts import StartMarks, begun_comment, begun_string, is_markup_free
from index.language_table import LANGUAGE_BY_NAME
from index.syntax import Language

Range = tuple[int, int]

_AFTER_SPACE = r"(?<![^\s;()|&]{first})"
_POD = r"=(?<![^\n]=)[a-z]\w*+[^\n]*+(?:\n(?!=(?:end|cut)\b)[^\n]*+)*+(?:\n=(?:end|cut)\b[^\n]*+)?"


class _Kind(Enum):
    COMMENT = auto()
    NESTED = auto()
    EMBEDDED = auto()


@dataclass(frozen=True, slots=True)
class _Grammar:
    """`pattern` finds all that is stepped over; the number of its last group says what it found (a string has none).

    `marks` are texts without one of which there is no comment; empty where that is not so simple.
    """

    pattern: re.Pattern[bytes]
    kinds: dict[int | None, tuple[_Kind, int]]
    marks: tuple[bytes, ...]
    nested: tuple[re.Pattern[bytes], ...]
    embedded: tuple[tuple[re.Pattern[bytes], re.Pattern[bytes], str], ...]
    markup: bool
    starts: StartMarks


def comment_ranges(text: bytes, language: Language, cut: bool = False) -> list[Range]:
    """Return the comments of a text as half-open ranges of bytes, ascending.

    `cut` says that the text begins at some line of a file, not its first: then it is guessed whether that line
    begins inside a comment or a string (`index.comment_starts`).
    """
    ranges: list[Range] = []
    _scan(text, 0, len(text), _grammar(language.name), cut, ranges)
    return ranges


def _scan(text: bytes, at: int, stop: int, grammar: _Grammar, cut: bool, ranges: list[Range]) -> None:
    if cut:
        at = begun_comment(text, grammar.starts, grammar.pattern)
        if at:
            ranges.append((0, at))
        else:
            at = begun_string(text, grammar.starts)
    for opening, closing, name in grammar.embedded:
        closed = closing.search(text, at, stop)
        if closed is not None and opening.search(text, at, closed.start()) is None:
            _scan(text, at, closed.start(), _grammar(name), False, ranges)
            at = closed.end()
    if grammar.markup and cut and is_markup_free(text):
        grammar = _grammar(grammar.embedded[0][2])
    if grammar.marks and all(text.find(mark, at, stop) < 0 for mark in grammar.marks):
        return
    search, kinds = grammar.pattern.search, grammar.kinds
    while (found := search(text, at, stop)) is not None:
        at = found.end()
        kind, number = kinds.get(found.lastindex, (None, 0))
        if kind is _Kind.COMMENT:
            ranges.append((found.start(), at))
        elif kind is _Kind.NESTED:
            at = _nested_end(text, at, stop, grammar.nested[number])
            ranges.append((found.start(), at))
        elif kind is _Kind.EMBEDDED:
            _, closing, name = grammar.embedded[number]
            closed = closing.search(text, at, stop)
            end = stop if closed is None else closed.start()
            _scan(text, at, end, _grammar(name), False, ranges)
            at = stop if closed is None else closed.end()


def _nested_end(text: bytes, at: int, stop: int, marks: re.Pattern[bytes]) -> int:
    depth = 1
    while (found := marks.search(text, at, stop)) is not None:
        at = found.end()
        depth += 1 if found.lastindex == 1 else -1
        if not depth:
            return at
    return stop


@cache
def _grammar(name: str) -> _Grammar:
    language = LANGUAGE_BY_NAME[name.lower()]
    alternatives = [re.escape(text) for text in language.lookalikes]
    alternatives += [f"{piece.opening}(?P<embedded_{number}>)" for number, piece in enumerate(language.embedded)]
    for number, (opening, closing) in enumerate(language.block_comments):
        kind = f"nested_{number}" if language.nested else f"block_{number}"
        body = "" if language.nested else _until(closing)
        alternatives.append(f"{re.escape(opening)}{body}(?P<{kind}>)")
    if language.brackets:
        mark = re.escape(language.line_comments[0])
        alternatives.append(
            rf"{mark}\[(?P<level>=*+)\[[^\]]*+(?:\](?!(?P=level)\])[^\]]*+)*+(?:\](?P=level)\])?(?P<brackets>)"
        )
    line = _line_body(language)
    for number, mark in enumerate((*language.line_comments, *language.dialect_comments)):
        first, rest = re.escape(mark[0]), re.escape(mark[1:])
        behind = _AFTER_SPACE.replace("{first}", first) if language.spaced else ""
        alternatives.append(f"{first}{behind}{rest}{line}(?P<line_{number}>)")
    if language.pod:
        alternatives.append(f"{_POD}(?P<pod>)")
    alternatives += [quote.pattern for quote in language.strings]
    pattern = re.compile("|".join(alternatives or ["(?!)"]).encode("latin-1"))
    return _Grammar(
        pattern,
        {pattern.groupindex[group]: kind for group, kind in _kinds(pattern)},
        () if language.embedded or language.pod else _marks(language),
        tuple(
            re.compile(f"({re.escape(opening)})|{re.escape(closing)}".encode())
            for opening, closing in language.block_comments
        ),
        tuple(
            (re.compile(piece.opening.encode()), re.compile(piece.closing.encode()), piece.language)
            for piece in language.embedded
        ),
        bool(language.embedded) and not language.line_comments,
        StartMarks.of(language),
    )


def _kinds(pattern: re.Pattern[bytes]) -> list[tuple[str, tuple[_Kind, int]]]:
    kinds = dict.fromkeys(("block", "line", "pod", "brackets"), _Kind.COMMENT)
    kinds |= {"nested": _Kind.NESTED, "embedded": _Kind.EMBEDDED}
    found = []
    for group in pattern.groupindex:
        name, _, number = group.partition("_")
        if name in kinds:
            found.append((group, (kinds[name], int(number or 0))))
    return found


def _line_body(language: Language) -> str:
    """Return the rest of a line of comment; in PHP it ends early, where `?>` ends the code."""
    if not language.embedded or not language.line_comments:
        return r"[^\r\n]*+"
    closing = language.embedded[0].opening
    return rf"(?:(?!{closing})[^\r\n])*+"


def _until(closing: str) -> str:
    first, mark = re.escape(closing[0]), re.escape(closing)
    return rf"[^{first}]*+(?:(?!{mark}){first}[^{first}]*+)*+(?:{mark})?"


def _marks(language: Language) -> tuple[bytes, ...]:
    opening = (opening for opening, _ in language.block_comments)
    return tuple(mark.encode() for mark in (*language.line_comments, *language.dialect_comments, *opening))
