"""Spark in local mode builds the index that is built without it: real Spark, real installed code, every answer.

Skipped, and said so, where pyspark or Java is not there.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from attrib import database, spark_ingest
from attrib.cli.main import cli
from attrib.ingest import ingest
from attrib.ingest_report import IngestReport
from attrib.policy import Policy
from attrib.spark_ingest import ingest_on_spark
from benchmarks.code_rows import CodeRow, installed_rows, write_rows
from benchmarks.same_index import catalogued, held_texts, queries_of
from index.entries import AdmittedSource
from index.errors import UnreadableOrigin
from index.origins.parquet import ParquetOrigin
from index.reference_index import ReferenceIndex
from index.spark.session import spark_session
from tests.index.packing import MIT, code

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'attrib[spark]'")
pytest.importorskip("pandas", reason="pandas is not installed: pip install 'attrib[spark]'")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'attrib[spark]'")
pq = pytest.importorskip("pyarrow.parquet")

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ,
        reason="Java is not installed, and Spark needs it",
    ),
]

UP = "pkg:github/o/up"
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


def test_the_index_is_that_of_the_local_build(
    both: tuple[ReferenceIndex, ReferenceIndex, IngestReport, IngestReport],
) -> None:
    local, built, told, told_by_spark = both
    assert catalogued(built._engine) == catalogued(local._engine)
    assert held_texts(built) == held_texts(local)
    said, also = told.as_json(), told_by_spark.as_json()
    assert {**also, "seconds": 0, "left_out": 0} == {**said, "seconds": 0, "left_out": 0}
    assert dict(told_by_spark.left_out) == dict(told.left_out)
    assert {source.purl for source in told.added} >= {"pkg:github/installed/click", "pkg:github/o/up"}
    assert built.verify().flaws == ()


def test_every_answer_is_the_same(both: tuple[ReferenceIndex, ReferenceIndex, IngestReport, IngestReport]) -> None:
    local, built, *_ = both
    asked = 0
    for text in held_texts(local).values():
        for query in queries_of(text):
            assert built.search(query, "Python") == local.search(query, "Python")
            asked += 1
    assert asked > 100
    # Of two rows for one path the first stays, in the order of files and rows.
    (match,) = built.search(code("first").encode()).matches
    assert [origin.file.purl for origin in match.origins] == ["pkg:github/o/twice"]


def test_what_is_there_stays_and_the_rest_is_added_through_another_folder(
    both: tuple[ReferenceIndex, ReferenceIndex, IngestReport, IngestReport], places: list[str], tmp_path: Path
) -> None:
    local, built, *_ = both
    more = write_rows(
        tmp_path / "3.parquet",
        [
            (code("zz"), "o/more", "z.py", ["MIT"]),
            (code("aa"), "o/more", "a.py", ["MIT"]),
            (MIT, "o/up", "COPYING", None),
        ],
    )
    before = {segment.name for segment in built.catalog.holdings.segments()}
    report = ingest_on_spark(built, [*places, more], Policy(), through=(tmp_path / "shared").as_uri())
    told = ingest(local, [ParquetOrigin([*places, more])], Policy())
    assert {one.purl for one in report.added} == {one.purl for one in told.added} == {"pkg:github/o/more", UP}
    assert report.unchanged == told.unchanged
    assert catalogued(built._engine) == catalogued(local._engine)
    # What is held already is not signed again.
    (new,) = (one for one in built.catalog.holdings.segments() if one.name not in before)
    assert new.contents == 1
    assert not list((tmp_path / "shared").iterdir())


def test_a_build_that_ends_in_the_middle_leaves_nothing(
    new_index: NewIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_rows(
        tmp_path / "1.parquet", [(code("aa"), "o/a", "a.py", ["MIT"]), (code("bb"), "o/b", "b.py", ["MIT"])]
    )
    index = new_index("interrupted")
    entering = spark_ingest._entering

    def interrupted(*given: Any) -> Iterator[AdmittedSource]:
        yield next(entering(*given))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(spark_ingest, "_entering", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ingest_on_spark(index, [place], Policy())
    assert index.catalog.segments() == []
    assert index.catalog.sources(None, None, 10) == []
    left = list(index._folder.glob("*.segment"))
    assert len(left) == 1
    with index.writer():
        assert not left[0].exists()
    report = ingest_on_spark(index, [place], Policy())
    assert [one.purl for one in report.added] == ["pkg:github/o/a", "pkg:github/o/b"]


def test_the_command_takes_what_the_other_collection_refuses(places: list[str], tmp_path: Path) -> None:
    told = {}
    for name, how in (("local", []), ("spark", ["--spark"])):
        options = ["index", "add", *places, "--collection", "restricted", "--json"]
        result = CliRunner().invoke(cli, [*options, *how], env={"ATTRIB_HOME": str(tmp_path / name)})
        assert result.exit_code == 0, result.stderr
        told[name] = {**json.loads(result.stdout), "seconds": 0}
    assert told["spark"] == told["local"]
    assert {one["purl"] for one in told["spark"]["added"]} >= {"pkg:github/o/gnu", UP}
    assert "pkg:github/o/again" in told["spark"]["passed_over"]


def test_what_cannot_be_read_is_said_in_a_sentence(new_index: NewIndex, tmp_path: Path) -> None:
    index = new_index("wrong")
    (tmp_path / "text.parquet").write_text("no table" * 100)
    pq.write_table(pa.table({"text": ["x"]}), tmp_path / "other.parquet")
    for name, words in (("text", "none of Parquet"), ("other", "none of the sets"), ("none", "no such file")):
        with pytest.raises(UnreadableOrigin, match=words) as raised:
            ingest_on_spark(index, [str(tmp_path / f"{name}.parquet")], Policy())
        assert "\n" not in str(raised.value)
    assert index.catalog.revision() == 0
