"""What was checked, generated and audited, stored before the answer leaves."""

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, defer, mapped_column
from sqlalchemy.types import TypeDecorator

from attrib.config import Retention
from attrib.errors import NoSuchRecord
from attrib.record_terms import LONGEST_VALUE, terms_of

# The fields of a request or an answer that hold submitted or generated code, at whatever depth.
CODE_FIELDS = frozenset({"code", "code_with_attribution", "prompt", "suffix", "stop", "messages", "text", "content"})


class RecordKind(StrEnum):
    """Which use case a record is of."""

    CHECK = "check"
    GENERATION = "generation"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Record:
    """One stored decision; `code` is the submitted text, bytes, and None where only hashes are kept.

    `request` and `answer` are JSON objects as the contract shapes them; both are empty in a list of records.
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
        }


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records, newest first, and the cursor of the page after them; None at the end."""

    records: tuple[Record, ...]
    cursor: str | None


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring a moment to UTC before it is stored."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Name the zone of a stored moment."""
        return None if value is None else value.replace(tzinfo=UTC)


class RecordBase(DeclarativeBase):
    """Base of the records' tables; its metadata is migrated together with the catalogue's."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


metadata = RecordBase.metadata


class RecordRow(RecordBase):
    """A stored decision; `terms` is what a search looks through, and never holds code."""

    __tablename__ = "records"
    # Lists and counts read this alone, so they never touch the pages that hold answers and code.
    __table_args__ = (Index("ix_records_listed", "id", "kind", "status", "verdict", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    status: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str] = mapped_column(String(16))
    index_revision: Mapped[str] = mapped_column(String(64))
    model: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    terms: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    code: Mapped[bytes | None] = mapped_column(LargeBinary)


class RecordTermRow(RecordBase):
    """A path, source or licence that a record is found by."""

    __tablename__ = "record_terms"
    __table_args__ = (Index(None, "record_id"), {"sqlite_with_rowid": False})

    field: Mapped[str] = mapped_column(String(8), primary_key=True)
    value: Mapped[str] = mapped_column(String(LONGEST_VALUE), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)


def new_record_id() -> str:
    """Return an id that sorts by the time it was made and cannot be guessed (RFC 9562, section 5.7: UUID version 7)."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def code_sha256(code: bytes) -> str:
    """Return the hash a submitted text is known by: SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(code).hexdigest()


class RecordStore:
    """The records of one database, kept whole or as hashes only."""

    def __init__(self, engine: Engine, retention: Retention = "full") -> None:
        self.engine = engine
        self._retention = retention

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
        """Store a decision durably, in one transaction, and return it as it was stored.

        Under retention "hashes" every field of CODE_FIELDS in request and answer becomes its hash, and the code is
        left out.
        """
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
        )
        if self._retention == "hashes":
            record = replace(record, request=_hashed(request), answer=_hashed(answer), code=None)
        # Without a session: an answer waits for this, and there is nothing to keep in step with.
        with self.engine.begin() as connection:
            connection.execute(insert(RecordRow).values(_columns(record)))
            if terms := _term_rows(record):
                connection.execute(insert(RecordTermRow), terms)
        return record

    def get(self, record_id: str) -> Record:
        """Return one record whole; raises NoSuchRecord when none has that id."""
        with Session(self.engine) as session:
            row = session.get(RecordRow, record_id)
            if row is None:
                raise NoSuchRecord(f"no record {record_id!r} is stored")
            return _record(row, whole=True)

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
        if q:
            wanted = wanted.where(
                or_(RecordRow.id == q, RecordRow.code_hash == q, RecordRow.terms.icontains(q, autoescape=True))
            )
        with Session(self.engine) as session:
            rows = session.scalars(wanted.limit(limit + 1)).all()
            records = tuple(_record(row, whole=False) for row in rows[:limit])
        return RecordPage(records, records[-1].id if len(rows) > limit else None)


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
    )


def _hashed(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _hash(part) if name in CODE_FIELDS else _walked(part) for name, part in value.items()}


def _walked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _hashed(value)
    if isinstance(value, list | tuple):
        return [_walked(part) for part in value]
    return value


def _hash(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_hash(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _hash(part) for name, part in value.items()}
    return "sha256:" + code_sha256(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else value


def _terms(value: Any) -> set[str]:
    """Collect every path, purl and licence that stands anywhere in a JSON value."""
    if isinstance(value, Mapping):
        named = {part for name, part in value.items() if name in _TERM_FIELDS and isinstance(part, str)}
        return named.union(*(_terms(part) for part in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(_terms(part) for part in value))
    return set()
