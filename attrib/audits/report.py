"""What an audit found, as data; every report is written from it and computes nothing of its own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from attrib.answers import ANSWERED_ORIGINS, Action, Attribution, IndexState, least_verdict, strictest
from attrib.audits.declared import Declared
from attrib.audits.findings import Finding
from index.matches import SearchStatus


@dataclass(frozen=True, slots=True)
class AuditedFile:
    """A file that was searched, with the hashes of its content (hexadecimal), empty where an old record has none."""

    path: str
    status: SearchStatus
    language: str | None
    lexemes: int
    matched_lexemes: int
    findings: tuple[Finding, ...]
    swhid: str = ""
    sha1: str = ""
    sha256: str = ""

    @property
    def verdict(self) -> Action:
        """The strictest verdict of the file's findings; review at the least where it was not searched for whole."""
        return strictest([least_verdict(self.status), *(finding.verdict for finding in self.findings)])

    @property
    def credited(self) -> tuple[Finding, ...]:
        """The findings whose credit the notice gives, where it is asked for."""
        return tuple(finding for finding in self.findings if not finding.needs_no_notice)

    def as_json(self) -> dict[str, Any]:
        """Return the file as the JSON report shows it."""
        return {
            "path": self.path,
            "status": self.status.value,
            "verdict": self.verdict.value,
            "language": self.language,
            "lexemes": self.lexemes,
            "matched_lexemes": self.matched_lexemes,
            "swhid": self.swhid,
            "sha1": self.sha1,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Everything an audit found; reports are written from it and compute nothing of their own.

    `at` is when it began, UTC, None where an old record does not say. From the verdict `fail_on` on a finding makes
    the audit fail; with None nothing does, and what a baseline knows does only with `fail_on_known`. `notes` are what
    a person must be told of decisions that no longer fit. `scope` says which part or state of the tree was audited, ''
    for all of it as it stands; `own` are the packages that the tree is. `memorisation` says how much a model reproduced
    where it wrote the files (`attrib.memorisation_report`); None where none did.
    """

    id: str
    root: str
    index: IndexState
    files: tuple[AuditedFile, ...]
    left_out: tuple[tuple[str, str], ...]
    attribution: Attribution
    seconds: float
    notes: tuple[str, ...] = ()
    at: datetime | None = None
    fail_on: Action | None = Action.BLOCK
    fail_on_known: bool = False
    scope: str = ""
    own: tuple[Declared, ...] = ()
    memorisation: Mapping[str, Any] | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All matches, in the order of paths and lines."""
        return tuple(finding for file in self.files for finding in file.findings)

    @property
    def incomplete(self) -> tuple[AuditedFile, ...]:
        """The files for which part of the index could not be asked: there may be more in them than was found."""
        return tuple(file for file in self.files if file.status is SearchStatus.INCOMPLETE)

    @property
    def verdict(self) -> Action:
        """The strictest verdict of all files."""
        return strictest([file.verdict for file in self.files])

    @property
    def notice(self) -> str:
        """The third-party notices the tree needs; empty when it needs none."""
        return self.attribution.notice

    def fails(self, finding: Finding) -> bool:
        """Whether a finding makes the audit fail: its verdict is severe enough, and it is new or known ones count."""
        return (
            self.fail_on is not None
            and finding.verdict.severity >= self.fail_on.severity
            and finding.verdict is not Action.ALLOW
            and (self.fail_on_known or not finding.baseline)
        )

    def without_evidence(self) -> "AuditReport":
        """Return the report without a line of code, as it is stored where only hashes are kept."""
        files = (
            replace(file, findings=tuple(replace(finding, evidence=None) for finding in file.findings))
            for file in self.files
        )
        return replace(self, files=tuple(files))

    def totals(self) -> dict[str, Any]:
        """Return counts: files by status, files left out by reason, findings by verdict, lexemes."""
        return {
            "files": len(self.files),
            "lexemes": sum(file.lexemes for file in self.files),
            "matched_lexemes": sum(file.matched_lexemes for file in self.files),
            "statuses": dict(Counter(file.status.value for file in self.files)),
            "findings": dict(Counter(finding.verdict.value for finding in self.findings)),
            "left_out": dict(Counter(reason for _, reason in self.left_out)),
            "baseline": sum(finding.baseline for finding in self.findings),
        }

    def as_json(self, most_origins: int = ANSWERED_ORIGINS) -> dict[str, Any]:
        """Return the report as `--format json` shows it."""
        return {
            "id": self.id,
            "root": self.root,
            "scope": self.scope,
            "own": [package.as_json() for package in self.own],
            "at": self.at.isoformat(timespec="seconds").replace("+00:00", "Z") if self.at else None,
            "fail_on": self.fail_on.value if self.fail_on else None,
            "fail_on_known": self.fail_on_known,
            "verdict": self.verdict.value,
            "index": self.index.as_json(),
            "totals": self.totals(),
            "files": [file.as_json() for file in self.files],
            "findings": [finding.as_json(most_origins) for finding in self.findings],
            "left_out": [{"path": path, "reason": reason} for path, reason in self.left_out],
            "attribution": self.attribution.as_json(),
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
            **({} if self.memorisation is None else {"memorisation": dict(self.memorisation)}),
        }
