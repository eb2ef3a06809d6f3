"""The third-party notices that the audited tree needs, as they stand in the report."""

from attrib.audits.report import AuditReport


def render(report: AuditReport) -> str:
    """Return the notices, ending in a newline; '' where the tree needs none."""
    return report.notice
