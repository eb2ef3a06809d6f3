"""Own code, forks and dependencies left out of a search, one of them or very many."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from attrib.config import Config
from index import reference_index
from index.matches import SearchStatus
from index.reference_index import ReferenceIndex
from index.tables import FileRow, SourceRow
from tests.index.upkeep import add, code, origins, purl

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def index(config: Config, engine: Engine, tmp_path: Path) -> ReferenceIndex:
    opened = ReferenceIndex(config.index_folder, engine)
    add(opened, tmp_path, "ours", {"own.py": code(1), "shared.py": code(3)})
    add(opened, tmp_path, "ours-too", {"own.py": code(2), "shared.py": code(3)})
    add(opened, tmp_path, "theirs", {"own.py": code(4), "shared.py": code(3)})
    return opened


def test_what_only_excluded_sources_hold_is_clean_and_the_rest_names_the_others(index: ReferenceIndex) -> None:
    ours = ["pkg:generic/ours", "pkg:generic/ours-*"]
    assert index.search(code(1).encode(), exclude=ours).status is SearchStatus.CLEAN
    assert index.search(code(2).encode(), exclude=ours).status is SearchStatus.CLEAN
    assert origins(index.search(code(3).encode(), exclude=ours)) == {(purl("theirs"), "shared.py")}
    assert index.search(code(2).encode(), exclude=ours[:1]).status is SearchStatus.MATCHED
    assert index.search(code(3).encode(), exclude=["pkg:generic/"]).status is SearchStatus.CLEAN


def values(row: SourceRow | FileRow, without: tuple[str, ...]) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name not in without}


# It asks for SQLite's limit; on PostgreSQL it takes a minute and a half.
@pytest.mark.databases("sqlite")
def test_more_sources_may_be_excluded_than_a_statement_has_variables(index: ReferenceIndex, engine: Engine) -> None:
    many = 40_000
    with Session(engine) as session, session.begin():
        like = session.scalars(select(SourceRow).where(SourceRow.purl == purl("ours"))).one()
        shared = session.scalars(select(FileRow).where(FileRow.source_id == like.id, FileRow.path == "shared.py")).one()
        kept = values(like, without=("id", "purl"))
        session.execute(insert(SourceRow), [kept | {"id": 1000 + n, "purl": f"pkg:npm/n{n}@1"} for n in range(many)])
        file = values(shared, without=("id",))
        session.execute(insert(FileRow), [file | {"source_id": 1000 + n} for n in range(many)])
    assert index.catalog.contents_only_in(["pkg:npm/"]) == []
    everyone = ["pkg:npm/", "pkg:generic/ours", "pkg:generic/ours-too", "pkg:generic/theirs"]
    assert len(index.catalog.contents_only_in(everyone)) == 4
    assert len(index.catalog.contents_only_in(["pkg:npm/", "pkg:generic/ours"])) == 1


def test_ever_other_exclusions_are_answered_and_not_all_remembered(index: ReferenceIndex) -> None:
    for number in range(2 * reference_index._REMEMBERED_EXCLUSIONS):
        exclude = [f"pkg:generic/other{number}", "pkg:generic/ours"]
        assert index.search(code(1).encode(), exclude=exclude).status is SearchStatus.CLEAN
    assert len(index._current().excluded) <= reference_index._REMEMBERED_EXCLUSIONS
