"""Migrations: the schema they make is the models' schema, forwards and backwards, and a newer one is refused."""

from collections.abc import Callable
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
from tests.attrib.schema_rows import ROWS, fill, read
from tests.index.upkeep import add, code, purl

pytestmark = pytest.mark.databases("sqlite", "postgresql")

OTHERS = {
    "segments": {"name": "two", "collection": "restricted"},
    "contents": {"segment_id": 2, "collection": "restricted"},
    "sources": {"license_expression": "GPL-2.0-only", "collection": "restricted"},
    "files": {"source_id": 2, "content_id": 2, "path": "b.py", "license_expression": "GPL-2.0-only"},
    "refusals": {"reason": "MIT is permissive", "collection": "restricted"},
    "legal_files": {"source_id": 2},
}
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


def test_down_to_nothing_and_up_again(empty_database: Callable[[], str]) -> None:
    url = empty_database()
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


def test_sources_keep_their_files_when_release_dates_come_and_go(
    tmp_path: Path, empty_database: Callable[[], str]
) -> None:
    url = empty_database()
    database.upgrade(url, "0002")
    fill(url, [(name, ROWS[name]) for name in ("segments", "contents", "sources", "files")])
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


def test_an_index_from_before_collections_is_permissive_and_the_way_back_drops_what_is_not(
    empty_database: Callable[[], str],
) -> None:
    url = empty_database()
    database.upgrade(url, "0003")
    old = ("segments", "contents", "sources", "files", "refusals", "legal_files")
    fill(url, [(name, ROWS[name]) for name in ("catalog_state", "legal_texts", *old)])
    before = read(url, old)
    database.upgrade(url)
    after = read(url, old)
    for table in old:
        collection = {} if table in ("files", "legal_files") else {"collection": "permissive"}
        assert after[table] == [{**row, **collection} for row in before[table]]
    # The same names stand in the other collection, and what belongs to them.
    fill(url, [(table, ROWS[table] | {"id": 2} | OTHERS[table]) for table in old])
    assert all(len(rows) == 2 for rows in read(url, old).values())
    with pytest.raises(IntegrityError, match=r"sources\.purl, sources\.collection|uq_sources_purl_collection"):
        fill(url, [("sources", ROWS["sources"] | {"id": 3})])
    database.downgrade(url, "0003")
    assert read(url, old) == before
    assert read(url, ["catalog_state"])["catalog_state"][0]["revision"] == 8
    with pytest.raises(IntegrityError, match=r"contents\.swhid|uq_contents_swhid"):
        fill(url, [("contents", ROWS["contents"] | {"id": 2, "ordinal": 1})])
    database.upgrade(url)
    assert read(url, old) == after


def test_an_index_built_before_collections_answers_as_before(config: Config, tmp_path: Path) -> None:
    engine = database.open_database(config.database_url)
    index = ReferenceIndex(config.index_folder, engine)
    add(index, tmp_path, "old", {"own.py": code(1)})
    before = index.search(code(1).encode(), "Python")
    engine.dispose()
    database.downgrade(config.database_url, "0003")
    database.upgrade(config.database_url)
    opened = ReferenceIndex(config.index_folder, database.open_database(config.database_url))
    assert opened.search(code(1).encode(), "Python") == before
    assert opened.verify().flaws == ()
    assert opened.catalog.source(purl("old")).collection is Collection.PERMISSIVE
    assert add(opened, tmp_path, "old", {}).unchanged == (purl("old"),)


def test_a_failed_migration_leaves_the_database_as_it_was(empty_database: Callable[[], str]) -> None:
    url = empty_database()
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
