"""The report for a person at a terminal."""

from attrib.audits.findings import Finding
from attrib.audits.report import AuditReport
from attrib.counts import plural
from attrib.match_text import ALSO_SEEN, common_line, exchanged_names, likeness, lines
from attrib.reports.memorisation import line_text, sections
from attrib.reports.wording import incomplete_line, remarks

_SHOWN_REASONS = 12


def render(report: AuditReport) -> str:
    """Return a summary, every finding with its origin, those that are common apart, then what was left out and why."""
    totals = report.totals()
    statuses = totals["statuses"]
    scope = f" ({report.scope})" if report.scope else ""
    told = [
        f"{report.root}{scope}: {report.verdict.value}",
        f"  {plural(totals['files'], 'file')} searched against {report.index.files:,} files "
        f"of {report.index.sources:,} sources in {report.seconds:.1f} s",
        f"  with reference code: {statuses.get('matched', 0):,}, clean: {statuses.get('clean', 0):,}, "
        f"too short to say: {statuses.get('too_short', 0):,}",
    ]
    if report.incomplete:
        told.append(f"  {incomplete_line(report)}")
    path = None
    for finding in report.findings:
        if finding.match.common:
            continue
        if finding.path != path:
            path = finding.path
            told += ["", path]
        told += _finding(finding)
    common = [finding for finding in report.findings if finding.match.common]
    if common:
        told += ["", ALSO_SEEN]
        told += [f"  {finding.path} {common_line(finding.match)}" for finding in common]
    if totals["left_out"]:
        told += ["", "left out"]
        reasons = sorted(totals["left_out"].items(), key=lambda item: (-item[1], item[0]))
        told += [f"  {count:>6,}  {reason}" for reason, count in reasons[:_SHOWN_REASONS]]
        if len(reasons) > _SHOWN_REASONS:
            told.append(f"  and {len(reasons) - _SHOWN_REASONS} more reasons (--format json)")
    if report.memorisation is not None:
        for section in sections(report.memorisation):
            told += ["", section.title, *(f"  {line_text(row)}" for row in section.rows)]
            told += [f"  {section.rest}"] if section.rest else []
    if report.attribution.required:
        told += ["", f"notices are needed for {', '.join(report.attribution.spdx)}: --format notice writes them"]
    return "\n".join(told) + "\n"


def _finding(finding: Finding) -> list[str]:
    match = finding.match
    origin = match.origins[0]
    others = len(match.origins) - 1
    more = f" and {others} more place{'s' if others > 1 else ''}" if others else ""
    return [
        f"  {lines(match.output)}: {finding.verdict.value}, {likeness(match)}, {match.lexemes} lexemes",
        f"    from {origin.purl} {origin.path} {lines(origin.reference)}{more}",
        f"    {origin.license}; {'; '.join(origin.copyright) or 'no copyright stated'}",
        *([f"    other names: {exchanged_names(match)}"] if match.names else []),
        *(f"    {remark}" for remark in remarks(finding)),
    ]
