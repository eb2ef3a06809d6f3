"""Idempotency keys: a request that is sent again is answered from its record, and never done twice.

After the IETF's draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header-07, section
2). A claim holds no code: only hashes, and the id of the record that the answer is rendered from again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, String, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from attrib.record_tables import RecordBase, UtcDateTime

KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(hours=1)
"""After this a claim without an answer is that of a process that died: no request may take so long."""


class ClaimRow(RecordBase):
    """A key of a caller, the hash of what was asked with it, and the record it became; None while it is at work."""

    __tablename__ = "claims"

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    record_id: Mapped[str | None] = mapped_column(String(36))


@dataclass(frozen=True, slots=True)
class Claim:
    """A key as one caller uses it, and the hash of what is asked with it."""

    caller: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class EarlierClaim:
    """What the same caller asked with the same key before; `record_id` is None while that is at work."""

    same_request: bool
    record_id: str | None


class ClaimStore:
    """The claims of one database, shared by all processes that use it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(sqlite_begin="IMMEDIATE")

    def take(self, claim: Claim) -> EarlierClaim | None:
        """Take a key, or return who has it. What is older than a day is forgotten."""
        try:
            return self._take(claim)
        except IntegrityError:
            # Another process took it between our look and our insert.
            return self._take(claim)

    def _take(self, claim: Claim) -> EarlierClaim | None:
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            gone = ClaimRow.created_at < now - KEPT_FOR
            dead = ClaimRow.record_id.is_(None) & (ClaimRow.created_at < now - ABANDONED_AFTER)
            # Two statements, for each of which there is an index.
            connection.execute(delete(ClaimRow).where(gone))
            connection.execute(delete(ClaimRow).where(*_same(claim), dead))
            wanted = select(ClaimRow.fingerprint, ClaimRow.record_id).where(*_same(claim))
            earlier = connection.execute(wanted).one_or_none()
            if earlier is not None:
                return EarlierClaim(earlier.fingerprint == claim.fingerprint, earlier.record_id)
            values = {"caller": claim.caller, "key": claim.key, "fingerprint": claim.fingerprint, "created_at": now}
            connection.execute(insert(ClaimRow).values(values))
        return None

    def answered(self, claim: Claim, record_id: str) -> None:
        """Note which record a claim became."""
        with self._engine.begin() as connection:
            connection.execute(update(ClaimRow).where(*_same(claim)).values(record_id=record_id))

    def give_up(self, claim: Claim) -> None:
        """Free a key whose request was refused or failed, so that it may be sent again."""
        with self._engine.begin() as connection:
            connection.execute(delete(ClaimRow).where(*_same(claim), ClaimRow.record_id.is_(None)))


def _same(claim: Claim) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ClaimRow.caller == claim.caller, ClaimRow.key == claim.key
