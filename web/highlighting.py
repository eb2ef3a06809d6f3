"""Colours code line by line, so that single lines and columns can be marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token, _TokenType
from pygments.util import ClassNotFound

from web.visible import visible, visible_text

COLOURED_CHARACTERS = 200_000
"""Longest text that is coloured; a longer one is shown plain, so that no page takes seconds."""

LEXER_NAMES = {"assembly": "gas", "protocol buffers": "protobuf", "svelte": "html", "visual basic": "vb.net"}
"""Names of languages that Pygments calls differently."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of one line and the short name of its kind of token, empty where it has none."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Half-open columns of a line that are marked: as a difference, or with a `title` as a name under another."""

    start: int
    end: int
    title: str = ""


Line = tuple[Segment, ...]


def split_lines(code: str) -> list[str]:
    """Return the lines of a text without their ends (LF, CRLF or CR, as the index counts them).

    A line end at the very end starts no further line.
    """
    lines = _line_feeds(code).split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def coloured_lines(code: str, language: str | None) -> list[Line]:
    """Return the lines of a text as segments that join to exactly the lines of `split_lines`."""
    text = _line_feeds(code)
    lexer = _lexer(language) if len(text) <= COLOURED_CHARACTERS else None
    tokens = [] if lexer is None else [(_kind(token), piece) for _, token, piece in lexer.get_tokens_unprocessed(text)]
    if "".join(piece for _, piece in tokens) != text:
        tokens = [("", text)]
    lines: list[list[Segment]] = [[]]
    for kind, piece in tokens:
        for number, part in enumerate(piece.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(Segment(kind, part))
    if not lines[-1]:
        lines.pop()
    return [tuple(line) for line in lines]


def markup(line: Iterable[Segment], marks: Sequence[Mark] = ()) -> Markup:
    """Return a line as safe HTML; `marks` ascend and do not overlap: differences in `<em>`, names with their title."""
    pieces: list[Markup] = []
    column = 0
    for segment in line:
        for text, mark in _cut(segment.text, column, marks):
            piece = visible(text)
            if mark is not None and mark.title:
                piece = Markup('<span class="exchanged" title="{}">{}</span>').format(visible_text(mark.title), piece)
            elif mark is not None:
                piece = Markup("<em>{}</em>").format(piece)
            pieces.append(Markup('<span class="k-{}">{}</span>').format(segment.kind, piece) if segment.kind else piece)
        column += len(segment.text)
    return Markup("").join(pieces)


def _cut(text: str, column: int, marks: Sequence[Mark]) -> list[tuple[str, Mark | None]]:
    """Cut a piece that begins at a column into parts inside and outside the marks."""
    parts: list[tuple[str, Mark | None]] = []
    at, end = column, column + len(text)
    for mark in marks:
        if mark.end <= at or mark.start >= end:
            continue
        if mark.start > at:
            parts.append((text[at - column : mark.start - column], None))
            at = mark.start
        parts.append((text[at - column : min(mark.end, end) - column], mark))
        at = min(mark.end, end)
    if at < end:
        parts.append((text[at - column :], None))
    return parts


def _line_feeds(code: str) -> str:
    return code.replace("\r\n", "\n").replace("\r", "\n")


def _lexer(language: str | None) -> Lexer | None:
    if language is None:
        return None
    name = language.lower()
    try:
        return get_lexer_by_name(LEXER_NAMES.get(name, name))
    except ClassNotFound:
        return None


def _kind(token: _TokenType) -> str:
    kind: _TokenType | None = token
    while kind is not None:
        short = STANDARD_TYPES.get(kind)
        if short is not None:
            return "" if kind is Token else short
        kind = kind.parent
    return ""
