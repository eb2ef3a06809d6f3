"""The audits that a database holds of one project, and of all: enough of each to choose it by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from attrib.record_tables import RecordRow
from attrib.records import RecordKind


@dataclass(frozen=True, slots=True)
class PastAudit:
    """A stored audit of a project; `root` is what the audited tree is called, `scope` '' where it was whole."""

    id: str
    project: str
    root: str
    scope: str
    verdict: str
    created_at: datetime


class PastAudits:
    """Looks stored audits up, newest first, without reading their reports."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_project(self, project: str, *, before: str | None = None, limit: int = 20) -> Sequence[PastAudit]:
        """Return audits of a project, those before the audit with that id."""
        return self._found(project, before, limit)

    def newest(self, limit: int = 20) -> Sequence[PastAudit]:
        """Return the audits of all projects."""
        return self._found(None, None, limit)

    def _found(self, project: str | None, before: str | None, limit: int) -> Sequence[PastAudit]:
        root = RecordRow.request["path"].as_string()
        named = func.coalesce(RecordRow.request["project"].as_string(), root)
        wanted = (
            select(
                RecordRow.id,
                named,
                root,
                func.coalesce(RecordRow.request["scope"].as_string(), ""),
                RecordRow.verdict,
                RecordRow.created_at,
            )
            .where(RecordRow.kind == RecordKind.AUDIT.value)
            .order_by(RecordRow.id.desc())
            .limit(limit)
        )
        if project is not None:
            wanted = wanted.where(named == project)
        if before is not None:
            wanted = wanted.where(RecordRow.id < before)
        with self._engine.connect() as connection:
            return [PastAudit(*row) for row in connection.execute(wanted)]
