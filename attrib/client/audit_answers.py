"""What a server answers about the findings of an audit, as frozen dataclasses with the names of the API."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a finding; `until` is the last day of a waiver."""

    fingerprint: str
    decision: str
    by: str
    reason: str
    at: str
    until: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of the history of decisions; where it is `withdrawn`, that is by whom and why."""

    fingerprint: str
    decision: str
    by: str
    reason: str
    at: str
    until: str | None
    number: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class ReviewedFinding:
    """A finding as an audit left it, and as it is now; `finding` is that of the report."""

    audit: str
    project: str
    fingerprint: str
    verdict: str
    verdict_now: str
    reasons_now: tuple[str, ...]
    decision: Decision | None
    decided_since: bool
    open: bool
    history: tuple[Said, ...]
    finding: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ComparedAudit:
    """One of two audits that are compared."""

    id: str
    root: str
    at: str | None
    verdict: str


@dataclass(frozen=True, slots=True)
class ComparedFinding:
    """A finding, in short."""

    fingerprint: str
    path: str
    start_line: int
    end_line: int
    kind: str
    similarity: float
    verdict: str
    purl: str
    license: str


@dataclass(frozen=True, slots=True)
class KeptFinding(ComparedFinding):
    """A finding that both audits have, with what it was before."""

    before: ComparedFinding


@dataclass(frozen=True, slots=True)
class ComparedTotals:
    """How many findings there are of each; `judged_anew` are unchanged ones with another verdict."""

    new: int
    gone: int
    unchanged: int
    judged_anew: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is new, gone and unchanged in an audit since an earlier one."""

    audit: ComparedAudit
    earlier: ComparedAudit
    totals: ComparedTotals
    new: tuple[ComparedFinding, ...]
    gone: tuple[ComparedFinding, ...]
    unchanged: tuple[KeptFinding, ...]
