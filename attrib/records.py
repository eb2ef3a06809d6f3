"""What was checked, generated and audited, stored before the answer leaves."""

import re
import secrets
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, delete, insert, or_, select
from sqlalchemy.orm import Session, defer, sessionmaker

from attrib.audits.store import AuditRow
from attrib.config import Retention
from attrib.database import check_revision, current_revision, erase_deleted
from attrib.errors import DeletedRecord, NoSuchRecord
from attrib.group_commit import GroupCommit
from attrib.principal import acting
from attrib.record_tables import DeletedRecordRow, RecordRow, RecordTermRow
from attrib.record_terms import terms_of
from attrib.redaction import code_sha256, without_code

_ID_OR_HASH = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

DELETED_AT_ONCE = 500
"""So many records are deleted in one transaction, between which others may write."""


class RecordKind(StrEnum):
    """Which use case a record is of."""

    CHECK = "check"
    GENERATION = "generation"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Record:
    """One stored decision; `code` is the submitted text, bytes, and None where only hashes are kept.

    `request` and `answer` are JSON objects as the contract shapes them; both are empty in a list of records.
    `principal` names whose key or login asked, None where nobody was asked who they are.
    """

    id: str
    kind: RecordKind
    created_at: datetime
    status: str
    verdict: str
    index_revision: str
    model: Mapping[str, Any] | None
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    code_hash: str | None
    code: bytes | None
    principal: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the record as the API shows it; undecodable bytes of the code are replaced."""
        return self.summary() | {
            "request": dict(self.request),
            "answer": dict(self.answer),
            "code": None if self.code is None else self.code.decode("utf-8", "replace"),
        }

    def summary(self) -> dict[str, Any]:
        """Return the record as an element of a list, without its request, answer and code."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "created_at": self.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "status": self.status,
            "verdict": self.verdict,
            "index_revision": self.index_revision,
            "model": None if self.model is None else dict(self.model),
            "code_hash": self.code_hash,
            "principal": self.principal,
        }


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records, newest first, and the cursor of the page after them; None at the end."""

    records: tuple[Record, ...]
    cursor: str | None


def new_record_id() -> str:
    """Return an id that sorts by the time it was made and cannot be guessed (RFC 9562, section 5.7: UUID version 7)."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def names_record(text: str) -> bool:
    """Tell whether a text is written as a record's id or as the hash of some code, which indexes find at once."""
    return _ID_OR_HASH.fullmatch(text) is not None


class RecordStore:
    """The records of one database, kept whole or as hashes only."""

    def __init__(self, engine: Engine, retention: Retention = "full") -> None:
        self.engine = engine
        self._retention = retention
        self._rows = GroupCommit(engine)

    def save(
        self,
        kind: RecordKind,
        *,
        status: str,
        verdict: str,
        index_revision: str,
        request: Mapping[str, Any],
        answer: Mapping[str, Any],
        code: bytes | None = None,
        model: Mapping[str, Any] | None = None,
        record_id: str | None = None,
    ) -> Record:
        """Store a decision durably and return it as it was stored; under retention "hashes", without any code."""
        record = Record(
            id=record_id or new_record_id(),
            kind=kind,
            created_at=datetime.now(UTC),
            status=status,
            verdict=verdict,
            index_revision=index_revision,
            model=model,
            request=request,
            answer=answer,
            code_hash=None if code is None else code_sha256(code),
            code=code,
            principal=acting.get(),
        )
        if self._retention == "hashes":
            record = replace(record, request=without_code(request), answer=without_code(answer), code=None)
        self._rows.insert({RecordRow: [_columns(record)], RecordTermRow: _term_rows(record)})
        return record

    def state(self) -> str:
        """Say at which revision the database is; raises DatabaseError where it cannot be used as it is."""
        check_revision(self.engine)
        return f"revision {current_revision(self.engine)}"

    def get(self, record_id: str) -> Record:
        """Return one record whole; raises NoSuchRecord when none has that id, DeletedRecord when one had it."""
        with Session(self.engine) as session:
            row = session.get(RecordRow, record_id)
            if row is None:
                raise _missing(session, record_id)
            return _record(row, whole=True)

    def delete(self, record_id: str) -> None:
        """Delete one record from the disk; raises NoSuchRecord and DeletedRecord."""
        with self._deleting() as session:
            if not _delete(session, RecordRow.id == record_id, 1):
                raise _missing(session, record_id)
        erase_deleted(self.engine)

    def expire(self, before: datetime) -> int:
        """Delete every record from before a moment from the disk, some at a time; return how many there were.

        Audits that ended before then without a record, since they failed or were cancelled, go as well.
        """
        expired = 0
        while True:
            with self._deleting() as session:
                deleted = _delete(session, RecordRow.created_at < before, DELETED_AT_ONCE)
            if not deleted:
                break
            expired += deleted
        with self._deleting() as session:
            session.execute(delete(AuditRow).where(AuditRow.ended_at < before))
        # Also where nothing was left to delete: what an earlier one deleted may not have been erased.
        erase_deleted(self.engine)
        return expired

    def _deleting(self) -> AbstractContextManager[Session]:
        return sessionmaker(self.engine.execution_options(sqlite_begin="IMMEDIATE")).begin()

    def list(
        self,
        limit: int = 50,
        cursor: str | None = None,
        kind: RecordKind | None = None,
        verdict: str | None = None,
        q: str | None = None,
    ) -> RecordPage:
        """Return up to `limit` records, newest first, without their requests, answers and code.

        `q` is looked for in the record's id, the hash of its code, and the paths, purls and licences it names.
        """
        wanted = select(RecordRow).options(*(defer(column) for column in _WHOLE)).order_by(RecordRow.id.desc())
        if cursor is not None:
            wanted = wanted.where(RecordRow.id < cursor)
        if kind is not None:
            wanted = wanted.where(RecordRow.kind == kind.value)
        if verdict is not None:
            wanted = wanted.where(RecordRow.verdict == verdict)
        if q is not None and names_record(q):
            wanted = wanted.where(or_(RecordRow.id == q, RecordRow.code_hash == q))
        elif q:
            wanted = wanted.where(RecordRow.terms.icontains(q, autoescape=True))
        with Session(self.engine) as session:
            rows = session.scalars(wanted.limit(limit + 1)).all()
            records = tuple(_record(row, whole=False) for row in rows[:limit])
        return RecordPage(records, records[-1].id if len(rows) > limit else None)


