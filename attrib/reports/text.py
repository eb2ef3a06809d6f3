"""The report for a person at a terminal."""

from attrib.audit import AuditReport, Finding

_SHOWN_REASONS = 12


def render(report: AuditReport) -> str:
    """Return a summary, then every finding with its origin, then what was left out and why."""
    totals = report.totals()
    statuses = totals["statuses"]
    lines = [
        f"{report.root}: {report.verdict.value}",
        f"  {totals['files']:,} files searched against {report.index.files:,} files "
        f"of {report.index.sources:,} sources in {report.seconds:.1f} s",
        f"  {statuses.get('matched', 0):,} hold reference code, {statuses.get('clean', 0):,} are clean, "
        f"{statuses.get('too_short', 0):,} are too short to say",
    ]
    path = None
    for finding in report.findings:
        if finding.path != path:
            path = finding.path
            lines += ["", path]
        lines += _finding(finding)
    if totals["left_out"]:
        lines += ["", "left out"]
        reasons = sorted(totals["left_out"].items(), key=lambda item: (-item[1], item[0]))
        lines += [f"  {count:>6,}  {reason}" for reason, count in reasons[:_SHOWN_REASONS]]
        if len(reasons) > _SHOWN_REASONS:
            lines.append(f"  and {len(reasons) - _SHOWN_REASONS} more reasons (--format json)")
    if report.attribution.required:
        lines += ["", f"notices are needed for {', '.join(report.attribution.spdx)}: attrib notice {report.root}"]
    return "\n".join(lines) + "\n"


def _finding(finding: Finding) -> list[str]:
    match = finding.match
    origin = match.origins[0]
    more = f" and {len(match.origins) - 1} more places" if len(match.origins) > 1 else ""
    return [
        f"  lines {match.output.start_line}-{match.output.end_line}: {match.verdict.action.value}, "
        f"{match.kind.value} {int(match.similarity * 100)}%, {match.lexemes} lexemes"
        f"{', common' if match.common else ''}",
        f"    from {origin.purl} {origin.path} lines {origin.reference.start_line}-{origin.reference.end_line}{more}",
        f"    {origin.license}; {'; '.join(origin.copyright) or 'no copyright stated'}",
        *(f"    {reason}" for reason in match.verdict.reasons),
    ]
