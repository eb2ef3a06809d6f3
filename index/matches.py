"""What a search answers: spans, matches, and where each match stands in the reference."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from index.collection import Collection


class MatchKind(StrEnum):
    """How close a match is: every lexeme equal, most of them, or all but the names."""

    EXACT = "exact"
    NEAR = "near"
    RENAMED = "renamed"


class SearchStatus(StrEnum):
    """What the search can say about a whole text; silence never means clean.

    Of an incomplete one the matches are right, and there may be more: part of the index could not be asked.
    """

    MATCHED = "matched"
    CLEAN = "clean"
    TOO_SHORT = "too_short"
    NOT_CODE = "not_code"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a text: lines are 1-based and inclusive, bytes half-open."""

    start_line: int
    end_line: int
    start_byte: int
    end_byte: int


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """One file of one source, as the catalogue knows it; `released` is when that version came out, where known."""

    purl: str
    path: str
    swhid: str
    license_expression: str
    license_evidence: str
    copyright: tuple[str, ...]
    url: str | None
    released: date | None
    collection: Collection = Collection.PERMISSIVE


@dataclass(frozen=True, slots=True)
class MatchOrigin:
    """A place in the reference where the matched code stands, and how closely it does so there."""

    file: ReferenceFile
    reference: Span
    similarity: float
    lexemes: int
    kind: MatchKind


@dataclass(frozen=True, slots=True)
class Match:
    """A span of the output that reproduces reference code, its origins best first.

    `sources` counts names of sources; in `unrelated_sources` copies, versions and families of one project count once.
    `names` are those a renamed match exchanged: (in the best origin, in the output), in the order of the origin.
    """

    kind: MatchKind
    output: Span
    similarity: float
    lexemes: int
    information_bits: float
    common: bool
    sources: int
    unrelated_sources: int
    origins: tuple[MatchOrigin, ...]
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """All matches of one text, in the order of the text."""

    status: SearchStatus
    lexemes: int
    matched_lexemes: int
    matches: tuple[Match, ...]
