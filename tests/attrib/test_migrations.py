"""Migrations: the schema they make is the models' schema, forwards and backwards, and a newer one is refused."""

from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from attrib import database
from attrib.access_tables import AccessBase
from attrib.audits.decision_tables import DecisionBase
from attrib.audits.store import AuditRow
from attrib.config import Config
from attrib.errors import DatabaseError
from index.collection import Collection
from index.reference_index import ReferenceIndex
from index.tables import CatalogBase
from tests.index.upkeep import add, code, purl

MODELS = [CatalogBase.metadata, AuditRow.metadata, AccessBase.metadata, DecisionBase.metadata]


def test_the_migrated_schema_is_the_models_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, MODELS) == []  # type: ignore[arg-type]


def test_unique_constraints_and_keys_are_in_the_schema(engine: Engine) -> None:
    schema = inspect(engine)
    for metadata in MODELS:
        for table in metadata.sorted_tables:
            assert schema.get_pk_constraint(table.name)["constrained_columns"] == [
                key.name for key in table.primary_key
            ]
            assert len(schema.get_foreign_keys(table.name)) == len(table.foreign_key_constraints)


def test_down_to_nothing_and_up_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'attrib.db'}"
    assert database.upgrade(url) is None
    database.downgrade(url, "base")
    engine = database.connect(url)
    assert database.current_revision(engine) is None
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    assert database.upgrade(url) is None
    engine = database.connect(url)
    database.check_revision(engine)
    assert database.upgrade(url) == database.current_revision(engine)
    engine.dispose()


