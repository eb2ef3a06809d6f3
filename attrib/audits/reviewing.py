"""What is known of the findings of a stored audit by now: what was decided since, and what was ever said of each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from attrib.answers import Action
from attrib.audits.decisions import alike, decided, merged
from attrib.audits.duties import with_credit_given
from attrib.audits.findings import Decision, Finding
from attrib.audits.history import Entry
from attrib.audits.precedents import fitted
from attrib.audits.report import AuditReport
from attrib.audits.standing import outcome
from attrib.errors import NoSuchFinding
from index.purls import source_name


@dataclass(frozen=True, slots=True)
class ReviewedFinding:
    """A finding as the audit left it, and as it is `now`, with the decision in force.

    `unclear` is a decision about it that says nothing until its equal copies are decided about, too.
    """

    then: Finding
    now: Finding
    unclear: Decision | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody is to decide: it asks for something, and no decision, or only an ended waiver, is there."""
        return self.now.verdict is not Action.ALLOW and (self.now.decision is None or self.waiver_ended)

    @property
    def waiver_ended(self) -> bool:
        """Whether it was waived until a day that is over."""
        decision = self.now.decision
        return decision is not None and decision.until is not None and self.now.verdict is not Action.ALLOW

    @property
    def is_changed(self) -> bool:
        """Whether something was decided or withdrawn since the audit."""
        return _said(self.then.decision) != _said(self.now.decision)


@dataclass(frozen=True, slots=True)
class Review:
    """A stored audit of a project, its findings without the common ones, and the project's history, oldest first."""

    report: AuditReport
    project: str
    findings: tuple[ReviewedFinding, ...]
    history: tuple[Entry, ...]

    def finding(self, fingerprint: str) -> ReviewedFinding:
        """Return the finding of a fingerprint, given whole; raises NoSuchFinding."""
        for one in self.findings:
            if fingerprint and one.then.fingerprint == fingerprint:
                return one
        raise NoSuchFinding(f"the audit {self.report.id} has no finding {fingerprint!r}")

    def report_now(self) -> AuditReport:
        """Return the report with the findings as they are now; its notices are still those of then."""
        now = {id(one.then): one.now for one in self.findings}
        files = (
            replace(file, findings=tuple(now.get(id(finding), finding) for finding in file.findings))
            for file in self.report.files
        )
        return replace(self.report, files=tuple(files))

    def said_of(self, finding: ReviewedFinding) -> tuple[Entry, ...]:
        """Return what was ever said of a finding, oldest first, also under the name it had at the decision in force."""
        decisions = (finding.then.decision, finding.now.decision, finding.unclear)
        names = {finding.then.fingerprint} | {one.fingerprint for one in decisions if one is not None}
        return tuple(entry for entry in self.history if entry.said.decision.fingerprint in names)


def reviewed(report: AuditReport, project: str, history: Iterable[Entry], on: date) -> Review:
    """Return the findings of an audit with what counts on a day: the newest word, of the audit or of the history.

    Decisions are found again as the next audit would find them (`attrib.audits.precedents`).
    """
    entries = tuple(history)
    said = {entry.said.decision.fingerprint: entry.said for entry in entries}
    findings = tuple(finding for finding in report.findings if not finding.match.common)
    at_the_time = {one.fingerprint: one for one in map(_decision_then, findings) if one is not None}
    in_force = merged(at_the_time.values(), said.values()).decisions
    by_decision = fitted(findings, in_force, alike)
    by_name = {decision.fingerprint: decision for decision in in_force}
    unclear = {decision.fingerprint: decision for decision in by_decision.ambiguous}
    return Review(
        report,
        project,
        tuple(
            ReviewedFinding(
                finding,
                # What the audit itself knew a finding as, it stays: an edit may have split what was decided about.
                _now(finding, decision or (finding.decision and by_name.get(finding.decision.fingerprint)), on),
                unclear.get(finding.fingerprint),
            )
            for finding, decision in zip(findings, by_decision.known, strict=True)
        ),
        entries,
    )


def _now(finding: Finding, decision: Decision | None, on: date) -> Finding:
    undecided = replace(finding, decision=None, outcome=outcome(finding.match.verdict, finding.provenance))
    undecided = with_credit_given(undecided)
    return undecided if decision is None else decided(undecided, decision, on)


def _decision_then(finding: Finding) -> Decision | None:
    """Return the decision that an audit found, with what it was about: reports do not repeat that."""
    if finding.decision is None:
        return None
    source = source_name(finding.match.origins[0].purl)
    return replace(finding.decision, sketch=finding.sketch, source=source, path=finding.path)


def _said(decision: Decision | None) -> tuple[object, ...]:
    return () if decision is None else (decision.settled, decision.by, decision.reason, decision.at, decision.until)
