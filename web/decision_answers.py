"""What the API answers about the findings of an audit and its comparison with another one, as types."""

from typing import Annotated, Any

from typing_extensions import Doc, TypedDict

from attrib.answers import Action
from attrib.audits.findings import Settled
from attrib.audits.reviewing import Review, ReviewedFinding
from index.matches import MatchKind


class DecisionJson(TypedDict):
    """What was decided about a finding."""

    fingerprint: Annotated[str, Doc("What the finding was called when it was decided about.")]
    decision: Settled
    by: str
    reason: str
    at: str
    until: Annotated[str | None, Doc("The last day of a waiver.")]


class SaidJson(DecisionJson):
    """An entry of the history of decisions."""

    number: Annotated[int, Doc("Its place in the history, which `attrib records verify` proves.")]
    withdrawn: Annotated[bool, Doc("That the decision was taken back then, by whom and why.")]


class ReviewedFindingJson(TypedDict):
    """A finding as the audit stored it, and what counts of it today."""

    audit: str
    project: Annotated[str, Doc("What its decisions are kept under.")]
    fingerprint: str
    verdict: Annotated[Action, Doc("That of the audit.")]
    verdict_now: Annotated[Action, Doc("With the decision in force.")]
    reasons_now: list[str]
    decision: Annotated[DecisionJson | None, Doc("The one in force.")]
    decided_since: Annotated[bool, Doc("That it was decided or withdrawn after the audit.")]
    open: Annotated[bool, Doc("That somebody is still to decide.")]
    history: Annotated[list[SaidJson], Doc("All that was ever said of it, oldest first.")]
    finding: Annotated[dict[str, Any], Doc("The finding, as in the report.")]


class ComparedAuditJson(TypedDict):
    """One of two audits that are compared."""

    id: str
    root: str
    at: str | None
    verdict: Action


class ComparedFindingJson(TypedDict):
    """A finding, in short."""

    fingerprint: str
    path: str
    start_line: int
    end_line: int
    kind: MatchKind
    similarity: float
    verdict: Action
    purl: str
    license: str


class KeptFindingJson(ComparedFindingJson):
    """A finding that both audits have."""

    before: ComparedFindingJson


class ComparedTotalsJson(TypedDict):
    """How many findings there are of each."""

    new: int
    gone: int
    unchanged: int
    judged_anew: Annotated[int, Doc("Unchanged ones that have another verdict now.")]


class ComparisonJson(TypedDict):
    """Which findings of an audit are new, unchanged, or gone since an earlier one."""

    audit: ComparedAuditJson
    earlier: ComparedAuditJson
    totals: ComparedTotalsJson
    new: list[ComparedFindingJson]
    gone: list[ComparedFindingJson]
    unchanged: list[KeptFindingJson]


def reviewed_json(review: Review, finding: ReviewedFinding) -> ReviewedFindingJson:
    """Return what counts of a finding today."""
    decision = finding.now.decision
    told: Any = None if decision is None else decision.as_json()
    said: list[Any] = [
        {**entry.said.decision.as_json(), "number": entry.number, "withdrawn": entry.said.withdrawn}
        for entry in review.said_of(finding)
    ]
    return {
        "audit": review.report.id,
        "project": review.project,
        "fingerprint": finding.then.fingerprint,
        "verdict": finding.then.verdict,
        "verdict_now": finding.now.verdict,
        "reasons_now": list(finding.now.outcome.reasons),
        "decision": told,
        "decided_since": finding.is_changed,
        "open": finding.is_open,
        "history": said,
        "finding": finding.then.as_json(),
    }
