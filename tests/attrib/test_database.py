"""The database: created privately, opened by many at once, and refused with one clear sentence."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from attrib import database
from attrib.errors import DatabaseError


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def test_an_absent_database_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "home" / "attrib.db"
    database.open_database(url_of(path)).dispose()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_transactions_are_durable_and_keys_are_held(engine: Engine) -> None:
    with engine.connect() as connection:
        setting = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert setting == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000}


def test_ddl_is_rolled_back_with_its_transaction(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
        connection.get_transaction().rollback()  # type: ignore[union-attr]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'half_done'")).first() is None


def test_readers_do_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as writer:
        writer.execute(text("DELETE FROM records"))
        with engine.connect() as reader:
            assert reader.execute(text("SELECT count(*) FROM records")).scalar() == 0


def test_many_processes_may_create_it_at_once(tmp_path: Path) -> None:
    script = "import sys; from attrib import database; database.open_database(sys.argv[1]).dispose()"
    command = [sys.executable, "-c", script, url_of(tmp_path / "attrib.db")]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate()[1] for process in started] == [""] * 4
    assert [process.returncode for process in started] == [0] * 4


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "attrib.db"
    path.write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(DatabaseError, match=r"attrib\.db cannot be used: file is not a database"):
        database.open_database(url_of(path))
    assert path.read_bytes().startswith(b"this is a letter")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="set ATTRIB_HOME to a folder of your own"):
        database.open_database(url_of(tmp_path / "file" / "attrib.db"))


def test_a_missing_driver_is_told() -> None:
    with pytest.raises(DatabaseError, match=r"the driver of postgresql.* is not installed: pip install"):
        database.open_database("postgresql+pg8000://me:hunter2@localhost/attrib")


def test_only_sqlite_is_migrated_unasked(tmp_path: Path) -> None:
    path = tmp_path / "attrib.db"
    sqlite3.connect(path).close()
    engine = database.connect(url_of(path))
    with pytest.raises(DatabaseError, match="was never migrated: run `attrib db upgrade`"):
        database.check_revision(engine)
    engine.dispose()
