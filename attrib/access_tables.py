"""The tables of who may ask: API keys and sessions."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from attrib.record_tables import UtcDateTime
from index.tables import NAMING

LONGEST_KEY_NAME = 64
LONGEST_NAME = 320
"""Of a person: the characters that an e-mail address may have (RFC 5321, section 4.5.3.1: 64, an @, and 255)."""


class AccessBase(DeclarativeBase):
    """Base of these tables; its metadata is migrated together with the records' and the catalogue's."""

    metadata = MetaData(naming_convention=NAMING)


class ApiKeyRow(AccessBase):
    """A key; rows stay when keys are revoked, for records name them."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_KEY_NAME), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SessionRow(AccessBase):
    """A session by the hash of its token; `scopes` are a person's own, those of a key are looked up with the key."""

    __tablename__ = "sessions"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    scopes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    key_id: Mapped[str | None] = mapped_column(ForeignKey(ApiKeyRow.id))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
