"""What an audit found, as data; every report is written from it and computes nothing of its own."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from attrib.answers import ANSWERED_ORIGINS, Action, Attribution, IndexState, strictest
from attrib.audits.declared import Declared
from attrib.audits.findings import Finding
from index.matches import SearchStatus


@dataclass(frozen=True, slots=True)
class AuditedFile:
    """A file that was searched."""

    path: str
    status: SearchStatus
    language: str | None
    lexemes: int
    matched_lexemes: int
    findings: tuple[Finding, ...]
    swhid: str = ""

    @property
    def verdict(self) -> Action:
        """The strictest verdict of the file's findings."""
        return strictest([finding.verdict for finding in self.findings])

    @property
    def credited(self) -> tuple[Finding, ...]:
        """The findings of other people's code, whose credit the notice gives where it is asked for."""
        return tuple(finding for finding in self.findings if not finding.is_own)

    def as_json(self) -> dict[str, Any]:
        """Return the file as the JSON report shows it."""
        return {
            "path": self.path,
            "status": self.status.value,
            "verdict": self.verdict.value,
            "language": self.language,
            "lexemes": self.lexemes,
            "matched_lexemes": self.matched_lexemes,
        }


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Everything an audit found; reports are written from it and compute nothing of their own.

    `scope` says which part or state of the tree was audited, '' for all of it; `own` are the packages that the tree is.
    """

    id: str
    root: str
    index: IndexState
    files: tuple[AuditedFile, ...]
    left_out: tuple[tuple[str, str], ...]
    attribution: Attribution
    seconds: float
    scope: str = ""
    own: tuple[Declared, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All matches, in the order of paths and lines."""
        return tuple(finding for file in self.files for finding in file.findings)

    @property
    def verdict(self) -> Action:
        """The strictest verdict of all findings."""
        return strictest([file.verdict for file in self.files])

    @property
    def notice(self) -> str:
        """The third-party notices the tree needs; empty when it needs none."""
        return self.attribution.notice

    def totals(self) -> dict[str, Any]:
        """Return counts: files by status, files left out by reason, findings by verdict, lexemes."""
        return {
            "files": len(self.files),
            "lexemes": sum(file.lexemes for file in self.files),
            "matched_lexemes": sum(file.matched_lexemes for file in self.files),
            "statuses": dict(Counter(file.status.value for file in self.files)),
            "findings": dict(Counter(finding.verdict.value for finding in self.findings)),
            "left_out": dict(Counter(reason for _, reason in self.left_out)),
        }

    def as_json(self, most_origins: int = ANSWERED_ORIGINS) -> dict[str, Any]:
        """Return the report as `--format json` shows it."""
        return {
            "id": self.id,
            "root": self.root,
            "scope": self.scope,
            "own": [package.as_json() for package in self.own],
            "verdict": self.verdict.value,
            "index": self.index.as_json(),
            "totals": self.totals(),
            "files": [file.as_json() for file in self.files],
            "findings": [finding.as_json(most_origins) for finding in self.findings],
            "left_out": [{"path": path, "reason": reason} for path, reason in self.left_out],
            "attribution": self.attribution.as_json(),
            "seconds": round(self.seconds, 3),
        }
