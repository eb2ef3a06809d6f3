"""The same search over an output that still grows."""

from collections.abc import Iterable
from dataclasses import dataclass

from index.excerpt import Excerpt
from index.following import Follower
from index.lexer import GrowingLexemes
from index.matches import Match, ReferenceFile, SearchResult, Span
from index.reference_index import ReferenceIndex

_FIRST_LOOK_BYTES = 600
_GROWTH = 8
# Reading on costs the same for one lexeme as for some.
_LEAST_READ_BYTES = 48


@dataclass(frozen=True, slots=True)
class OpenRun:
    """Lexemes at the end of the output that stand in the reference one for one, and where; more may follow.

    `continuation` is the reference's text from there on, as far as it was read.
    """

    files: tuple[ReferenceFile, ...]
    output: Span
    reference: Span
    lexemes: int
    continuation: bytes


class LiveSearch:
    """Takes an output piece by piece and knows at any moment what of it stands in the reference.

    A verbatim run is known some lexemes after it is long enough to be certain, and followed from there. Where the text
    is like some place of the reference, all of it is looked at whenever it has grown to eight times its size. The last
    word is always a search of the whole. `benchmarks.live_cost` says what all of it costs.
    """

    def __init__(self, index: ReferenceIndex, language: str | None = None, exclude: Iterable[str] = ()) -> None:
        self._index = index
        self._language = language
        self._exclude = tuple(exclude)
        self._text = bytearray()
        self._next_look = _FIRST_LOOK_BYTES
        self._result: SearchResult | None = None
        self._searched = -1
        self._read = 0
        self._lexemes = GrowingLexemes()
        self._reading = index.reading(self._exclude)
        self._follower = Follower(self._reading.searched, self._reading.ignored)

    @property
    def text(self) -> bytes:
        """Everything fed so far."""
        return bytes(self._text)

    @property
    def open_matches(self) -> tuple[Match, ...]:
        """The matches of the text as it was at the last look."""
        return self._result.matches if self._result else ()

    @property
    def run_lexemes(self) -> int:
        """How long the longest open run is, in lexemes; 0 where the end of the output follows nothing."""
        return self._follower.longest

    @property
    def open_runs(self) -> tuple[OpenRun, ...]:
        """The verbatim runs that reach the end of the text, longest first; a few lexemes may not be read yet."""
        runs = self._follower.runs
        files = self._reading.files_of([(run.segment, run.ordinal) for run in runs])
        lines = self._lexemes.known
        found = []
        for run, standing in zip(runs, files, strict=True):
            if standing:
                end = len(lines)
                # The run may have begun before the excerpt that it goes on in.
                start = max(0, run.end - run.length)
                reference = run.reference
                found.append(
                    OpenRun(
                        standing,
                        Excerpt(self.text, lines).span(max(0, end - run.length), end),
                        reference.span(start, max(run.end, start + 1)),
                        run.length,
                        reference.text[int(reference.lexemes.ends[run.end - 1]) if run.end else 0 :],
                    )
                )
        return tuple(found)

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the output, of any length."""
        self._text += piece
        if len(self._text) - self._read >= _LEAST_READ_BYTES:
            self._lexemes.feed(bytes(self._text[self._read :]))
            self._read = len(self._text)
            self._follower.advance(self._lexemes.hashes)
        if len(self._text) >= self._next_look and self._follower.suspicious:
            self._look()
            self._next_look = _GROWTH * len(self._text)

    def finish(self) -> SearchResult:
        """Return the search of the whole text; the same as if it had come in one piece."""
        return self._look()

    def _look(self) -> SearchResult:
        if self._result is None or self._searched != len(self._text):
            self._result = self._index.search(bytes(self._text), self._language, self._exclude)
            self._searched = len(self._text)
        return self._result
