"""Brings a backup back: into an empty data folder and database, or in the place of what they hold."""

import tempfile
from pathlib import Path

from sqlalchemy import Engine, inspect, make_url, select, update
from sqlalchemy.engine import URL

from attrib.backups import postgresql, sqlite
from attrib.backups.archive import POSTGRESQL_DUMP, SQLITE_COPY, Manifest, unpack
from attrib.config import Config
from attrib.database import MEND_NEWER, connect, create_private_file, knows
from attrib.errors import ConfigurationError, DatabaseError
from index.lock import WriterLock, delete_leftovers
from index.tables import CatalogState

_KINDS = {"sqlite": SQLITE_COPY, "postgresql": POSTGRESQL_DUMP}


def restore(config: Config, file: Path, overwrite: bool = False) -> Manifest:
    """Bring a backup back and return what it held; until all of it was read and found whole, nothing is changed.

    Segments come first and the database after them, in one transaction: cut off in between, all is as it was.

    Raises UnreadableInput where the backup was cut or altered, ConfigurationError where it does not fit or would
    overwrite something, IndexBusy where somebody writes to the index, and DatabaseError.
    """
    url = make_url(config.database_url)
    if not overwrite:
        _require_empty(config, url)
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    config.index_folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=config.home) as unpacked:
        manifest = unpack(file, Path(unpacked))
        _require_fitting(manifest, file, url)
        with WriterLock(config.index_folder):
            _move(Path(unpacked) / "index", config.index_folder)
            _move(Path(unpacked) / "audits", config.audits_folder)
            _bring_back(Path(unpacked) / manifest.database, url, overwrite)
            if overwrite:
                delete_leftovers(config.index_folder, manifest.segments)
    return manifest


def _require_empty(config: Config, url: URL) -> None:
    sqlite_file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    held = [str(sqlite_file)] if sqlite_file is not None and sqlite_file.exists() else []
    if sqlite_file is None and _tables(url):
        held.append(url.render_as_string(hide_password=True))
    held += [str(config.index_folder)] if any(config.index_folder.glob("*.segment")) else []
    if held:
        raise ConfigurationError(
            f"{' and '.join(held)} would be overwritten: name an empty place in ATTRIB_HOME and ATTRIB_DATABASE_URL, "
            "or stop what uses it and give --overwrite"
        )


def _require_fitting(manifest: Manifest, file: Path, url: URL) -> None:
    if manifest.database != _KINDS[url.get_backend_name()]:
        held, named = ("PostgreSQL", "SQLite") if manifest.database == POSTGRESQL_DUMP else ("SQLite", "PostgreSQL")
        raise ConfigurationError(
            f"the backup {file} is of a {held} database, and ATTRIB_DATABASE_URL names {named}: name one of its kind"
        )
    if not knows(manifest.revision):
        raise DatabaseError(
            f"the backup {file} is at revision {manifest.revision}, so a newer version (Attrib {manifest.attrib}) has "
            f"written it: {MEND_NEWER}"
        )


def _move(unpacked: Path, folder: Path) -> None:
    if not unpacked.is_dir():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    for path in sorted(unpacked.iterdir()):
        path.replace(folder / path.name)


def _bring_back(copied: Path, url: URL, replace: bool) -> None:
    before = _index_revision(url) if replace else 0
    if url.get_backend_name() == "sqlite":
        create_private_file(url)
        sqlite.bring_back(copied, Path(url.database or ""))
    else:
        postgresql.bring_back(copied, url, replace)
    if before:
        _outnumber(url, before)


def _outnumber(url: URL, before: int) -> None:
    """Number the index higher than it was, so that whoever has it open opens it again."""
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(update(CatalogState).where(CatalogState.revision <= before).values(revision=before + 1))
    finally:
        engine.dispose()


def _index_revision(url: URL) -> int:
    if "catalog_state" not in _tables(url):
        return 0
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return connection.scalar(select(CatalogState.revision)) or 0
    finally:
        engine.dispose()


def _tables(url: URL) -> list[str]:
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return []
    engine = _engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    return connect(url.render_as_string(hide_password=False))
