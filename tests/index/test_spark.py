"""Spark in local mode builds the index that is built without it: real Spark, real installed code, every answer compared.

Skipped, and said so, where pyspark or Java is not there.
"""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'attrib[spark]'")
pytest.importorskip("pandas", reason="pandas is not installed: pip install 'attrib[spark]'")

from attrib import database
from attrib.ingest import ingest
from attrib.ingest_report import IngestReport
from attrib.policy import Policy
from attrib.spark_ingest import ingest_on_spark
from index.origins.parquet import ParquetOrigin
from index.reference_index import ReferenceIndex
from index.spark.session import spark_session
from index.tables import FileRow, LegalFileRow, RefusalRow, SourceRow
from tests.index.code_rows import CodeRow, installed_rows, write_rows
from tests.index.packing import MIT, code

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ,
        reason="Java is not installed, and Spark needs it",
    ),
]

PACKAGES = ("click", "itsdangerous", "packaging", "blinker")
NewIndex = Callable[[str], ReferenceIndex]


@pytest.fixture(scope="module", autouse=True)
def one_session() -> Iterator[None]:
    """Java takes seconds to start: what runs in this file shares one session."""
    with spark_session("tests"):
        yield


@pytest.fixture(scope="module")
def new_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewIndex]:
    engines = []

    def made(name: str) -> ReferenceIndex:
        folder = tmp_path_factory.mktemp(name)
        engines.append(database.open_database(f"sqlite:///{folder / 'attrib.db'}"))
        return ReferenceIndex(folder / "index", engines[-1])

    yield made
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two files that have rows of the same repositories, and what tries every rule."""
    folder = tmp_path_factory.mktemp("rows")
    real = installed_rows(PACKAGES)
    odd: list[CodeRow] = [
        (code("gg"), "o/gnu", "g.py", ["GPL-3.0-only"]),
        (code("aa"), "o/up", "src/a.py", ["MIT"]),
        (code("aa"), "o/again", "copied.py", ["MIT"]),
        (code("nn"), "o/none", "n.py", []),
        (code("ss"), "o/up", "strict.py", ["GPL-2.0-or-later"]),
        ("x = 1\n", "o/up", "short.py", ["MIT"]),
        ("some words", "o/up", "README.txt", ["MIT"]),
        (MIT, "o/up", "LICENSE", ["MIT"]),
        (real[-1][0], "o/vendored", "lib/_vendor/copied.py", ["MIT"]),
        (code("bb"), "o/vendored", "b.py", ["MIT"]),
        (code("first"), "o/twice", "same.py", ["MIT"]),
    ]
    later: list[CodeRow] = [(code("later"), "o/twice", "same.py", ["MIT"])]
    return [
        write_rows(folder / "1.parquet", [*real[::2], *odd]),
        write_rows(folder / "2.parquet", [*later, *real[1::2]]),
    ]


@pytest.fixture(scope="module")
def both(new_index: NewIndex, places: list[str]) -> tuple[ReferenceIndex, ReferenceIndex, IngestReport, IngestReport]:
    local, built = new_index("local"), new_index("spark")
    return (
        local,
        built,
        ingest(local, [ParquetOrigin(places)], Policy()),
        ingest_on_spark(built, places, Policy()),
    )


def catalogued(index: ReferenceIndex) -> dict[str, list[object]]:
    """Everything the catalogue says of sources, files, legal texts and refusals, without when and under which number."""
    with Session(index._engine) as session:
        purls = {row.id: f"{row.purl} {row.collection}" for row in session.scalars(select(SourceRow))}
        sources = [
            (r.purl, r.url, r.license_expression, r.license_evidence, r.copyright, r.digest, r.files, r.lexemes)
            + (r.left_out, r.released, r.collection)
            for r in session.scalars(select(SourceRow).order_by(SourceRow.purl, SourceRow.collection))
        ]
        files = [
            (purls[r.source_id], r.path, r.license_expression, r.license_evidence, r.copyright)
            for r in session.scalars(select(FileRow))
        ]
        legal = [(purls[r.source_id], r.kind, r.path, r.sha256) for r in session.scalars(select(LegalFileRow))]
        refusals = [(r.purl, r.path, r.reason, r.collection) for r in session.scalars(select(RefusalRow))]
    return {"sources": sources, "files": sorted(files), "legal": sorted(legal), "refusals": sorted(refusals)}


def texts(index: ReferenceIndex) -> dict[str, bytes]:
    held = [source for source in index.catalog.sources(None, None, 1000)]
    swhids = {file.swhid for source in held for file in index.catalog.files(source.purl, source.collection, None, 9999)}
    return {swhid: index.reference_text(swhid) for swhid in sorted(swhids)}


def test_the_index_is_that_of_the_local_build(
    both: tuple[ReferenceIndex, ReferenceIndex, IngestReport, IngestReport],
) -> None:
    local, built, told, told_by_spark = both
    assert catalogued(built) == catalogued(local)
    assert texts(built) == texts(local)
    said, also = told.as_json(), told_by_spark.as_json()
    assert {**also, "seconds": 0, "left_out": 0} == {**said, "seconds": 0, "left_out": 0}
    assert dict(told_by_spark.left_out) == dict(told.left_out)
    assert {source.purl for source in told.added} >= {"pkg:github/installed/click", "pkg:github/o/up"}
    assert built.verify().flaws == ()


def test_every_answer_is_the_same(both: tuple[ReferenceIndex, ReferenceIndex, IngestReport, IngestReport]) -> None:
    local, built, *_ = both
    asked = 0
    for text in texts(local).values():
        lines = text.splitlines(keepends=True)
        for query in (text, b"".join(lines[len(lines) // 3 : len(lines) // 3 + 40])):
            assert built.search(query, "Python") == local.search(query, "Python")
            asked += 1
    assert asked > 100
    match = built.search(code("first").encode()).matches[0]
    assert [origin.file.purl for origin in match.origins] == ["pkg:github/o/twice"]
    assert not built.search(code("later").encode()).matches or catalogued(local) == catalogued(built)
