"""The tables of what was decided."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from attrib.record_terms import LONGEST_VALUE


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone and PostgreSQL answers in the session's, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring a moment to UTC before it is stored."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Name the zone of a stored moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
    principal: Mapped[str | None] = mapped_column(String(320))


class RecordTermRow(RecordBase):
    """A path, source or licence that a record is found by."""

    __tablename__ = "record_terms"
    __table_args__ = (Index(None, "record_id"), {"sqlite_with_rowid": False})

    field: Mapped[str] = mapped_column(String(8), primary_key=True)
    value: Mapped[str] = mapped_column(
        String(LONGEST_VALUE).with_variant(String(LONGEST_VALUE, collation="C"), "postgresql"), primary_key=True
    )
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)


class DeletedRecordRow(RecordBase):
    """That there was a record, so that whoever looks for it is told; nothing else is left of it."""

    __tablename__ = "deleted_records"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    deleted_at: Mapped[datetime] = mapped_column(UtcDateTime)
