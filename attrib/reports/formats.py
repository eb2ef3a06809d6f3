"""The formats a report is written in."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from attrib.audits.report import AuditReport
from attrib.reports import csv, cyclonedx, html, json, junit, markdown, notice, sarif, spdx2, spdx3, text


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """How a report is written in a format; what it is called, what its file is called and what it is sent as."""

    render: Callable[[AuditReport], str]
    title: str
    file_name: str
    media_type: str


FORMATS: Final = MappingProxyType(
    {
        "text": ReportFormat(text.render, "Text", "audit.txt", "text/plain"),
        "json": ReportFormat(json.render, "JSON", "audit.json", "application/json"),
        "html": ReportFormat(html.render, "HTML", "audit.html", "text/html"),
        "markdown": ReportFormat(markdown.render, "Markdown", "audit.md", "text/markdown"),
        "notice": ReportFormat(notice.render, "Third-party notices", "THIRD-PARTY-NOTICES.txt", "text/plain"),
        "sarif": ReportFormat(sarif.render, "SARIF 2.1.0", "audit.sarif", "application/sarif+json"),
        "spdx": ReportFormat(spdx2.render, "SPDX 2.3", "audit.spdx.json", "application/spdx+json"),
        "spdx3": ReportFormat(spdx3.render, "SPDX 3.0.1", "audit.spdx3.json", "application/spdx+json"),
        "cyclonedx": ReportFormat(
            cyclonedx.render, "CycloneDX 1.6", "audit.cdx.json", "application/vnd.cyclonedx+json"
        ),
        "csv": ReportFormat(csv.render, "CSV", "audit.csv", "text/csv"),
        "junit": ReportFormat(junit.render, "JUnit", "audit.junit.xml", "application/xml"),
    }
)
