"""The audits that are asked for and run in the background: one row each, shared by every process of a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import zstandard
from sqlalchemy import (
    JSON,
    BigInteger,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from attrib.errors import NoSuchAudit
from attrib.record_tables import RecordBase, UtcDateTime

SILENCE = timedelta(seconds=30)
"""How long a running audit may give no sign of life before it counts as interrupted."""


class AuditState(StrEnum):
    """How far an audit is; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        """Whether nothing will happen to the audit any more."""
        return self not in (AuditState.QUEUED, AuditState.RUNNING)


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit that was asked for; its record has the same id once it is done.

    `name` is the archive's, `size` its bytes; of a path on the server, which is its `path`, they are the path and 0.
    Decisions are kept under `project`, None where the tree at the path is still to say what it is. `files_done` of
    `files` are through; None before they were counted. `reason` says why it failed. `verdict` and `totals` are those of
    the report.
    """

    id: str
    state: AuditState
    name: str
    size: int
    exclude: tuple[str, ...]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    files_done: int
    files: int | None
    cancelling: bool
    reason: str | None
    verdict: str | None
    totals: Mapping[str, Any] | None
    project: str | None = None
    path: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the audit as the API shows it."""
        return {
            "id": self.id,
            "state": self.state.value,
            "name": self.name,
            "size": self.size,
            "project": self.project,
            "path": self.path,
            "exclude": list(self.exclude),
            "created_at": _moment(self.created_at),
            "started_at": _moment(self.started_at),
            "ended_at": _moment(self.ended_at),
            "progress": {"files_done": self.files_done, "files": self.files},
            "cancelling": self.cancelling,
            "reason": self.reason,
            "verdict": self.verdict,
            "totals": None if self.totals is None else dict(self.totals),
        }


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some audits, newest first, and the cursor of the page after them; None at the end."""

    audits: tuple[Audit, ...]
    cursor: str | None


class AuditRow(RecordBase):
    """An audit that was asked for; `worker` is the process that runs it, `beat_at` its last sign of life."""

    __tablename__ = "audits"
    __table_args__ = (Index(None, "state"), Index(None, "ended_at"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    exclude: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(String(64))
    beat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    files_done: Mapped[int] = mapped_column(BigInteger)
    files: Mapped[int | None] = mapped_column(BigInteger)
    cancelling: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    verdict: Mapped[str | None] = mapped_column(String(16))
    totals: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    project: Mapped[str | None] = mapped_column(Text)
    path: Mapped[str | None] = mapped_column(Text)


class AuditedTextRow(RecordBase):
    """A file of an audited archive that has findings (zstd); it goes with the record of the audit."""

    __tablename__ = "audited_texts"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    compressed: Mapped[bytes] = mapped_column(LargeBinary)


class AuditStore:
    """Reads and writes the audits of one database; safe to use from several threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        audit_id: str,
        name: str,
        size: int,
        exclude: Sequence[str],
        *,
        project: str | None = None,
        path: str | None = None,
    ) -> None:
        """Put an audit at the end of the queue: of an archive, or of a path on the server."""
        row = {
            "id": audit_id,
            "state": AuditState.QUEUED.value,
            "name": _storable(name),
            "size": size,
            "exclude": list(exclude),
            "project": None if project is None else _storable(project),
            "path": path,
            "created_at": datetime.now(UTC),
            "files_done": 0,
            "cancelling": False,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(AuditRow).values(row))

    def get(self, audit_id: str) -> Audit:
        """Return one audit; raises NoSuchAudit."""
        with Session(self._engine) as session:
            row = session.get(AuditRow, audit_id)
            if row is None:
                raise NoSuchAudit(f"no audit {audit_id!r} is stored")
            return _audit(row)

    def page(self, limit: int = 50, cursor: str | None = None, state: AuditState | None = None) -> AuditPage:
        """Return up to `limit` audits, newest first, after the one whose id is the cursor."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
        if cursor is not None:
            query = query.where(AuditRow.id < cursor)
        if state is not None:
            query = query.where(AuditRow.state == state.value)
        with Session(self._engine) as session:
            rows = session.scalars(query).all()
            audits = tuple(_audit(row) for row in rows[:limit])
        return AuditPage(audits, audits[-1].id if len(rows) > limit else None)

    def queued(self) -> list[str]:
        """Return the ids of the audits that wait, the oldest first."""
        query = select(AuditRow.id).where(AuditRow.state == AuditState.QUEUED.value).order_by(AuditRow.id)
        with self._engine.connect() as connection:
            return list(connection.scalars(query))

    def count(self, state: AuditState) -> int:
        """Return how many audits are in a state."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.count()).where(AuditRow.state == state.value)) or 0

    def claim(self, audit_id: str, worker: str) -> Audit | None:
        """Take a waiting audit for a process; None where another has taken it or it was cancelled."""
        now = datetime.now(UTC)
        running = {"state": AuditState.RUNNING.value, "worker": worker, "started_at": now, "beat_at": now}
        return self.get(audit_id) if self._change(audit_id, AuditState.QUEUED, running) else None

    def beat(self, audit_id: str, files_done: int, files: int | None) -> bool:
        """Give a sign of life with how far the audit is; False where it is to end: it was cancelled, or given up."""
        far = {"beat_at": datetime.now(UTC), "files_done": files_done, "files": files}
        return self._change(audit_id, AuditState.RUNNING, far) and not self.get(audit_id).cancelling

    def give_back(self, audit_id: str) -> None:
        """Put a running audit back into the queue, to begin anew."""
        waiting = {"state": AuditState.QUEUED.value, "worker": None, "started_at": None, "files_done": 0, "files": None}
        self._change(audit_id, AuditState.RUNNING, waiting)

    def end(
        self,
        audit_id: str,
        state: AuditState,
        *,
        reason: str | None = None,
        verdict: str | None = None,
        totals: Mapping[str, Any] | None = None,
    ) -> None:
        """End a running audit in a final state."""
        ended = {
            "state": state.value,
            "ended_at": datetime.now(UTC),
            "reason": None if reason is None else reason.encode("utf-8", "replace").decode(),
            "verdict": verdict,
            "totals": None if totals is None else dict(totals),
        }
        self._change(audit_id, AuditState.RUNNING, ended)

    def cancel(self, audit_id: str) -> Audit:
        """End a waiting audit, and ask a running one to end; raises NoSuchAudit."""
        ended = {"state": AuditState.CANCELLED.value, "ended_at": datetime.now(UTC)}
        if not self._change(audit_id, AuditState.QUEUED, ended):
            self._change(audit_id, AuditState.RUNNING, {"cancelling": True})
        return self.get(audit_id)

    def interrupt_silent(self) -> list[str]:
        """End the running audits whose process gave no sign of life for too long, and return their ids."""
        silent = (AuditRow.state == AuditState.RUNNING.value) & (AuditRow.beat_at < datetime.now(UTC) - SILENCE)
        with self._engine.connect() as connection:
            ids = connection.scalars(select(AuditRow.id).where(silent)).all()
        ended = {"state": AuditState.INTERRUPTED.value, "ended_at": datetime.now(UTC)}
        return [one for one in ids if self._change(one, AuditState.RUNNING, ended)]

    def keep_text(self, record_id: str, texts: Mapping[int, bytes]) -> None:
        """Keep files of an audit by number, compressed already; its record must be there."""
        rows = [{"record_id": record_id, "number": number, "compressed": text} for number, text in texts.items()]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(AuditedTextRow), rows)

    def text(self, record_id: str, number: int) -> bytes | None:
        """Return a file of an audit by its number; None where it is not kept."""
        query = select(AuditedTextRow.compressed).where(
            AuditedTextRow.record_id == record_id, AuditedTextRow.number == number
        )
        with self._engine.connect() as connection:
            compressed = connection.scalar(query)
        return None if compressed is None else zstandard.decompress(compressed)

    def _change(self, audit_id: str, state: AuditState, values: Mapping[str, Any]) -> bool:
        """Change an audit that is in a state, and tell whether it was."""
        query = update(AuditRow).where(AuditRow.id == audit_id, AuditRow.state == state.value).values(values)
        with self._engine.begin() as connection:
            return bool(connection.execute(query).rowcount)


def _audit(row: AuditRow) -> Audit:
    state = AuditState(row.state)
    if state is AuditState.RUNNING and row.beat_at is not None and row.beat_at < datetime.now(UTC) - SILENCE:
        state = AuditState.INTERRUPTED
    return Audit(
        id=row.id,
        state=state,
        name=row.name,
        size=row.size,
        exclude=tuple(row.exclude),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        files_done=row.files_done,
        files=row.files,
        cancelling=row.cancelling,
        reason=row.reason,
        verdict=row.verdict,
        totals=row.totals,
        project=row.project,
        path=row.path,
    )


def _storable(name: str) -> str:
    # A name that is not UTF-8 has lone surrogates in it, which no database stores.
    return name.encode("utf-8", "replace").decode()


def _moment(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
