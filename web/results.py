"""Turns a stored answer into what a page shows: marked lines, comparisons, words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from attrib.answers import Action
from attrib.attribution import language_name
from attrib.comparison import Exchanged, Range, Row, compare
from attrib.errors import AttribError
from index.errors import ReferenceIndexError
from index.matches import MatchKind, SearchStatus
from web.highlighting import Line, Mark, coloured_lines, coloured_part, markup, split_lines
from web.visible import describe, hidden_characters
from web.wording import KINDS, STATUSES, VERDICTS, Wording

SHOWN_LINES = 4_000
"""Most lines of one output that a page shows."""

COMPARED_LINES = 1_000
"""Most lines of one side that a match is compared over."""

COMPARED_IN_ALL = 10_000
"""Most lines that one page compares; the matches after them show where they stand only."""

ReadReference = Callable[[str], bytes]
"""Gives the whole reference file of a SWHID."""


class References:
    """The reference files that one page shows, each read once."""

    def __init__(self, read: ReadReference) -> None:
        self._read = read
        self._files: dict[str, list[str] | None] = {}

    def lines(self, swhid: str) -> list[str] | None:
        """Return the lines of a file; None where the index no longer holds it."""
        if swhid not in self._files:
            self._files[swhid] = self._lines(swhid)
        return self._files[swhid]

    def _lines(self, swhid: str) -> list[str] | None:
        try:
            return split_lines(self._read(swhid).decode("utf-8", "replace"))
        except (AttribError, ReferenceIndexError):
            return None


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of the output; `match` numbers the match that marks it, `first` says that it begins there.

    `tone` is the match's verdict, or `common`.
    """

    number: int
    html: Markup
    match: int | None
    first: bool
    kind: str
    tone: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A row of the comparison as safe HTML."""

    row: Row
    left: Markup
    right: Markup


@dataclass(frozen=True, slots=True)
class MatchView:
    """A match as it is shown; `rows` is None where the two texts cannot be set side by side, and `why` says why.

    `names` are those a renamed match exchanged, in the order of the origin.
    """

    number: int
    kind: Wording
    verdict: Wording
    answer: Mapping[str, Any]
    origin: Mapping[str, Any]
    others: Sequence[Mapping[str, Any]]
    names: Sequence[Mapping[str, str]]
    rows: Sequence[ComparedRow] | None
    why: str
    cut: int


@dataclass(frozen=True, slots=True)
class CheckView:
    """A checked text as it is shown; `lines` is None where the text is withheld or was not kept.

    `matches` are those that count, numbered in the order of the text; `common` are the others, numbered after them.
    """

    answer: Mapping[str, Any]
    status: Wording
    verdict: Wording
    lines: Sequence[MarkedLine] | None
    more_lines: int
    matches: Sequence[MatchView]
    common: Sequence[MatchView]
    hidden: Sequence[str]


def check_view(answer: Mapping[str, Any], code: str | None, references: References) -> CheckView:
    """Lay out one check: `answer` as the contract shapes it, `code` the checked text where it may be shown."""
    found = sorted(answer["matches"], key=lambda match: bool(match["common"]))
    language = answer["language"] or _language_of_origins(found)
    coloured = None if code is None else coloured_lines(code, language)
    views = _matches(found, code, coloured, language, references)
    return CheckView(
        answer=answer,
        status=STATUSES[SearchStatus(answer["status"])],
        verdict=VERDICTS[Action(answer["verdict"])],
        lines=None if coloured is None else _marked(coloured[:SHOWN_LINES], found),
        more_lines=0 if coloured is None else max(0, len(coloured) - SHOWN_LINES),
        matches=[view for view in views if not view.answer["common"]],
        common=[view for view in views if view.answer["common"]],
        hidden=[] if code is None else [describe(character) for character in hidden_characters(code)],
    )


def _language_of_origins(matches: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the language of the first origin that has one: what reproduces it is most likely written in it too."""
    return next(
        (name for match in matches for origin in match["origins"] if (name := language_name(origin["path"]))), None
    )


def _marked(lines: Sequence[Line], matches: Sequence[Mapping[str, Any]]) -> list[MarkedLine]:
    """Mark every line with the strictest match that covers it, with a common one where no other does."""
    marks: dict[int, int] = {}
    for index in sorted(range(len(matches)), key=lambda at: _weight(matches[at])):
        output = matches[index]["output"]
        for number in range(output["start_line"], min(output["end_line"], len(lines)) + 1):
            marks[number] = index
    marked = []
    seen: set[int] = set()
    for number, line in enumerate(lines, start=1):
        index_here = marks.get(number)
        match = None if index_here is None else matches[index_here]
        marked.append(
            MarkedLine(
                number,
                markup(line),
                None if index_here is None else index_here + 1,
                index_here is not None and index_here not in seen,
                "" if match is None else match["kind"],
                "" if match is None else "common" if match["common"] else match["verdict"],
            )
        )
        if index_here is not None:
            seen.add(index_here)
    return marked