def test_sources_keep_their_files_when_release_dates_come_and_go(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'attrib.db'}"
    database.upgrade(url, "0002")
    rows = (
        "INSERT INTO segments VALUES (1, 'one', 1, 50, 900, '2026-11-01')",
        "INSERT INTO contents VALUES (1, 'swh:1:cnt:1', 1, 0, 50, 300)",
        "INSERT INTO sources VALUES (1, 'pkg:pypi/a@1', NULL, 'MIT', 'said so', '[]', 'd', 1, 50, '[]', '2026-11-01')",
        "INSERT INTO files VALUES (1, 1, 1, 'a.py', 'MIT', 'said so', '[]')",
    )
    engine = database.connect(url)
    with engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))
    engine.dispose()
    database.upgrade(url)
    engine = database.connect(url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT released FROM sources")).scalars().all() == [None]
        connection.execute(text("UPDATE sources SET released = '2024-12-04'"))
    engine.dispose()
    index = ReferenceIndex(tmp_path / "index", database.open_database(url))
    assert index.catalog.source("pkg:pypi/a@1").released == date(2024, 12, 4)
    database.downgrade(url, "0002")
    engine = database.connect(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT purl, digest FROM sources")).all() == [("pkg:pypi/a@1", "d")]
        assert connection.execute(text("SELECT path FROM files")).scalars().all() == ["a.py"]
    assert "released" not in {column["name"] for column in inspect(engine).get_columns("sources")}
    engine.dispose()


def test_an_index_from_before_collections_is_permissive_and_the_way_back_drops_what_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'attrib.db'}"
    database.upgrade(url, "0003")
    old = ("segments", "contents", "sources", "files", "refusals", "legal_files")
    rows = (
        "INSERT INTO catalog_state VALUES (1, 7, '{}')",
        "INSERT INTO segments VALUES (1, 'one', 1, 50, 900, '2026-11-01')",
        "INSERT INTO contents VALUES (1, 'swh:1:cnt:1', 1, 0, 50, 300)",
        "INSERT INTO sources VALUES (1, 'pkg:pypi/a@1', NULL, 'MIT', 'said so', '[]', 'd', 1, 50, '[]', '2026-11-01',"
        " '2025-12-04')",
        "INSERT INTO files VALUES (1, 1, 1, 'a.py', 'MIT', 'said so', '[]')",
        "INSERT INTO legal_texts VALUES ('ab', x'00')",
        "INSERT INTO legal_files VALUES (1, 1, 'license', 'LICENSE', 'ab')",
        "INSERT INTO refusals VALUES (1, 'pkg:pypi/a@1', 'b.py', 'GPL-2.0-only is copyleft', 0)",
    )
    before = _execute(url, *rows, read=old)
    database.upgrade(url)
    with_collection = ("segments", "contents", "sources", "refusals")
    after = _execute(url, read=old)
    for table in old:
        assert after[table] == [(*row, "permissive") if table in with_collection else row for row in before[table]]
    # The same names stand in the other collection, and what belongs to them.
    restricted = _execute(
        url,
        "INSERT INTO segments VALUES (2, 'two', 1, 50, 900, '2026-11-02', 'restricted')",
        "INSERT INTO contents VALUES (2, 'swh:1:cnt:1', 2, 0, 50, 300, 'restricted')",
        "INSERT INTO sources SELECT 2, purl, url, 'GPL-2.0-only', license_evidence, copyright, digest, files, lexemes,"
        " left_out, added_at, released, 'restricted' FROM sources",
        "INSERT INTO files VALUES (2, 2, 2, 'b.py', 'GPL-2.0-only', 'said so', '[]')",
        "INSERT INTO legal_files VALUES (2, 2, 'license', 'LICENSE', 'ab')",
        "INSERT INTO refusals VALUES (2, 'pkg:pypi/a@1', 'b.py', 'MIT is permissive', 0, 'restricted')",
        read=old,
    )
    assert all(len(rows) == 2 for rows in restricted.values())
    with pytest.raises(IntegrityError, match=r"sources\.purl, sources\.collection"):
        _execute(url, "UPDATE sources SET collection = 'permissive'")
    database.downgrade(url, "0003")
    assert _execute(url, read=old) == before
    assert _execute(url, read=("catalog_state",))["catalog_state"][0][1] == 8
    with pytest.raises(IntegrityError, match=r"contents\.swhid"):
        _execute(url, "INSERT INTO contents VALUES (2, 'swh:1:cnt:1', 1, 1, 50, 300)")
    database.upgrade(url)
    assert _execute(url, read=old) == after


def test_an_index_built_before_collections_answers_as_before(config: Config, tmp_path: Path) -> None:
    engine = database.open_database(config.database_url)
    index = ReferenceIndex(config.index_folder, engine)
    add(index, tmp_path, "old", {"own.py": code(1)})
    before = index.search(code(1).encode(), "Python")
    engine.dispose()
    database.downgrade(config.database_url, "0003")
    opened = ReferenceIndex(config.index_folder, database.open_database(config.database_url))
    assert opened.search(code(1).encode(), "Python") == before
    assert opened.verify().flaws == ()
    assert opened.catalog.source(purl("old")).collection is Collection.PERMISSIVE
    assert add(opened, tmp_path, "old", {}).unchanged == (purl("old"),)


def _execute(url: str, *statements: str, read: tuple[str, ...] = ()) -> dict[str, list[tuple[object, ...]]]:
    """Run statements in one transaction and return all rows of tables."""
    engine = database.connect(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
            return {table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))] for table in read}
    finally:
        engine.dispose()


def test_a_failed_migration_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'attrib.db'}"
    engine = database.connect(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE sources (mine TEXT)"))
    with pytest.raises(DatabaseError, match="already exists"):
        database.upgrade(url)
    assert inspect(engine).get_table_names() == ["sources"]
    engine.dispose()


def test_a_database_from_a_newer_version_is_refused_untouched(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    url = engine.url.render_as_string()
    for use in (database.open_database, database.upgrade, lambda url: database.downgrade(url, "base")):
        with pytest.raises(DatabaseError, match=r"revision 9999.*a newer version has written it: install that version"):
            use(url)
    assert database.current_revision(engine) == "9999"
    assert "records" in inspect(engine).get_table_names()
