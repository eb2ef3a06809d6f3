"""Which text of a growing output may leave: no more than what can no longer become part of a match unseen."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from attrib.answers import Action, AttributedMatch
from index.lexer import Lexemes, lex

# How many lexemes are held back: a verbatim copy is certain after 40, and one that is edited or renamed all over may
# take 180, which matters where something is blocked; `benchmarks.streaming` counts what leaves too early.
HOLD_BACK = 64
HOLD_BACK_BLOCKED = 192
# A look every so many new lexemes, at what is held and so many lexemes before it.
_EVERY = 24
_BEFORE = 320
# A match that is still open may begin so much earlier once more of it is known.
_GROWS_BACK = 64
# A match grows with the text; it is told of once.
_SAME_PLACE_LINES = 200


@dataclass(frozen=True, slots=True)
class Released:
    """Text that may leave, and the matches it belongs to that were not told before; their lines are the output's.

    `seconds` is how long ago the oldest of the text was written.
    """

    text: str
    matches: tuple[AttributedMatch, ...] = ()
    seconds: float = field(default=0.0, compare=False)


@dataclass(slots=True)
class HoldBack:
    """One choice while it is written.

    `search` returns the attributed matches of a text, `lexemes` is how many lexemes are held back: what stands before
    them has been looked at with so much behind it that a copy would have told itself. A blocked match closes the
    choice: nothing of what is held leaves any more, until `finish` says what the search of the whole text thinks.
    A match that `may_block`, though so far it says too little, holds its text back as long as it is open.
    """

    search: Callable[[bytes], tuple[AttributedMatch, ...]]
    lexemes: int
    may_block: Callable[[AttributedMatch], bool] = lambda match: False
    closed: bool = False
    _text: bytearray = field(default_factory=bytearray)
    _left: int = 0
    _looked: int = 0
    _told: set[tuple[str, str, int]] = field(default_factory=set)
    _written: deque[tuple[int, float]] = field(default_factory=deque)

    @property
    def left_bytes(self) -> int:
        """How much has left."""
        return self._left

    @property
    def held_bytes(self) -> int:
        """How much is held back."""
        return len(self._text) - self._left

    def feed(self, text: str) -> Released | None:
        """Take the next piece; return what may leave now, or None for nothing."""
        self._text += text.encode(errors="surrogatepass")
        self._written.append((len(self._text), time.monotonic()))
        if self.closed:
            return None
        held = lex(bytes(self._text[self._left :]))
        if len(held) < max(self.lexemes, self._looked) + _EVERY:
            return None
        self._looked = len(held)
        return self._look(held)

    def finish(self, matches: tuple[AttributedMatch, ...], blocked: bool) -> Released | None:
        """Return the rest, with the matches of the whole text that were not told yet; None where it is withheld."""
        if blocked:
            self.closed = True
            return None
        text, seconds = self._leave(len(self._text))
        return Released(text, self._untold(matches), seconds)

    def _look(self, held: Lexemes) -> Released | None:
        begin = self._context()
        matches = self.search(bytes(self._text[begin:]))
        if any(match.verdict.action is Action.BLOCK for match in matches):
            self.closed = True
            return None
        leaving_lexemes = self._free_lexemes(held, matches, begin)
        if leaving_lexemes <= 0:
            return None
        boundary = self._left + int(held.starts[leaving_lexemes])
        self._looked = len(held) - leaving_lexemes
        leaving = tuple(match for match in matches if begin + match.output.start_byte < boundary)
        moved = tuple(match.moved(self._text.count(b"\n", 0, begin), begin) for match in leaving)
        text, seconds = self._leave(boundary)
        return Released(text, self._untold(moved), seconds)

    def _leave(self, boundary: int) -> tuple[str, float]:
        """Let go of the text up to a place; return it, and how long ago its oldest piece was written."""
        text = bytes(self._text[self._left : boundary]).decode(errors="surrogatepass")
        seconds = time.monotonic() - self._written[0][1] if self._written else 0.0
        while self._written and self._written[0][0] <= boundary:
            self._written.popleft()
        self._left = boundary
        return text, seconds

    def _free_lexemes(self, held: Lexemes, matches: tuple[AttributedMatch, ...], begin: int) -> int:
        """Return how many of the lexemes held are far enough from the end, and from any open match that may block."""
        free = len(held) - self.lexemes
        for match in matches:
            start, end = (
                int(held.starts.searchsorted(begin + place - self._left))
                for place in (match.output.start_byte, match.output.end_byte)
            )
            if end > free and self.may_block(match):
                free = min(free, start - _GROWS_BACK)
        return free

    def _context(self) -> int:
        """Where a look begins: some lexemes before what is held, at the beginning of a line."""
        before = lex(bytes(self._text[max(0, self._left - 16 * _BEFORE) : self._left]))
        if len(before) <= _BEFORE:
            return self._text.rfind(b"\n", 0, max(0, self._left - 16 * _BEFORE)) + 1
        at = max(0, self._left - 16 * _BEFORE) + int(before.starts[len(before) - _BEFORE])
        return self._text.rfind(b"\n", 0, at) + 1

    def _untold(self, matches: tuple[AttributedMatch, ...]) -> tuple[AttributedMatch, ...]:
        """Return the matches that ask for something and whose source was not told of at that place."""
        fresh = []
        for match in matches:
            best = match.origins[0]
            place = (best.purl, best.path, match.output.start_line // _SAME_PLACE_LINES)
            if match.verdict.action is not Action.ALLOW and place not in self._told:
                self._told.add(place)
                fresh.append(match)
        return tuple(fresh)