def _weight(match: Mapping[str, Any]) -> tuple[bool, int]:
    return not match["common"], Action(match["verdict"]).severity


def _matches(
    matches: Sequence[Mapping[str, Any]],
    code: str | None,
    coloured: Sequence[Line] | None,
    language: str | None,
    references: References,
) -> list[MatchView]:
    lines = None if code is None else split_lines(code)
    left_to_compare = COMPARED_IN_ALL
    views = []
    for number, match in enumerate(matches, start=1):
        origin = match["origins"][0]
        rows: list[ComparedRow] | None = None
        why, cut = "The code is not shown here.", 0
        if lines is not None and coloured is not None:
            span = match["output"]
            height = span["end_line"] - span["start_line"] + 1
            if left_to_compare <= 0:
                why = "This page compares no more lines; look at the lines named here in the source."
            else:
                left_to_compare -= height
                rows, why, cut = _side_by_side(match, origin, lines, coloured, language, references)
        views.append(
            MatchView(
                number,
                KINDS[MatchKind(match["kind"])],
                VERDICTS[Action(match["verdict"])],
                match,
                origin,
                match["origins"][1:],
                _names(match),
                rows,
                why,
                cut,
            )
        )
    return views


def _names(match: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    # A record that was stored before renamed copies were found has none.
    names: Sequence[Mapping[str, str]] = match.get("names", ())
    return names


def _side_by_side(
    match: Mapping[str, Any],
    origin: Mapping[str, Any],
    lines: Sequence[str],
    coloured: Sequence[Line],
    language: str | None,
    references: References,
) -> tuple[list[ComparedRow] | None, str, int]:
    """Return the rows, or why there are none, and how many lines of the longer side are left out."""
    reference_lines = references.lines(origin["swhid"])
    if reference_lines is None:
        return None, "The index no longer holds the text of this source.", 0
    left_start, left_end = match["output"]["start_line"], match["output"]["end_line"]
    right_start, right_end = origin["start_line"], origin["end_line"]
    cut = max(left_end - left_start, right_end - right_start) + 1 - COMPARED_LINES
    left_end = min(left_end, left_start + COMPARED_LINES - 1)
    right_end = min(right_end, right_start + COMPARED_LINES - 1)
    rows = compare(
        lines[left_start - 1 : left_end],
        reference_lines[right_start - 1 : right_end],
        left_start=left_start,
        right_start=right_start,
        names={pair["output"]: pair["origin"] for pair in _names(match)},
    )
    spoken = language_name(origin["path"]) or language
    left = coloured[left_start - 1 : left_end]
    right = coloured_part(reference_lines, right_start, right_end, spoken)
    return [_compared(row, left, left_start, right, right_start) for row in rows], "", max(0, cut)


def evidence_rows(ours: str, theirs: str, match: Mapping[str, Any], language: str | None) -> list[ComparedRow]:
    """Set the lines of both sides of a match, where only these are kept, beside each other."""
    origin = match["origins"][0]
    left_start, right_start = match["output"]["start_line"], origin["start_line"]
    rows = compare(
        split_lines(ours)[:COMPARED_LINES],
        split_lines(theirs)[:COMPARED_LINES],
        left_start=left_start,
        right_start=right_start,
        names={pair["output"]: pair["origin"] for pair in _names(match)},
    )
    left = coloured_lines(ours, language)
    right = coloured_lines(theirs, language_name(origin["path"]) or language)
    return [_compared(row, left, left_start, right, right_start) for row in rows]


def _compared(row: Row, left: Sequence[Line], left_start: int, right: Sequence[Line], right_start: int) -> ComparedRow:
    return ComparedRow(
        row,
        Markup("")
        if row.left_number is None
        else markup(left[row.left_number - left_start], _marks(row.left_changes, row.left_names, "in the reference")),
        Markup("")
        if row.right_number is None
        else markup(right[row.right_number - right_start], _marks(row.right_changes, row.right_names, "in this code")),
    )


def _marks(changes: Sequence[Range], names: Sequence[Exchanged], where: str) -> list[Mark]:
    marks = [Mark(start, end) for start, end in changes]
    marks += [Mark(name.start, name.end, f"{name.other} {where}") for name in names]
    return sorted(marks, key=lambda mark: mark.start)
