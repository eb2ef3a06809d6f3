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

READ_BEFORE = 60
"""Most lines read before a part that is coloured by itself."""

READ_AFTER = 20
"""Lines read after it, so that a text that is cut at its end is still known as one."""

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


def coloured_part(lines: Sequence[str], start: int, end: int, language: str | None) -> list[Line]:
    """Return lines `start` to `end` (1-based, both included) of a text as segments, without colouring all of it.

    It is read from where a definition begins before them, so that a page with many matches in long files stays quick.
    """
    first = max(1, start - READ_BEFORE)
    begin = next((number for number in range(start, first, -1) if _begins_definition(lines[number - 1])), first)
    coloured = coloured_lines("".join(f"{line}\n" for line in lines[begin - 1 : end + READ_AFTER]), language)
    return coloured[start - begin : end + 1 - begin]


def _begins_definition(line: str) -> bool:
    """Tell whether a line stands at the left edge and begins with a word: most likely outside of texts and comments."""
    return line[:1].isalpha() or line[:1] == "@"


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
            # The kind is one of Pygments' own short names; formatting would look at every piece again.
            pieces.append(Markup(f'<span class="k-{segment.kind}">{piece}</span>') if segment.kind else piece)  # noqa: S704
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
