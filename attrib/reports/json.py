"""The report as one JSON document."""

import json

from attrib.audits.report import AuditReport


def render(report: AuditReport) -> str:
    """Return the report as JSON, indented, ending in a newline."""
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"
