"""Decisions about findings: how those of the file and those of the database become one, and what each makes of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from attrib.answers import Action, Verdict
from attrib.audits.baselines import KnownFinding
from attrib.audits.findings import Decision, Finding, Settled
from attrib.audits.fingerprints import is_fingerprint
from attrib.errors import UnreadableInput

_Fingerprinted = TypeVar("_Fingerprinted", KnownFinding, Decision)


@dataclass(frozen=True, slots=True)
class Said:
    """The newest word about a finding: a decision, or that an earlier one is withdrawn."""

    decision: Decision
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """The decisions that count, in the order of their fingerprints, and the sentences about those that differed."""

    decisions: tuple[Decision, ...]
    conflicts: tuple[str, ...]


def decision_about(
    finding: KnownFinding,
    settled: Settled,
    *,
    by: str,
    reason: str,
    until: date | None = None,
    at: datetime | None = None,
) -> Decision:
    """Return a decision about a finding as it stands, made at that moment or now.

    Raises UnreadableInput where nobody or no reason is named, a waiver has no end, or something else has one.
    """
    decision = Decision(
        fingerprint=finding.fingerprint,
        settled=settled,
        by=" ".join(by.split()),
        reason=" ".join(reason.split()),
        at=(at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0),
        until=until,
        sketch=finding.sketch,
        source=finding.source,
        path=finding.path,
    )
    mistakes = mistakes_of(decision)
    if mistakes:
        raise UnreadableInput(f"the decision {'; it '.join(mistakes)}.")
    return decision


def mistakes_of(decision: Decision) -> tuple[str, ...]:
    """Say what is wrong with a decision; empty where nothing is."""
    mistakes = []
    if not is_fingerprint(decision.fingerprint):
        mistakes.append(f"names no finding: {decision.fingerprint!r} is not a fingerprint as an audit shows it")
    if not decision.by:
        mistakes.append("does not say by whom it is")
    if not decision.reason:
        mistakes.append("gives no reason")
    if decision.settled is Settled.WAIVED and decision.until is None:
        mistakes.append("waives without end: say until which day")
    if decision.settled is not Settled.WAIVED and decision.until is not None:
        mistakes.append(f"is {decision.settled.value} and has an end, which only a waiver has")
    return tuple(mistakes)


def merged(of_file: Iterable[Decision], of_database: Iterable[Said]) -> Merged:
    """Return the newest word about each fingerprint; of two of one moment the file's, which people review."""
    stored = {said.decision.fingerprint: said for said in of_database}
    newest = dict(stored)
    conflicts = []
    for decision in of_file:
        other = stored.get(decision.fingerprint)
        if other is None or decision.at >= other.decision.at:
            newest[decision.fingerprint] = Said(decision)
        if other is not None and not _agree(decision, other):
            conflicts.append(_conflict(decision, other))
    kept = sorted((said.decision for said in newest.values() if not said.withdrawn), key=lambda one: one.fingerprint)
    return Merged(tuple(kept), tuple(conflicts))


def decided(finding: Finding, decision: Decision, on: date) -> Finding:
    """Return a finding with a decision about it, and with what that makes of its outcome on a day."""
    return replace(finding, decision=decision, outcome=_outcome(finding, decision, on))


def alike(one: Decision, other: Decision) -> bool:
    """Tell whether two decisions say the same, so that either may stand for the other."""
    return (one.settled, one.until) == (other.settled, other.until)


def _outcome(finding: Finding, decision: Decision, on: date) -> Verdict:
    said = f"by {decision.by} on {decision.at.date().isoformat()}: {decision.reason}"
    match decision.settled:
        case Settled.ACCEPTED:
            return _allowed(finding, f"accepted {said}")
        case Settled.FALSE_POSITIVE:
            return _allowed(finding, f"found to be no copy {said}")
        case Settled.WAIVED if decision.until is not None and on <= decision.until:
            return _allowed(finding, f"waived until {decision.until.isoformat()} {said}")
        case Settled.WAIVED:
            return _unsettled(finding, f"its waiver ended on {decision.until}, given {said}")
        case Settled.REWRITTEN:
            return _unsettled(finding, f"it was said to be rewritten, and stands here still ({said})")
        case Settled.ATTRIBUTED:
            missing = [duty.sentence for duty in finding.duties if duty.met_in is None]
            if not missing and (finding.duties or finding.match.attributed):
                return _allowed(finding, f"attributed {said}")
            what = "; ".join(missing) or "no credit is given"
            return _unsettled(finding, f"it was said to be attributed, but the credit is missing: {what} ({said})")


def _allowed(finding: Finding, reason: str) -> Verdict:
    return replace(finding.outcome, action=Action.ALLOW, reasons=(reason,))


def _unsettled(finding: Finding, reason: str) -> Verdict:
    if finding.outcome.action is Action.ALLOW:
        return finding.outcome
    return replace(finding.outcome, reasons=(*finding.outcome.reasons, reason))


def _agree(decision: Decision, said: Said) -> bool:
    return not said.withdrawn and alike(decision, said.decision) and decision.reason == said.decision.reason


def _conflict(decision: Decision, said: Said) -> str:
    other = said.decision
    stored = "withdrawn" if said.withdrawn else other.settled.value
    newer = "the file" if decision.at >= other.at else "the database"
    return (
        f"{decision.fingerprint}: the file says {decision.settled.value} ({decision.by}, {decision.at.date()}), "
        f"the database says {stored} ({other.by}, {other.at.date()}); {newer} is newer and counts"
    )


def decided_as(decisions: Sequence[Decision], fingerprint: str) -> Decision:
    """Return the decision about what a fingerprint, or the beginning of one, names; raises as `one_of` does."""
    return _named(decisions, fingerprint, "decision")


def one_of(findings: Sequence[KnownFinding], fingerprint: str) -> KnownFinding:
    """Return the finding that a fingerprint, or the beginning of one, names.

    Raises UnreadableInput where it names none or several.
    """
    return _named(findings, fingerprint, "finding")


def _named(known: Sequence[_Fingerprinted], fingerprint: str, what: str) -> _Fingerprinted:
    exact = [one for one in known if one.fingerprint == fingerprint]
    found = exact or [one for one in known if fingerprint and one.fingerprint.startswith(fingerprint)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UnreadableInput(f"no {what} here has the fingerprint {fingerprint!r}: `attrib audit` shows them.")
    raise UnreadableInput(f"{len(found)} {what}s begin with {fingerprint!r}: give more of the fingerprint.")
