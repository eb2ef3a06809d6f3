"""The rows of the quality table: what is done to a snippet, where it is put, and what is aimed at."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.code_tokens import NAMING_LANGUAGES
from benchmarks.formatters import PRETTIER_PARSERS, by_black
from benchmarks.placements import Placement, alone, in_two_places, inside, wrapped
from benchmarks.scoring import Score
from benchmarks.snippets import Cut, at_any_lexeme, whole_statements
from benchmarks.treatments import (
    Treatment,
    comments_reworded,
    comments_stripped,
    in_turn,
    lexemes_edited,
    literals_changed,
    reindented,
    renamed,
    statements_inserted,
    statements_removed,
    statements_reordered,
    untouched,
    with_crlf,
)


@dataclass(frozen=True, slots=True)
class Aim:
    """The least share that is to be `found` or `seen` from a length on."""

    counts: str
    from_length: int
    share: float


@dataclass(frozen=True, slots=True)
class Row:
    """One treatment, its place, the languages it suits (None: all), and its aim."""

    name: str
    treat: Treatment = untouched
    place: Placement = alone
    cut: Cut = whole_statements
    languages: frozenset[str] | None = None
    aim: Aim | None = None

    def missed(self, length: int, scores: Sequence[Score]) -> list[str]:
        """Return in words that the aim is missed at a length, or nothing."""
        if self.aim is None or length < self.aim.from_length or not scores:
            return []
        reached = sum(getattr(one, self.aim.counts) for one in scores) / len(scores)
        if reached >= self.aim.share:
            return []
        return [f"{self.name}, {length} lexemes: {reached:.1%} {self.aim.counts}, aim {self.aim.share:.0%}"]


_CERTAIN = Aim("seen", 40, 1.0)
_EDITED = Aim("found", 100, 0.99)
_RENAMED = Aim("found", 100, 0.98)
_PYTHON = frozenset(("Python",))
_PRETTIER = frozenset(PRETTIER_PARSERS)

ROWS: tuple[Row, ...] = (
    Row("verbatim, cut at any lexeme", cut=at_any_lexeme, aim=_CERTAIN),
    Row("verbatim, whole statements", aim=_CERTAIN),
    Row("re-indented", reindented, aim=_CERTAIN),
    Row("CRLF", with_crlf, aim=_CERTAIN),
    Row("inside other code", place=inside, aim=_CERTAIN),
    Row("re-indented, CRLF, cut anywhere, inside", in_turn(reindented, with_crlf), inside, at_any_lexeme, aim=_CERTAIN),
    Row("wrapped in other code", place=wrapped, aim=_CERTAIN),
    Row("split across two places", place=in_two_places),
    Row("statements inserted", statements_inserted),
    Row("statements removed", statements_removed),
    Row("statements reordered", statements_reordered),
    Row("literals changed", literals_changed),
    Row("comments and docstrings stripped", comments_stripped),
    Row("comments and docstrings reworded", comments_reworded),
    Row("black", by_black, languages=_PYTHON),
    Row("5% of lexemes edited", lexemes_edited(0.05)),
    Row("10% of lexemes edited", lexemes_edited(0.10), aim=_EDITED),
    Row("20% of lexemes edited", lexemes_edited(0.20), aim=_EDITED),
    Row("30% of lexemes edited", lexemes_edited(0.30)),
    Row("20% of lexemes edited, inside", lexemes_edited(0.20), inside),
    Row(
        "stripped, inserted, literals, 5%, wrapped",
        in_turn(comments_stripped, statements_inserted, literals_changed, lexemes_edited(0.05)),
        wrapped,
    ),
    Row("half of the names", renamed(0.5, literals=False), languages=NAMING_LANGUAGES, aim=_RENAMED),
    Row("all names", renamed(1.0, literals=False), languages=NAMING_LANGUAGES, aim=_RENAMED),
    Row("half of the names, literals", renamed(0.5, literals=True), languages=NAMING_LANGUAGES, aim=_RENAMED),
    Row("all names, literals", renamed(1.0, literals=True), languages=NAMING_LANGUAGES, aim=_RENAMED),
    Row("all names, literals, inside", renamed(1.0, literals=True), inside, languages=NAMING_LANGUAGES),
    Row(
        "all names, literals, 5% edited",
        in_turn(renamed(1.0, literals=True), lexemes_edited(0.05)),
        languages=NAMING_LANGUAGES,
    ),
    Row(
        "all names, literals, 10% edited",
        in_turn(renamed(1.0, literals=True), lexemes_edited(0.10)),
        languages=NAMING_LANGUAGES,
    ),
    Row(
        "all names, stripped, inserted, wrapped",
        in_turn(comments_stripped, statements_inserted, renamed(1.0, literals=False)),
        wrapped,
        languages=NAMING_LANGUAGES,
    ),
)


def prettier_rows(by_prettier: Treatment) -> list[Row]:
    """Return the rows that need prettier."""
    return [
        Row("prettier", by_prettier, languages=_PRETTIER),
        Row(
            "prettier, all names",
            in_turn(by_prettier, renamed(1.0, literals=False)),
            languages=_PRETTIER & NAMING_LANGUAGES,
        ),
    ]
