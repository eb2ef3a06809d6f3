"""One finding of an audit: a match in a file, the evidence for it, what it asks for here, and what was decided."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from attrib.answers import ANSWERED_ORIGINS, Action, AttributedMatch, Verdict
from attrib.obligations import Ask


class Standing(StrEnum):
    """How code that matches a source may stand in a tree without being an undeclared copy."""

    DEPENDENCY = "dependency"
    VENDORED = "vendored"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Why a match is no accusation here: the tree itself says what the code is, in the file `declared_in`."""

    standing: Standing
    purl: str
    declared_in: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding's `provenance` object."""
        return {"standing": self.standing.value, "purl": self.purl, "declared_in": self.declared_in}


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing the licence of a finding asks for, and where in the tree that is met, None where it is not."""

    ask: Ask
    sentence: str
    met_in: str | None

    def as_json(self) -> dict[str, Any]:
        """Return an element of the finding's `duties`."""
        return {"ask": self.ask.value, "sentence": self.sentence, "met": self.met_in is not None, "met_in": self.met_in}


class Settled(StrEnum):
    """What a person may decide about a finding."""

    ACCEPTED = "accepted"
    ATTRIBUTED = "attributed"
    REWRITTEN = "rewritten"
    FALSE_POSITIVE = "false_positive"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a finding, by whom and why; a waiver ends behind its day `until`."""

    fingerprint: str
    settled: Settled
    by: str
    reason: str
    at: datetime
    until: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the finding's `decision` object."""
        return {
            "fingerprint": self.fingerprint,
            "decision": self.settled.value,
            "by": self.by,
            "reason": self.reason,
            "at": self.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "until": self.until.isoformat() if self.until else None,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """The lines of a match on both sides, as far as they are text; empty where it is not kept."""

    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One match in one file of the tree.

    `outcome` is the verdict that counts here: the match's own, or what provenance or a decision make of it.
    `fingerprint` survives moved lines, another layout and a renamed file; `baseline` says that it was there before.
    """

    path: str
    match: AttributedMatch
    outcome: Verdict
    fingerprint: str
    provenance: Provenance | None = None
    duties: tuple[Duty, ...] = ()
    decision: Decision | None = None
    baseline: bool = False
    evidence: Evidence | None = None

    @property
    def verdict(self) -> Action:
        """What the finding asks for."""
        return self.outcome.action

    @property
    def is_own(self) -> bool:
        """Whether the code is that of the package which the tree itself is."""
        return self.provenance is not None and self.provenance.standing is Standing.OWN

    def as_json(self, most_origins: int = ANSWERED_ORIGINS) -> dict[str, Any]:
        """Return the finding as the JSON report shows it; `verdict` and `reasons` are those that count here."""
        return {
            "path": self.path,
            "fingerprint": self.fingerprint,
            **self.match.as_json(most_origins),
            "verdict": self.outcome.action.value,
            "reasons": list(self.outcome.reasons),
            "provenance": self.provenance.as_json() if self.provenance else None,
            "duties": [duty.as_json() for duty in self.duties],
            "decision": self.decision.as_json() if self.decision else None,
            "baseline": self.baseline,
        }
