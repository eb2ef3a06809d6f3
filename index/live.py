"""The same search over an output that still grows."""

from collections.abc import Iterable

from index.matches import Match, SearchResult
from index.reference_index import ReferenceIndex

_FIRST_LOOK_BYTES = 512


class LiveSearch:
    """Takes an output piece by piece and knows the matches found so far.

    It looks again each time the output has doubled, so all looks together cost no more than two searches of the
    whole; the last word is always a search of the whole text.
    """

    def __init__(self, index: ReferenceIndex, language: str | None = None, exclude: Iterable[str] = ()) -> None:
        self._index = index
        self._language = language
        self._exclude = tuple(exclude)
        self._text = bytearray()
        self._next_look = _FIRST_LOOK_BYTES
        self._result: SearchResult | None = None
        self._searched = -1

    @property
    def text(self) -> bytes:
        """Everything fed so far."""
        return bytes(self._text)

    @property
    def open_matches(self) -> tuple[Match, ...]:
        """The matches of the text as it was at the last look."""
        return self._result.matches if self._result else ()

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the output, of any length."""
        self._text += piece
        if len(self._text) >= self._next_look:
            self._look()
            self._next_look = 2 * len(self._text)

    def finish(self) -> SearchResult:
        """Return the search of the whole text; the same as if it had come in one piece."""
        return self._look()

    def _look(self) -> SearchResult:
        if self._result is None or self._searched != len(self._text):
            self._result = self._index.search(bytes(self._text), self._language, self._exclude)
            self._searched = len(self._text)
        return self._result
