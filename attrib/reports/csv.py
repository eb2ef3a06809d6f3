"""The findings as CSV (RFC 4180): a row each, safe to be opened in a spreadsheet."""

import csv
import io
from typing import Final

from attrib.audits.findings import Finding
from attrib.audits.report import AuditReport
from attrib.notices.document import plain_line
from attrib.reports.wording import open_duties

COLUMNS: Final = (
    "path",
    "start_line",
    "end_line",
    "verdict",
    "judged",
    "kind",
    "similarity",
    "lexemes",
    "information_bits",
    "common",
    "sources",
    "origin_purl",
    "origin_path",
    "origin_start_line",
    "origin_end_line",
    "origin_swhid",
    "license",
    "category",
    "license_evidence",
    "copyright",
    "reasons",
    "open_duties",
    "provenance",
    "decision",
    "decided_by",
    "decision_reason",
    "decided_until",
    "baseline",
    "fingerprint",
)
# A spreadsheet reads a cell that begins so as a formula (OWASP, "CSV Injection").
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def render(report: AuditReport) -> str:
    """Return a heading and a row for each finding, lines ended by CRLF; what would be a formula begins with a quote."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for finding in report.findings:
        rows.writerow([_cell(value) for value in _row(finding)])
    return written.getvalue()


def _row(finding: Finding) -> tuple[str | int | float | bool, ...]:
    match, decision, known = finding.match, finding.decision, finding.provenance
    best = match.origins[0]
    return (
        finding.path,
        match.output.start_line,
        match.output.end_line,
        finding.verdict.value,
        match.verdict.action.value,
        match.kind.value,
        round(match.similarity, 3),
        match.lexemes,
        round(match.information_bits),
        match.common,
        match.sources,
        best.purl,
        best.path,
        best.reference.start_line,
        best.reference.end_line,
        best.swhid,
        best.license,
        best.category,
        best.license_evidence,
        "; ".join(best.copyright),
        "; ".join(finding.outcome.reasons),
        "; ".join(open_duties(finding)),
        f"{known.standing.value}: {known.declared_in}" if known else "",
        decision.settled.value if decision else "",
        decision.by if decision else "",
        decision.reason if decision else "",
        decision.until.isoformat() if decision and decision.until else "",
        finding.baseline,
        finding.fingerprint,
    )


def _cell(value: str | int | float | bool) -> str | int | float:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return value
    line = plain_line(value)
    return f"'{line}" if line.startswith(_FORMULA) else line
