"""The formats a report is written in."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from attrib.audits.report import AuditReport
from attrib.reports import json, text


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
    }
)
