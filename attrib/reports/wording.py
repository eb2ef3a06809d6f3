"""What every report for a person says of a finding, in the same words."""

from collections.abc import Iterable

from attrib.audits.findings import Decision, Finding, Settled, Standing
from attrib.audits.report import AuditReport
from attrib.match_text import likeness, place
from attrib.notices.document import plain_line

_STANDING = {
    Standing.DEPENDENCY: "a declared dependency",
    Standing.VENDORED: "a vendored copy",
    Standing.OWN: "the project's own code",
}
_SETTLED = {
    Settled.ACCEPTED: "accepted",
    Settled.ATTRIBUTED: "attributed",
    Settled.REWRITTEN: "rewritten",
    Settled.FALSE_POSITIVE: "a false positive",
    Settled.WAIVED: "waived",
}


NOT_ASKED = "part of the index could not be asked: this file is not known to be clean"


def incomplete_line(report: AuditReport) -> str:
    """Return of how many files it is not known what stands in them."""
    return (
        f"part of the index could not be asked about {len(report.incomplete):,} files: they are not known to be clean"
    )


def origin_line(finding: Finding) -> str:
    """Return where the code stands in the reference and how alike it is, on one line of plain text."""
    best = finding.match.origins[0]
    return plain_line(f"{likeness(finding.match)} as in {best.purl} {place(best)}")


def remarks(finding: Finding) -> list[str]:
    """Return every reason, and what is known, to be done and decided, a line of plain text each."""
    told = list(finding.outcome.reasons)
    if finding.provenance is not None:
        known = finding.provenance
        told.append(f"{_STANDING[known.standing]}: {known.purl}, by {known.declared_in}")
    told += [f"still to be done: {sentence}" for sentence in open_duties(finding)]
    if finding.decision is not None:
        told.append(decided(finding.decision))
    if finding.baseline:
        told.append("known from the baseline")
    return [plain_line(line) for line in told]


def open_duties(finding: Finding) -> tuple[str, ...]:
    """Return the sentences of the duties that nothing in the tree meets, each once."""
    return tuple(dict.fromkeys(duty.sentence for duty in finding.duties if duty.met_in is None))


def decided(decision: Decision) -> str:
    """Return what was decided, by whom, when, why and until when."""
    until = f", until {decision.until.isoformat()}" if decision.until else ""
    return f"{_SETTLED[decision.settled]}{until}: {decision.reason} ({decision.by}, {decision.at.date().isoformat()})"


def counting(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that tell of a copy; common code, which asks for nothing, tells of none."""
    return [finding for finding in findings if not finding.match.common]
