"""Who is logged in: sessions in the database, so that every worker knows them and a restart forgets none."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, delete, or_, select, update
from sqlalchemy.orm import Session

from attrib.access_tables import ApiKeyRow, SessionRow
from attrib.keys import ApiKey, key_of, utc_now
from attrib.principal import Principal
from attrib.scopes import Scope, in_order

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
SEEN_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session that stands: its token, which only the browser keeps, and who it is."""

    token: str = field(repr=False)
    principal: Principal


class SessionStore:
    """Begins, finds and ends sessions; each stands for `IDLE` after it was last seen and `LONGEST` in all."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._now = now

    def begin(self, who: ApiKey | Principal) -> LoggedIn:
        """Begin a session under a new token: of a key, with whose rights it stands and falls, or of a person."""
        now, token = self._now(), secrets.token_urlsafe(32)
        row = SessionRow(token_sha256=_sha256(token), name=who.name, created_at=now, seen_at=now)
        if isinstance(who, ApiKey):
            row.key_id = who.id
        else:
            row.scopes = in_order(who.scopes)
        with Session(self._engine) as session, session.begin():
            session.execute(delete(SessionRow).where(_over(now)))
            session.add(row)
        return LoggedIn(token, who.principal if isinstance(who, ApiKey) else who)

    def standing(self, token: str) -> LoggedIn | None:
        """Return the session of a token; None where it is over, was ended, or its key opens nothing any more."""
        now, hashed = self._now(), _sha256(token)
        wanted = (
            select(SessionRow, ApiKeyRow)
            .outerjoin(ApiKeyRow, SessionRow.key_id == ApiKeyRow.id)
            .where(SessionRow.token_sha256 == hashed, ~_over(now))
        )
        with Session(self._engine) as session:
            found = session.execute(wanted).first()
            if found is None:
                return None
            row, key_row = found[0], found[1]
            key = None if key_row is None else key_of(key_row)
            if key is not None and key.why_refused(now) is not None:
                return None
            scopes = frozenset(map(Scope, row.scopes or ())) if key is None else key.scopes
            unnoted = row.seen_at <= now - SEEN_NOTED_EVERY
            principal = Principal(row.name, scopes)
        if unnoted:
            with self._engine.begin() as connection:
                connection.execute(update(SessionRow).where(SessionRow.token_sha256 == hashed).values(seen_at=now))
        return LoggedIn(token, principal)

    def end(self, token: str) -> None:
        """End a session for good; a token of none is no mistake."""
        with self._engine.begin() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.token_sha256 == _sha256(token)))


def _over(now: datetime) -> ColumnElement[bool]:
    return or_(SessionRow.seen_at <= now - IDLE, SessionRow.created_at <= now - LONGEST)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
