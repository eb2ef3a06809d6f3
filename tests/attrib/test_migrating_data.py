"""Migrations keep what is stored: from every earlier revision up to the last one, down again, on both databases."""

from collections.abc import Callable

import pytest
from alembic.script import ScriptDirectory

from attrib import database
from tests.attrib.schema_rows import ROWS, columns, fill, read, tables

pytestmark = pytest.mark.databases("sqlite", "postgresql")

REVISIONS = sorted(
    script.revision for script in ScriptDirectory.from_config(database.alembic_config(None)).walk_revisions()
)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_row_of_an_earlier_version_is_there_after_it_and_on_the_way_back(
    empty_database: Callable[[], str], revision: str
) -> None:
    url = empty_database()
    database.upgrade(url, revision)
    names = sorted(tables(url))
    fill(url, [(name, row) for name, row in ROWS.items() if name in names])
    before = read(url, names)
    assert all(before.values())
    database.upgrade(url)
    engine = database.open_database(url)
    engine.dispose()
    after = read(url, names)
    for name, rows in before.items():
        assert columns(after[name], rows[0]) == rows
    if "record_terms" not in names:
        assert {(row["field"], row["value"]) for row in read(url, ["record_terms"])["record_terms"]} == {
            ("path", "caf?.py"),
            ("purl", "pkg:pypi/a@1"),
            ("license", "MIT"),
        }
    database.downgrade(url, revision)
    assert set(names) == tables(url)
    back = read(url, names)
    # Going back below collections changes what the index holds, so its number grows.
    back["catalog_state"][0]["revision"] = before["catalog_state"][0]["revision"]
    assert back == before


def test_rows_are_given_for_every_table(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    database.upgrade(url)
    assert tables(url) == {*ROWS, "decision_head"}
