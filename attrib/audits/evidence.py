"""The lines of a match on both sides, read where they stand and bounded in number."""

from collections.abc import Callable
from typing import Final

from attrib.answers import AttributedMatch
from attrib.audits.findings import Evidence
from index.errors import ReferenceIndexError
from index.matches import Span

MOST_BYTES: Final = 20_000
"""So much of each side of a match is kept."""

MOST_BYTES_OF_AN_AUDIT: Final = 16_000_000
"""So much is kept of all matches of an audit; those that come later are told without their lines."""


class EvidenceReader:
    """Reads the evidence of one audit, and keeps no more of it than fits in memory and in a record.

    `reference_text` gives the text of a reference file by its SWHID, and raises a ReferenceIndexError where it is
    gone.
    """

    def __init__(self, reference_text: Callable[[str], bytes], most: int = MOST_BYTES_OF_AN_AUDIT) -> None:
        self._reference_text = reference_text
        self._left = most

    def read(self, match: AttributedMatch, content: bytes) -> Evidence | None:
        """Return the lines of a match; None for common code, which accuses nobody, and where there is no more room."""
        if match.common or self._left <= 0:
            return None
        best = match.origins[0]
        try:
            theirs, their_cut = _lines(self._reference_text(best.swhid), best.reference)
        except ReferenceIndexError:
            return None
        ours, our_cut = _lines(content, match.output)
        self._left -= len(ours) + len(theirs)
        return Evidence(ours.decode("utf-8", "replace"), theirs.decode("utf-8", "replace"), our_cut or their_cut)


def _lines(text: bytes, span: Span) -> tuple[bytes, bool]:
    """Return the whole lines that a span touches, and whether they were cut at the most that is kept."""
    begin = text.rfind(b"\n", 0, span.start_byte) + 1
    end = text.find(b"\n", max(span.end_byte - 1, begin))
    end = len(text) if end < 0 else end
    return text[begin : min(end, begin + MOST_BYTES)], end - begin > MOST_BYTES