def _delete(session: Session, which: ColumnElement[bool], most: int) -> int:
    """Delete up to so many records and note that there were; what another deletes just now is left to it."""
    ids = session.scalars(select(RecordRow.id).where(which).limit(most).with_for_update(skip_locked=True)).all()
    if ids:
        now = datetime.now(UTC)
        session.execute(insert(DeletedRecordRow), [{"id": id, "deleted_at": now} for id in ids])
        session.execute(delete(RecordRow).where(RecordRow.id.in_(ids)))
        # What was asked for names the archive and the sources, and has the outcome.
        session.execute(delete(AuditRow).where(AuditRow.id.in_(ids)))
    return len(ids)


def _missing(session: Session, record_id: str) -> NoSuchRecord | DeletedRecord:
    row = session.get(DeletedRecordRow, record_id)
    if row is None:
        return NoSuchRecord(f"no record {record_id!r} is stored")
    return DeletedRecord(f"the record {record_id} was deleted on {row.deleted_at.date().isoformat()}")


_WHOLE = (RecordRow.request, RecordRow.answer, RecordRow.terms, RecordRow.code)
_TERM_FIELDS = frozenset({"path", "purl", "license"})


def _columns(record: Record) -> dict[str, Any]:
    # A name that is not UTF-8 has lone surrogates in it, which no database stores.
    terms = "\n".join(sorted(_terms(record.request) | _terms(record.answer))).encode("utf-8", "replace").decode()
    return {
        "id": record.id,
        "kind": record.kind.value,
        "created_at": record.created_at,
        "status": record.status,
        "verdict": record.verdict,
        "index_revision": record.index_revision,
        "model": None if record.model is None else dict(record.model),
        "request": dict(record.request),
        "answer": dict(record.answer),
        "terms": terms,
        "code_hash": record.code_hash,
        "code": record.code,
        "principal": record.principal,
    }


def _term_rows(record: Record) -> list[dict[str, Any]]:
    terms = terms_of(record.request, record.answer)
    return [{"field": field.value, "value": value, "record_id": record.id} for field, value in terms]


def _record(row: RecordRow, whole: bool) -> Record:
    return Record(
        id=row.id,
        kind=RecordKind(row.kind),
        created_at=row.created_at,
        status=row.status,
        verdict=row.verdict,
        index_revision=row.index_revision,
        model=row.model,
        request=row.request if whole else {},
        answer=row.answer if whole else {},
        code_hash=row.code_hash,
        code=row.code if whole else None,
        principal=row.principal,
    )


def _terms(value: Any) -> set[str]:
    """Collect every path, purl and licence that stands anywhere in a JSON value."""
    if isinstance(value, Mapping):
        named = {part for name, part in value.items() if name in _TERM_FIELDS and isinstance(part, str)}
        return named.union(*(_terms(part) for part in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(_terms(part) for part in value))
    return set()
