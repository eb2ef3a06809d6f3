"""One finding of an audit: a match in a file, the evidence for it, what it asks for here, and what was decided."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

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


CLEARED: Final = frozenset({Settled.ACCEPTED, Settled.FALSE_POSITIVE})
"""Decided so, nothing is owed for a finding."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a finding, by whom and why; a waiver ends behind its day `until`.

    `sketch`, `source` (a purl without its version) and `path` are of the finding as it was then; empty where not known.
    """

    fingerprint: str
    settled: Settled
    by: str
    reason: str
    at: datetime
    until: date | None = None
    sketch: str = ""
    source: str = ""
    path: str = ""

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
    """The lines of a match on both sides, as text; `cut` says that there are more than are kept."""

    ours: str
    theirs: str
    cut: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the finding's `evidence` object."""
        return {"ours": self.ours, "theirs": self.theirs, "cut": self.cut}


@dataclass(frozen=True, slots=True)
class Finding:
    """One match in one file of the tree.

    `outcome` is the verdict that counts here: the match's own, or what provenance or a decision make of it.
    `fingerprint` survives moved lines, another layout and a renamed file, and `sketch` small edits of the code, too
    (see `attrib.audits.fingerprints`); `baseline` says that it was there before. `evidence` is None where the lines
    are not kept.
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
    sketch: str = ""

    @property
    def verdict(self) -> Action:
        """What the finding asks for."""
        return self.outcome.action

    @property
    def is_own(self) -> bool:
        """Whether the code is that of the package which the tree itself is."""
        return self.provenance is not None and self.provenance.standing is Standing.OWN

    @property
    def needs_no_notice(self) -> bool:
        """Whether no notice is owed for it: the tree's own code, or what somebody decided is no copy or may stand."""
        return self.is_own or (self.decision is not None and self.decision.settled in CLEARED)

    def as_json(self, most_origins: int = ANSWERED_ORIGINS) -> dict[str, Any]:
        """Return the finding as the JSON report shows it.

        `verdict` and `reasons` are those that count here; `judged` is what the policy said of the match by itself.
        """
        output = self.match.output
        return {
            "path": self.path,
            "fingerprint": self.fingerprint,
            "sketch": self.sketch,
            **self.match.as_json(most_origins),
            "verdict": self.outcome.action.value,
            "reasons": list(self.outcome.reasons),
            "judged": {"verdict": self.match.verdict.action.value, "reasons": list(self.match.verdict.reasons)},
            "output": {
                "start_line": output.start_line,
                "end_line": output.end_line,
                "start_byte": output.start_byte,
                "end_byte": output.end_byte,
            },
            "provenance": self.provenance.as_json() if self.provenance else None,
            "duties": [duty.as_json() for duty in self.duties],
            "decision": self.decision.as_json() if self.decision else None,
            "baseline": self.baseline,
            "evidence": self.evidence.as_json() if self.evidence else None,
        }
