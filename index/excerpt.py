"""A part of a text with its lexemes: what is aligned, and what is shown."""

from dataclasses import dataclass

from index.lexer import Lexemes, last_line, lex
from index.matches import Span


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some of a text: its lexemes are numbered from `first`, its bytes from `offset`, both counted in the whole text.

    Offsets in `lexemes` are those in `text`; lines are those of the whole.
    """

    text: bytes
    lexemes: Lexemes
    first: int = 0
    offset: int = 0

    def span(self, start: int, end: int) -> Span:
        """Return the lines and bytes on which lexemes `start` to `end` (half-open, counted in the excerpt) stand."""
        lexemes = self.lexemes
        return Span(
            start_line=int(lexemes.lines[start]),
            end_line=last_line(self.text, lexemes, end - 1),
            start_byte=int(lexemes.starts[start]) + self.offset,
            end_byte=int(lexemes.ends[end - 1]) + self.offset,
        )

    def words(self, start: int, end: int) -> dict[int, str]:
        """Return the lexemes from `start` to `end` as they are written, by their hash, in the order they come in."""
        lexemes = self.lexemes
        found: dict[int, str] = {}
        for at in range(start, end):
            value = int(lexemes.hashes[at])
            if value not in found:
                found[value] = self.text[int(lexemes.starts[at]) : int(lexemes.ends[at])].decode(errors="replace")
        return found


def whole(text: bytes) -> Excerpt:
    """Return a whole text as an excerpt of itself."""
    return Excerpt(text, lex(text))
