"""Parquet files of code rows, written here in the shapes of The Stack."""

import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from attrib.ingest import ingest
from attrib.policy import Policy
from index.errors import UnreadableOrigin
from index.origins.base import SourceFile
from index.origins.parquet import ParquetOrigin
from index.reference_index import ReferenceIndex
from index.writer import content_swhid
from tests.index.packing import MIT, code

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'attrib[parquet]'")
pq = pytest.importorskip("pyarrow.parquet")

FIRST = ("content", "max_stars_repo_name", "max_stars_repo_path", "max_stars_repo_licenses")
SECOND = ("content", "repo_name", "path", "detected_licenses", "license_type", "src_encoding")
SMALL = ("content", "repository_name", "path", "licenses")


def table(place: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    pq.write_table(
        pa.table({name: [row[number] for row in rows] for number, name in enumerate(columns)}), place, row_group_size=3
    )
    return str(place)


def test_every_repository_is_a_source_wherever_its_rows_lie(index_of_one: ReferenceIndex, tmp_path: Path) -> None:
    one = table(
        tmp_path / "1.parquet",
        FIRST,
        [
            (code("aa"), "o/up", "src/a.py", ["MIT"]),
            (code("gg"), "o/gnu", "g.py", ["GPL-3.0-only"]),
            (code("bb"), "o/up", "b.py", ["MIT"]),
            (code("nn"), "o/none", "n.py", []),
            (code("cc"), "o/up", "unsaid.py", None),
            (code("dd"), "o/up", "strict.py", ["GPL-2.0-or-later"]),
        ],
    )
    two = table(
        tmp_path / "2.parquet", FIRST, [(code("ee"), "o/up", "e.py", ["MIT"]), (MIT, "o/up", "LICENSE", ["MIT"])]
    )
    report = ingest(index_of_one, [ParquetOrigin([one, two])], Policy())
    (added,) = report.added
    assert (added.purl, added.license_expression, added.files) == ("pkg:github/o/up", "MIT", 3)
    refused = {(refusal.purl, refusal.path): refusal.reason for refusal in report.refused}
    assert set(refused) == {
        ("pkg:github/o/gnu", ""),
        ("pkg:github/o/none", ""),
        ("pkg:github/o/up", "strict.py"),
        ("pkg:github/o/up", "unsaid.py"),
    }
    assert "GPL-2.0-or-later is copyleft" in refused["pkg:github/o/up", "strict.py"]
    assert "licence unknown" in refused["pkg:github/o/up", "unsaid.py"]
    file = index_of_one.search(code("aa").encode()).matches[0].origins[0].file
    assert (file.path, file.swhid) == ("src/a.py", content_swhid(code("aa").encode()))
    again = ingest(index_of_one, [ParquetOrigin([str(tmp_path / "*.parquet")])], Policy())
    assert again.unchanged == ("pkg:github/o/up",)


def test_the_second_form_keeps_the_bytes_the_file_had(tmp_path: Path) -> None:
    place = table(
        tmp_path / "2.parquet",
        SECOND,
        [
            ("name = 'Zoë'\n", "o/up", "/latin.py", ["MIT"], "permissive", "ISO-8859-1"),
            ("x = 1\n", "o/up", "/free.py", ["MIT", "Apache-2.0"], "permissive", "UTF-8"),
            ("y = 1\n", "o/up", "/unsaid.py", [], "no_license", "no such encoding"),
        ],
    )
    (package,) = ParquetOrigin([place]).packages()
    files = {file.path: file for file in package.files() if isinstance(file, SourceFile)}
    assert files["latin.py"].read() == "name = 'Zoë'\n".encode("latin-1")
    assert [one.value for one in files["free.py"].declared] == ["MIT AND Apache-2.0"]
    assert [one.value for one in files["unsaid.py"].declared] == ["none stated"]


def test_the_small_form_is_read(tmp_path: Path) -> None:
    (package,) = ParquetOrigin([table(tmp_path / "s.parquet", SMALL, [("x = 1", "a/b/c", "x.py", ["mit"])])]).packages()
    assert package.purl.startswith("pkg:generic/")
    assert [one.value for one in package.declared] == ["mit"]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no table" * 100)
    table(tmp_path / "other.parquet", ("text", "label"), [("x", 1)])
    table(tmp_path / "bare.parquet", ("blob_id", "repo_name", "path"), [("x", "o/n", "a.py")])
    for name, words in (
        ("text", "no Parquet file"),
        ("other", "none of the sets of columns"),
        ("bare", "no column `content`"),
        ("none", "no such file"),
    ):
        with pytest.raises(UnreadableOrigin, match=words):
            list(ParquetOrigin([str(tmp_path / f"{name}.parquet")]).packages())


def test_the_memory_stays_small(tmp_path: Path) -> None:
    large = ["# " + f"{n:04}" * 60_000 + "\nx = 1\n" for n in range(60)]
    rows = [(content, f"o/{n % 7}", f"{n}.py", ["MIT"]) for n, content in enumerate(large)]
    place = table(tmp_path / "large.parquet", FIRST, rows)
    del large, rows
    tracemalloc.start()
    try:
        for package in ParquetOrigin([place]).packages():
            for file in package.files():
                assert isinstance(file, SourceFile)
                assert len(file.read()) == file.size
        # The contents are 14 MB; a batch of rows may be held, never all of several files' batches.
        assert tracemalloc.get_traced_memory()[1] < 45_000_000
    finally:
        tracemalloc.stop()
