"""A copy of an SQLite database of one moment, made and brought back while others use it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from attrib.database import BUSY_TIMEOUT_MS
from attrib.errors import DatabaseError


def copy(database: Path, into: Path) -> None:
    """Copy a database to a file of its own, in one read transaction (SQLite's manual, "Online Backup API").

    Whoever writes is not waited for, and does not wait. Raises DatabaseError.
    """
    _backed_up(database, into)


def bring_back(copied: Path, database: Path) -> None:
    """Put a copy in the place of what a database holds, in one write transaction; raises DatabaseError.

    Whoever has it open sees the one state or the other.
    """
    _backed_up(copied, database)


def _backed_up(source: Path, target: Path) -> None:
    try:
        with closing(_opened(source)) as read, closing(_opened(target)) as written:
            read.backup(written)
    except sqlite3.Error as error:
        raise DatabaseError(f"the database {source} cannot be copied to {target}: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)
