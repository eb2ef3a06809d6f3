"""Holds an audit against an earlier one: which findings are new, which are gone, and which are the same code."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attrib.audits.findings import Finding
from attrib.audits.fingerprints import is_fingerprint, unnumbered
from attrib.audits.precedents import fitted
from attrib.audits.report import AuditReport
from attrib.errors import UnreadableInput
from index.purls import source_name


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding of both audits: as it was, and as it is."""

    before: Finding
    now: Finding

    @property
    def is_judged_anew(self) -> bool:
        """Whether its verdict is another one than before."""
        return self.before.verdict is not self.now.verdict

    def as_json(self) -> dict[str, Any]:
        """Return an element of the comparison's `unchanged`."""
        return {**_told(self.now), "before": _told(self.before)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The findings of an audit beside those of an earlier one, common ones left out, in the order of their audits."""

    audit: AuditReport
    earlier: AuditReport
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    unchanged: tuple[Kept, ...]

    @property
    def judged_anew(self) -> int:
        """How many of the unchanged have another verdict now."""
        return sum(kept.is_judged_anew for kept in self.unchanged)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as the API and `attrib records compare --json` show it."""
        return {
            "audit": _audit(self.audit),
            "earlier": _audit(self.earlier),
            "totals": {
                "new": len(self.new),
                "gone": len(self.gone),
                "unchanged": len(self.unchanged),
                "judged_anew": self.judged_anew,
            },
            "new": [_told(finding) for finding in self.new],
            "gone": [_told(finding) for finding in self.gone],
            "unchanged": [kept.as_json() for kept in self.unchanged],
        }


@dataclass(frozen=True, slots=True)
class _Before:
    """A finding of the earlier audit, as something that was known."""

    finding: Finding

    @property
    def fingerprint(self) -> str:
        return self.finding.fingerprint

    @property
    def sketch(self) -> str:
        return self.finding.sketch

    @property
    def source(self) -> str:
        return source_name(self.finding.match.origins[0].purl)

    @property
    def path(self) -> str:
        return self.finding.path


def compared(audit: AuditReport, earlier: AuditReport) -> Comparison:
    """Hold the findings of an audit against those of an earlier one, matched as decisions are.

    Of equal copies nobody can tell which are the old ones: as many as there were count as unchanged, the first ones.
    Raises UnreadableInput for audits of versions that gave no fingerprints.
    """
    findings, before = _named(audit), [_Before(finding) for finding in _named(earlier)]
    matched = fitted(findings, before, lambda one, other: True)
    known = list(matched.known)
    ambiguous: dict[str, list[_Before]] = defaultdict(list)
    for one in matched.ambiguous:
        ambiguous[unnumbered(one.fingerprint)].append(one)
    for number, finding in enumerate(findings):
        equal = ambiguous.get(unnumbered(finding.fingerprint))
        if known[number] is None and equal:
            known[number] = equal.pop(0)
    still_there = {id(one) for one in known if one is not None}
    return Comparison(
        audit,
        earlier,
        tuple(finding for finding, one in zip(findings, known, strict=True) if one is None),
        tuple(one.finding for one in before if id(one) not in still_there),
        tuple(Kept(one.finding, finding) for finding, one in zip(findings, known, strict=True) if one is not None),
    )


def _named(report: AuditReport) -> Sequence[Finding]:
    findings = [finding for finding in report.findings if not finding.match.common]
    if not all(is_fingerprint(finding.fingerprint) for finding in findings):
        raise UnreadableInput(f"the audit {report.id} is of a version that named no findings: audit that tree again.")
    return findings


def _audit(report: AuditReport) -> dict[str, Any]:
    at = report.at.isoformat(timespec="seconds").replace("+00:00", "Z") if report.at else None
    return {"id": report.id, "root": report.root, "at": at, "verdict": report.verdict.value}


def _told(finding: Finding) -> dict[str, Any]:
    origin = finding.match.origins[0]
    return {
        "fingerprint": finding.fingerprint,
        "path": finding.path,
        "start_line": finding.match.output.start_line,
        "end_line": finding.match.output.end_line,
        "kind": finding.match.kind.value,
        "similarity": round(finding.match.similarity, 4),
        "verdict": finding.verdict.value,
        "purl": origin.purl,
        "license": origin.license,
    }
