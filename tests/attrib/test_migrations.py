"""Migrations: the schema they make is the models' schema, forwards and backwards, and a newer one is refused."""

from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from attrib import database
from attrib.errors import DatabaseError
from attrib.records import RecordBase
from index.reference_index import ReferenceIndex
from index.tables import CatalogBase

MODELS = [CatalogBase.metadata, RecordBase.metadata]


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
