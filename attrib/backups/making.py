"""Makes a backup while others check, add, merge and audit: the database of one moment, and all that it refers to."""

import os
import resource
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, make_url, select

from attrib import __version__
from attrib.audits.store import AuditRow, AuditState
from attrib.backups import postgresql, sqlite
from attrib.backups.archive import POSTGRESQL_DUMP, SQLITE_COPY, BackupWriter, Manifest
from attrib.config import Config
from attrib.database import connect, current_revision, open_database
from attrib.errors import DatabaseError
from index.segment_builder import sync_folder
from index.snapshots import of_one_moment
from index.tables import CatalogState, SegmentRow

_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class _Copy:
    """The database of one moment in a file, and what it refers to by name."""

    name: str
    revision: str
    index_revision: int
    segments: tuple[str, ...]
    audits: tuple[str, ...]


def back_up(config: Config, file: Path, overwrite: bool = False) -> Manifest:
    """Write a backup to a file, durably, and return what it holds; the file is there whole or not at all.

    Raises DatabaseError where there is nothing to back up or it cannot be copied, FileExistsError where the file is
    there and may not be overwritten, and what writing raises.
    """
    if file.exists() and not overwrite:
        raise FileExistsError(None, "is there already: give --overwrite to replace it", str(file))
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise DatabaseError(f"there is nothing to back up: {url.database} is not there")
    engine = open_database(config.database_url)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as folder:
            partial = Path(folder) / "partial"
            with open(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as written:
                manifest = _write(config, engine, Path(folder), written)
                written.flush()
                os.fsync(written.fileno())
            partial.replace(file)
    finally:
        engine.dispose()
    sync_folder(file.parent)
    return manifest


def _write(config: Config, engine: Engine, folder: Path, file: IO[bytes]) -> Manifest:
    with ExitStack() as stack:
        copy, segments, audits = _held_copy(config, engine, folder, stack)
        writer = BackupWriter(file)
        with (folder / copy.name).open("rb") as content:
            writer.add(copy.name, content)
        for name, segment in segments.items():
            writer.add(f"index/{name}", segment)
        for name, archive in audits.items():
            writer.add(f"audits/{name}", archive)
        manifest = Manifest(
            attrib=__version__,
            database=copy.name,
            revision=copy.revision,
            index_revision=copy.index_revision,
            segments=copy.segments,
            audits=tuple(audits),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        writer.finish(manifest)
    return manifest


def _held_copy(
    config: Config, engine: Engine, folder: Path, stack: ExitStack
) -> tuple[_Copy, dict[str, IO[bytes]], dict[str, IO[bytes]]]:
    """Copy the database and open every file that it refers to: once open, a merge cannot take it away.

    What is there before the copy is opened before it, what came meanwhile after it. Where a file came and went between
    the two, it is done again.
    """
    _allow_many_files()
    segments, audits = _Held(config.index_folder, stack), _Held(config.audits_folder, stack)
    for _ in range(_ATTEMPTS):
        segments.open_all()
        audits.open_all()
        copy = _copied(engine, folder)
        segments.open_all()
        audits.open_all()
        held = segments.only(copy.segments)
        if len(held) == len(copy.segments):
            # The archive of an audit goes just before the audit ends: then it is not needed.
            return copy, held, audits.only(copy.audits)
    raise DatabaseError(
        f"segments that the catalogue names are not in {config.index_folder}: "
        "`attrib index verify` says which, and how to mend it"
    )


class _Held:
    """The files of a folder, kept open."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._files: dict[str, IO[bytes]] = {}

    def open_all(self) -> None:
        for path in self._folder.glob("*"):
            if path.name not in self._files and path.suffix not in (".partial", ".lock"):
                try:
                    self._files[path.name] = self._stack.enter_context(path.open("rb"))
                except FileNotFoundError:
                    continue

    def only(self, names: tuple[str, ...]) -> dict[str, IO[bytes]]:
        return {name: self._files[name] for name in names if name in self._files}


def _copied(engine: Engine, folder: Path) -> _Copy:
    if engine.dialect.name == "sqlite":
        place = folder / SQLITE_COPY
        place.unlink(missing_ok=True)
        sqlite.copy(Path(engine.url.database or ""), place)
        copied = connect(f"sqlite:///{place}")
        try:
            with copied.connect() as connection:
                return _described(connection, SQLITE_COPY, current_revision(copied))
        finally:
            copied.dispose()
    with of_one_moment(engine).connect() as connection:
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        postgresql.dump(engine.url, snapshot, folder / POSTGRESQL_DUMP)
        return _described(connection, POSTGRESQL_DUMP, current_revision(engine))


def _described(connection: Connection, name: str, revision: str | None) -> _Copy:
    at_work = (AuditState.QUEUED.value, AuditState.RUNNING.value)
    audits = select(AuditRow.id).where(AuditRow.state.in_(at_work)).order_by(AuditRow.id)
    return _Copy(
        name=name,
        revision=revision or "",
        index_revision=connection.scalar(select(CatalogState.revision)) or 0,
        segments=tuple(connection.scalars(select(SegmentRow.name).order_by(SegmentRow.id))),
        audits=tuple(f"{audit_id}.archive" for audit_id in connection.scalars(audits)),
    )


def _allow_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
