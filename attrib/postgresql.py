"""How PostgreSQL is connected to: a pool that heals by itself, a limit on every wait, moments in UTC."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

CONNECT_SECONDS = 5
POOLED = 10
"""Connections that a process keeps; as many again are opened for a moment where all of these are at work."""

LIMITS = {
    "statement_timeout": "60s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "5min",
    "timezone": "UTC",
}
"""Settings of every session; what `options` in the URL says comes after them and wins."""

_MIGRATING = 0x417474726962  # "Attrib", the advisory lock of a migration


def make_engine(url: URL) -> Engine:
    """Make the engine for a PostgreSQL database; raises ImportError where the driver is not installed.

    Every connection is looked at before it is used (`pool_pre_ping`), so that a server that went away and came back
    is found again at once.
    """
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=POOLED,
        max_overflow=POOLED,
        pool_timeout=CONNECT_SECONDS,
        pool_recycle=1800,
        connect_args=_libpq(url) if url.get_driver_name() in ("psycopg", "psycopg2") else {},
    )
    if engine.dialect.driver == "psycopg":
        event.listen(engine, "connect", _take_any_text)
    return engine


def hold_migration(connection: Connection) -> None:
    """Wait until nobody else migrates, and let this transaction take the time that it needs."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")


def _libpq(url: URL) -> dict[str, Any]:
    """Return the connection parameters of libpq (PostgreSQL's manual, section 34.1.2) that the URL does not give."""
    given = url.query.get("options", "")
    limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    options = f"{limits} {given if isinstance(given, str) else ' '.join(given)}".strip()
    # A server whose machine is gone answers nothing, not even that it is gone.
    waits = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 30_000, "application_name": "attrib"}
    return {name: value for name, value in waits.items() if name not in url.query} | {"options": options}


def _take_any_text(connection: Any, record: Any) -> None:
    """Store text that PostgreSQL cannot hold as near as it can: NUL and lone surrogates become U+FFFD.

    What is asked for with such text is then not found, instead of being an error. SQLite holds NUL as it is.
    """
    from psycopg.types.string import StrDumperUnknown

    class AnyText(StrDumperUnknown):
        def dump(self, obj: str) -> bytes:
            return obj.replace("\0", "\ufffd").encode("utf-8", "replace")

    connection.adapters.register_dumper(str, AnyText)
