"""The SQL database: how it is opened, migrated, and refused when it does not fit."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from attrib import __version__
from attrib.errors import DatabaseError
from attrib.postgresql import hold_migration, make_engine

UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout)
"""What is raised while the database is away, full, locked by others, or too slow: the same may work a moment later."""

BUSY_TIMEOUT_MS = 30_000
# Nobody can write while the log is being emptied.
ERASING_TIMEOUT_MS = 2_000
CHECK_KEYS = "PRAGMA foreign_key_check"
MEND_NEWER = "install that version, or name another database in ATTRIB_DATABASE_URL"


def open_database(url: str) -> Engine:
    """Open the database ready for use: SQLite is migrated as needed, any other must have been.

    Raises DatabaseError when it cannot be opened, is not migrated, or was written by a newer version.
    """
    if make_url(url).get_backend_name() == "sqlite":
        upgrade(url)
    engine = connect(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _require_file)
    try:
        check_revision(engine)
    except DatabaseError:
        engine.dispose()
        raise
    return engine


def connect(url: str) -> Engine:
    """Make the engine for a database without looking at what is in it.

    On SQLite a transaction that reads and then writes asks for `execution_options(sqlite_begin="IMMEDIATE")`.
    Raises DatabaseError when the driver is not installed.
    """
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if not sqlite:
        try:
            return make_engine(parsed)
        except ImportError as error:
            raise DatabaseError(f"the driver of {parsed.drivername} is not installed: {_mend_driver(error)}") from error
    engine = create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "checkout", _require_same_file)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def upgrade(url: str, revision: str = "head") -> str | None:
    """Bring the database to a revision, in one transaction, creating it if absent; returns the revision it had.

    Raises DatabaseError when it cannot be opened or was written by a newer version.
    """
    parsed = make_url(url)
    create_private_file(parsed)
    with _migrating(parsed) as connection:
        before = _revision(connection)
        if before != _head():
            _refuse_newer(before, parsed)
            command.upgrade(alembic_config(connection), revision)
        return before


def downgrade(url: str, revision: str) -> None:
    """Take the database back to an earlier revision, or to "base", in one transaction.

    Raises DatabaseError when it cannot be opened or was written by a newer version.
    """
    parsed = make_url(url)
    with _migrating(parsed) as connection:
        _refuse_newer(_revision(connection), parsed)
        command.downgrade(alembic_config(connection), revision)


def alembic_config(connection: Connection | None) -> AlembicConfig:
    """Return what Alembic needs to find the migrations, wherever the package is installed."""
    # A package name, not a path: an installed wheel has no checkout to look in.
    config = AlembicConfig(attributes={"connection": connection})
    config.set_main_option("script_location", "migrations:")
    config.set_main_option("path_separator", "os")
    return config


def erase_deleted(engine: Engine) -> bool:
    """Empty the write-ahead log of SQLite, in which deleted rows still stand; return whether that could be done.

    It cannot while somebody reads a state from before; the next time does it then. Other databases look after
    themselves.
    """
    if engine.dialect.name != "sqlite":
        return True
    # Outside of any transaction, which a connection of the engine's own would begin.
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {ERASING_TIMEOUT_MS}")
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.close()
    finally:
        connection.close()
    return not busy


def knows(revision: str) -> bool:
    """Tell whether this version has the migrations up to a revision."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def current_revision(engine: Engine) -> str | None:
    """Return the revision the database is at; None when it was never migrated.

    Raises DatabaseError when it cannot be read.
    """
    with _explained(engine.url), engine.connect() as connection:
        return _revision(connection)


def check_revision(engine: Engine) -> None:
    """Hold that the database is at exactly the revision this version of Attrib needs.

    Raises DatabaseError saying whether it is too old or too new, and how to mend it.
    """
    revision = current_revision(engine)
    _refuse_newer(revision, engine.url)
    if revision != _head():
        state = "was never migrated" if revision is None else f"is at the older revision {revision}"
        raise DatabaseError(f"the database {_shown(engine.url)} {state}: run `attrib db upgrade`")


@contextmanager
def _migrating(url: URL) -> Iterator[Connection]:
    """Hold the one transaction of a migration; a second process waits for it and finds the work done."""
    engine = connect(url.render_as_string(hide_password=False))
    try:
        with _explained(url), engine.connect() as connection:
            if url.get_backend_name() == "sqlite":
                # A migration that rebuilds a table drops the old one, and with the keys held that deletes
                # the rows that refer to it; SQLite changes this setting only outside a transaction.
                connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            with connection.execution_options(sqlite_begin="IMMEDIATE").begin():
                if url.get_backend_name() == "postgresql":
                    hold_migration(connection)
                yield connection
                broken = connection.exec_driver_sql(CHECK_KEYS).first() if url.get_backend_name() == "sqlite" else None
                if broken is not None:
                    raise DatabaseError(f"the migration of {_shown(url)} would break references in table {broken[0]}")
    finally:
        engine.dispose()


def _mend_driver(error: ImportError) -> str:
    return "pip install 'attrib[postgres]'" if error.name == "psycopg" else f"pip install {error.name}"


def _refuse_newer(revision: str | None, url: URL) -> None:
    if revision is not None and not knows(revision):
        raise DatabaseError(
            f"the database {_shown(url)} is at revision {revision}, which Attrib {__version__} does not know, "
            f"so a newer version has written it: {MEND_NEWER}"
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str | None:
    return _scripts().get_current_head()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config(None))


def create_private_file(url: URL) -> None:
    """Create an absent SQLite file that only its owner can read, for it will hold submitted code."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One that is there is never opened and closed besides SQLite: that would drop the locks this process has on it,
        # and another that then thinks itself alone takes away the log with what was just stored.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise DatabaseError(
            f"the database {path} cannot be written ({error.strerror}): set ATTRIB_HOME to a folder of your own"
        ) from error


def _require_file(dialect: Any, record: Any, arguments: Sequence[Any], options: Any) -> None:
    """Hold that the file is there: where it was moved away, SQLite would begin an empty one in its place."""
    if _file_of(arguments[0]) is None and arguments[0] != ":memory:":
        raise sqlite3.OperationalError("the file is not there")


def _require_same_file(connection: Any, record: Any, proxy: Any) -> None:
    """Have a connection opened anew whose file was moved away or exchanged: what it stored would be lost with it."""
    path, opened = record.info["file"]
    if _file_of(path) != opened:
        raise DisconnectionError


def _file_of(path: str) -> int | None:
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def _prepare_sqlite(connection: Any, record: Any) -> None:
    """Set up one SQLite connection.

    synchronous=FULL, because an answer leaves only after its record is stored: with NORMAL a power cut
    could take back transactions that were already acknowledged.
    """
    # The driver must not begin transactions by itself: it leaves DDL outside of them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    path = cursor.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    record.info["file"] = (path, _file_of(path))
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    # What is deleted may be code: its bytes are overwritten, not only let go.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    try:
        yield
    except (SqlDatabaseError, InterfaceError) as error:
        reason = " ".join(str(error.orig).split())
        raise DatabaseError(f"the database {_shown(url)} cannot be used: {reason}") from error


def _shown(url: URL) -> str:
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
