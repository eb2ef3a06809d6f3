"""What an audit remembers, so that the next one reads only what has changed: answers by content, contents by file.

An answer is kept by the content's SWHID and language, and by all it depends on besides: the index at its revision, its
parameters, the sources left out. What a file holds is known by its stamp, as in git's index (git, "Racy Git"): one that
was changed shortly before it was looked at is not known by it. No code is kept; where only hashes may be kept, not even
the names that a renamed copy exchanged.
"""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from attrib.audits.stored_results import packed, unpacked
from attrib.audits.tree import Stamp
from index.matches import SearchResult, SearchStatus

log = logging.getLogger(__name__)

_VERSION = 2
_RACY_NANOSECONDS = 2_000_000_000
_KEPT_CONTEXTS = 8
_WRITTEN_AT_ONCE = 2000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS contexts (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, used REAL NOT NULL);
CREATE TABLE IF NOT EXISTS results (
    context INTEGER NOT NULL, swhid TEXT NOT NULL, language TEXT NOT NULL, result BLOB NOT NULL,
    PRIMARY KEY (context, swhid, language)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    place BLOB PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,
    inode INTEGER NOT NULL, swhid TEXT NOT NULL, sha1 TEXT NOT NULL, sha256 TEXT NOT NULL, language TEXT NOT NULL,
    left_out TEXT) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What a file held when it was last read: its content's hashes and language, and why it was left out."""

    swhid: str
    sha1: str
    sha256: str
    language: str
    left_out: str | None


class NoCache:
    """Remembers nothing."""

    def file(self, place: Path, stamp: Stamp) -> KnownFile | None:
        """Return what an unchanged file holds; None where that is not known."""
        return None

    def result(self, swhid: str, language: str) -> SearchResult | None:
        """Return the answer for a content; None where that is not known."""
        return None

    def keep_file(self, place: Path, stamp: Stamp, known: KnownFile) -> None:
        """Remember what a file held when it was read, a moment after its stamp was taken."""

    def keep_result(self, swhid: str, language: str, result: SearchResult) -> None:
        """Remember the answer for a content."""

    def close(self) -> None:
        """Write what is not yet written, and let go."""


NO_CACHE = NoCache()


class AuditCache(NoCache):
    """A cache in one SQLite file; used by one thread. What goes wrong with it costs time, never an answer."""

    def __init__(self, path: Path, depends_on: Iterable[str], keep_names: bool = True) -> None:
        """Open the cache, or make it; `depends_on` is all that answers depend on. Raises sqlite3.Error, OSError."""
        self._keep_names = keep_names
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=5, isolation_level=None)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            # A cache that a power failure takes is made anew.
            self._connection.execute("PRAGMA synchronous=OFF")
            if self._connection.execute("PRAGMA user_version").fetchone()[0] not in (0, _VERSION):
                for table in ("contexts", "results", "files"):
                    self._connection.execute(f"DROP TABLE IF EXISTS {table}")
            self._connection.executescript(_SCHEMA)
            self._connection.execute(f"PRAGMA user_version={_VERSION}")
            self._context = self._opened("\0".join(depends_on))
        except BaseException:
            self._connection.close()
            raise
        path.chmod(0o600)
        self._results: dict[tuple[str, str], bytes] = {}
        self._files: dict[bytes, tuple[int | str | None, ...]] = {}

    def file(self, place: Path, stamp: Stamp) -> KnownFile | None:
        """Return what an unchanged file holds; None where that is not known."""
        row = self._connection.execute(
            "SELECT swhid, sha1, sha256, language, left_out FROM files "
            "WHERE place = ? AND size = ? AND modified = ? AND changed = ? AND inode = ?",
            (_key(place), *_numbers(stamp)),
        ).fetchone()
        return None if row is None else KnownFile(*row)

    def result(self, swhid: str, language: str) -> SearchResult | None:
        """Return the answer for a content; None where that is not known."""
        data = self._results.get((swhid, language))
        if data is None:
            row = self._connection.execute(
                "SELECT result FROM results WHERE context = ? AND swhid = ? AND language = ?",
                (self._context, swhid, language),
            ).fetchone()
            data = None if row is None else row[0]
        with suppress(ValueError, KeyError, TypeError):
            return None if data is None else unpacked(data)
        return None

    def keep_file(self, place: Path, stamp: Stamp, known: KnownFile) -> None:
        """Remember what a file held when it was read, a moment after its stamp was taken."""
        if time.time_ns() - max(stamp.modified, stamp.changed) > _RACY_NANOSECONDS:
            self._files[_key(place)] = (*_numbers(stamp), *astuple(known))
            self._write_some()

    def keep_result(self, swhid: str, language: str, result: SearchResult) -> None:
        """Remember the answer for a content; one that is not whole is to be asked for again."""
        if result.status is SearchStatus.INCOMPLETE:
            return
        if self._keep_names or not any(match.names for match in result.matches):
            self._results[swhid, language] = packed(result)
            self._write_some()

    def close(self) -> None:
        """Write what is not yet written, and let go."""
        self._write()
        self._connection.close()

    def _write_some(self) -> None:
        if len(self._results) + len(self._files) >= _WRITTEN_AT_ONCE:
            self._write()

    def _write(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)",
                ((self._context, *key, data) for key, data in self._results.items()),
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((place, *values) for place, values in self._files.items()),
            )
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            log.warning("the audit cache cannot be written: %s", error)
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
        self._results.clear()
        self._files.clear()

    def _opened(self, depends_on: str) -> int:
        """Return the number of what answers depend on, forgetting those that were not asked for longest."""
        name = hashlib.sha256(depends_on.encode(errors="surrogatepass")).hexdigest()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(
            "INSERT INTO contexts (name, used) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET used = excluded.used",
            (name, time.time()),
        )
        forgotten = self._connection.execute(
            "SELECT id FROM contexts ORDER BY used DESC LIMIT -1 OFFSET ?", (_KEPT_CONTEXTS,)
        ).fetchall()
        self._connection.executemany("DELETE FROM results WHERE context = ?", forgotten)
        self._connection.executemany("DELETE FROM contexts WHERE id = ?", forgotten)
        (context,) = self._connection.execute("SELECT id FROM contexts WHERE name = ?", (name,)).fetchone()
        self._connection.execute("COMMIT")
        return int(context)


def opened_cache(path: Path, depends_on: Iterable[str], keep_names: bool) -> NoCache:
    """Open a cache; where it cannot be, say so in the log, and remember nothing."""
    try:
        return AuditCache(path, depends_on, keep_names)
    except (sqlite3.Error, OSError) as error:
        log.warning("there is no audit cache: %s", error)
        return NoCache()


def _key(place: Path) -> bytes:
    return str(place).encode(errors="surrogateescape")


def _numbers(stamp: Stamp) -> tuple[int, int, int, int]:
    # SQLite's integers are signed.
    return stamp.size, stamp.modified, stamp.changed, stamp.inode - (1 << 64 if stamp.inode >= 1 << 63 else 0)
