"""The report as one JSON document, as `audit.schema.json` beside this file describes it."""

from attrib.audits.report import AuditReport
from attrib.reports.documents import as_json


def render(report: AuditReport) -> str:
    """Return the report as JSON, indented, ending in a newline."""
    return as_json(report.as_json())
