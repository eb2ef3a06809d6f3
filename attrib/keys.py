"""The API keys of one database: stored as hashes, with what each may do and how long."""

import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from attrib.access_tables import LONGEST_KEY_NAME, ApiKeyRow
from attrib.errors import ConfigurationError, KeyRefused, NoSuchKey
from attrib.key_text import KeyText, new_key_text, read_key_text
from attrib.principal import Principal
from attrib.scopes import Scope, in_order

USE_NOTED_EVERY = timedelta(minutes=1)
# Compared against where no key has the id, so that an unknown id takes as long as a wrong secret.
NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key besides its secret."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @property
    def principal(self) -> Principal:
        """Whoever holds this key."""
        return Principal(self.name, self.scopes)

    def why_refused(self, now: datetime) -> str | None:
        """Say why the key opens nothing at this moment; None where it does."""
        # Whatever the clock says: one that is set back must not open what was revoked.
        if self.revoked_at is not None:
            return f"the key {self.name!r} was revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return f"the key {self.name!r} expired on {self.expires_at:%Y-%m-%d}"
        return None


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


def key_of(row: ApiKeyRow) -> ApiKey:
    """Return what a row says, without the hash."""
    return ApiKey(
        row.id,
        row.name,
        frozenset(map(Scope, row.scopes)),
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.last_used_at,
    )


class KeyStore:
    """Makes, finds and revokes keys."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._now = now

    def create(self, name: str, scopes: frozenset[Scope], valid_for: timedelta | None = None) -> tuple[ApiKey, KeyText]:
        """Store a new key and return it with its text, which cannot be had again.

        Raises ConfigurationError for a name that is taken or cannot be shown.
        """
        _require_usable_name(name)
        text, now = new_key_text(), self._now()
        row = ApiKeyRow(
            id=text.id,
            name=name,
            sha256=text.sha256,
            scopes=in_order(scopes),
            created_at=now,
            expires_at=None if valid_for is None else now + valid_for,
        )
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                session.add(row)
        except IntegrityError as error:
            raise ConfigurationError(f"there is a key named {name!r} already: give another name") from error
        return key_of(row), text

    def list(self) -> list[ApiKey]:
        """Return every key there ever was, in the order they were made."""
        with Session(self._engine) as session:
            return [key_of(row) for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at))]

    def any(self) -> bool:
        """Whether a key was ever made; one that was revoked or has expired counts, so that nothing opens by itself."""
        with self._engine.connect() as connection:
            return connection.execute(select(ApiKeyRow.id).limit(1)).first() is not None

    def revoke(self, id_or_name: str) -> ApiKey:
        """End a key at once, and its sessions with it; raises NoSuchKey. One that was revoked before stays as it is."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            named = or_(ApiKeyRow.id == id_or_name, ApiKeyRow.name == id_or_name)
            row = session.scalars(select(ApiKeyRow).where(named)).first()
            if row is None:
                raise NoSuchKey(f"no key has the id or name {id_or_name!r}: `attrib keys list` shows them")
            row.revoked_at = row.revoked_at or self._now()
        return key_of(row)

    def admitted(self, text: str) -> ApiKey:
        """Return the key of this text and note its use; raises KeyRefused saying why it opens nothing."""
        written = read_key_text(text)
        if written is None:
            raise KeyRefused("this is no key of Attrib: a character is wrong or missing")
        with Session(self._engine) as session:
            row = session.get(ApiKeyRow, written.id)
            if not hmac.compare_digest(written.sha256, NO_HASH if row is None else row.sha256) or row is None:
                raise KeyRefused("no such key is known here")
            key = key_of(row)
        now = self._now()
        refused = key.why_refused(now)
        if refused is not None:
            raise KeyRefused(refused)
        self._note_use(key, now)
        return key

    def _note_use(self, key: ApiKey, now: datetime) -> None:
        long_ago = now - USE_NOTED_EVERY
        if key.last_used_at is not None and key.last_used_at > long_ago:
            return
        unnoted = or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at <= long_ago)
        with self._engine.begin() as connection:
            connection.execute(update(ApiKeyRow).where(ApiKeyRow.id == key.id, unnoted).values(last_used_at=now))


def _require_usable_name(name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > LONGEST_KEY_NAME:
        raise ConfigurationError(f"a key's name has 1 to {LONGEST_KEY_NAME} characters, and no space at its ends")
    if any(unicodedata.category(character).startswith(("C", "Z")) and character != " " for character in name):
        raise ConfigurationError("a key's name must be readable on one line")
