"""Lays out the review of an audit: which findings are gone through, and one finding with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attrib.answers import Action
from attrib.audits.findings import Settled
from attrib.audits.history import Entry
from attrib.audits.reviewing import Review, ReviewedFinding
from web.decision_requests import ReviewState
from web.results import MatchView, ReadReference, References, check_view, evidence_rows
from web.wording import Wording

SETTLED: dict[Settled, Wording] = {
    Settled.ACCEPTED: Wording("Accepted", "It may stand as it is, and nothing is owed for it."),
    Settled.ATTRIBUTED: Wording("Attributed", "Its credit is given; it counts as long as that is there."),
    Settled.REWRITTEN: Wording("Rewritten", "It was written anew; until it is gone it stands as it is."),
    Settled.FALSE_POSITIVE: Wording("No copy", "It was not taken from there, and nothing is owed for it."),
    Settled.WAIVED: Wording("Waived", "It may stand until a day, that day included."),
}
"""What a person may decide, in the words of the page."""

SETTLED_KEYS: dict[Settled, str] = {
    Settled.ACCEPTED: "a",
    Settled.ATTRIBUTED: "t",
    Settled.REWRITTEN: "r",
    Settled.FALSE_POSITIVE: "f",
    Settled.WAIVED: "w",
}
"""The letter that chooses each of them."""


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding as it is shown: where in the review it stands, its match beside its reference, what was said of it.

    `position` counts from 1; it is None where the finding is none of those that are gone through, any more perhaps.
    """

    reviewed: ReviewedFinding
    match: MatchView
    file: int
    said: Sequence[Entry]
    position: int | None
    total: int
    previous: str | None
    next: str | None


def selected(review: Review, verdict: Action | None, state: ReviewState | None) -> list[ReviewedFinding]:
    """Return the findings that are gone through, in the order of the report."""
    return [one for one in review.findings if verdict in (None, one.then.verdict) and _is_in(one, state)]


def finding_view(
    review: Review,
    fingerprint: str,
    chosen: Sequence[ReviewedFinding],
    text: bytes | None,
    read_reference: ReadReference,
) -> FindingView:
    """Lay out one finding among those that are `chosen`; `text` is its file where that is kept.

    Raises NoSuchFinding.
    """
    reviewed = review.finding(fingerprint)
    places = {id(one): number for number, one in enumerate(review.findings)}
    here = places[id(reviewed)]
    before = [one for one in chosen if places[id(one)] < here]
    after = [one for one in chosen if places[id(one)] > here]
    is_chosen = len(before) + len(after) < len(chosen)
    return FindingView(
        reviewed=reviewed,
        match=_match(review, reviewed, text, read_reference),
        file=file_number(review, reviewed),
        said=review.said_of(reviewed),
        position=len(before) + 1 if is_chosen else None,
        total=len(chosen),
        previous=before[-1].then.fingerprint if before else None,
        next=after[0].then.fingerprint if after else None,
    )


def file_number(review: Review, reviewed: ReviewedFinding) -> int:
    """Return the number of a finding's file through the searched ones, from 0."""
    return next(number for number, file in enumerate(review.report.files) if file.path == reviewed.then.path)


def _is_in(finding: ReviewedFinding, state: ReviewState | None) -> bool:
    match state:
        case ReviewState.OPEN:
            return finding.is_open
        case ReviewState.DECIDED:
            return finding.now.decision is not None
        case _:
            return True


def _match(review: Review, reviewed: ReviewedFinding, text: bytes | None, read_reference: ReadReference) -> MatchView:
    file = review.report.files[file_number(review, reviewed)]
    answer = {
        **file.as_json(),
        "matches": [reviewed.now.as_json()],
        "index": review.report.index.as_json(),
    }
    code = None if text is None else text.decode("utf-8", "replace")
    view = check_view(answer, code, References(read_reference)).matches[0]
    evidence = reviewed.then.evidence
    if view.rows is not None or evidence is None:
        return view
    rows = evidence_rows(evidence.ours, evidence.theirs, view.answer, file.language)
    return replace(view, rows=rows, why="")
