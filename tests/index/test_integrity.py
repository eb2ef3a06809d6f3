"""Verification: whatever happens to a file is said in a sentence, and mended as far as it can be."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from attrib.config import Config
from index.errors import IndexBusy
from index.integrity import IntegrityReport
from index.lsh import PARAMETER_SETS
from index.matches import SearchResult
from index.reference_index import ReferenceIndex
from index.segment import Segment
from index.segment_builder import SegmentBuilder
from index.writer import content_swhid
from tests.index.upkeep import add, code, purl

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NAMES = ("one", "two", "three")
FILES = {name: {f"{n}.py": code(10 * number + n) for n in range(4)} for number, name in enumerate(NAMES)}


@pytest.fixture
def index(config: Config, engine: Engine, tmp_path: Path) -> ReferenceIndex:
    """Three sources of four files, each in a segment of its own."""
    opened = ReferenceIndex(config.index_folder, engine)
    for name, files in FILES.items():
        add(opened, tmp_path, name, files)
    return opened


def paths(index: ReferenceIndex, config: Config) -> list[Path]:
    return [config.index_folder / name for _, name in index.catalog.segments()]


def put(path: Path, data: bytes) -> None:
    """Put other bytes in the place of a file, as a restored backup or a copy would."""
    aside = path.with_name("aside")
    aside.write_bytes(data)
    aside.replace(path)


def answers(index: ReferenceIndex) -> list[SearchResult]:
    return [index.search(text.encode(), "Python") for files in FILES.values() for text in files.values()]


def said(report: IntegrityReport) -> str:
    return "\n".join(f"{flaw.where} {flaw.what}: {flaw.mend}" for flaw in report.flaws)


def assert_restored(index: ReferenceIndex, folder: Path, before: list[SearchResult]) -> None:
    """Hold that mending, and adding again what it names, brings every answer back."""
    report = index.verify(mend=True)
    incomplete = {flaw.where for flaw in report.flaws if not flaw.mended}
    assert incomplete <= {purl(name) for name in NAMES}, said(report)
    assert report.whole == (not incomplete)
    for name in NAMES:
        assert bool(add(index, folder, name, {}).added) == (purl(name) in incomplete)
    assert index.verify().flaws == ()
    assert answers(index) == before


def test_a_whole_index_is_said_to_be_whole(index: ReferenceIndex) -> None:
    report = index.verify()
    assert (report.flaws, report.whole, report.segments, report.contents) == ((), True, 3, 12)
    revision = index.catalog.revision()
    assert index.verify(mend=True).flaws == ()
    assert index.catalog.revision() == revision


def test_a_flipped_byte_in_any_section_is_told_and_mended(
    index: ReferenceIndex, config: Config, tmp_path: Path
) -> None:
    before = answers(index)
    sections = Segment(paths(index, config)[1], index.params)._sections
    for name, section in sections.items():
        path = paths(index, config)[0]
        segment = Segment(path, index.params)
        assert section["length"], "an empty section cannot be damaged"
        data = bytearray(path.read_bytes())
        at = segment._body + segment._sections[name]["offset"] + segment._sections[name]["length"] // 2
        data[at] ^= 0x55
        put(path, bytes(data))
        report = index.verify()
        assert not report.whole
        assert [flaw.where for flaw in report.flaws] == [f"segment {path.name}"], name
        assert f"has a wrong checksum of {name}" in said(report)
        assert "attrib index verify --mend" in said(report)
        assert_restored(index, tmp_path, before)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.5, 0.999])
def test_a_file_cut_short_is_told_and_mended(
    index: ReferenceIndex, config: Config, tmp_path: Path, share: float
) -> None:
    before = answers(index)
    path = paths(index, config)[1]
    data = path.read_bytes()
    put(path, data[: int(len(data) * share)])
    report = index.verify()
    assert [flaw.where for flaw in report.flaws] == [f"segment {path.name}"]
    assert_restored(index, tmp_path, before)


def other_parameters(index: ReferenceIndex, path: Path) -> None:
    builder = SegmentBuilder(PARAMETER_SETS["compact"])
    for content in FILES["one"].values():
        builder.add(content_swhid(content.encode()), content.encode(), "Python")
    name = builder.write(path.parent)
    (path.parent / name).replace(path)


def other_format(index: ReferenceIndex, path: Path) -> None:
    import hashlib

    data = path.read_bytes()
    length = int.from_bytes(data[8:16], "little")
    header = json.loads(data[48 : 48 + length])
    header["format"] = 999
    head = json.dumps(header, sort_keys=True).encode()
    put(path, data[:8] + len(head).to_bytes(8, "little") + hashlib.sha256(head).digest() + head)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (other_parameters, "stride is 18 there and 8 here"),
        (other_format, "has format 999 and this version reads"),
    ],
)
def test_a_segment_of_another_version_is_told_and_never_thrown_away(
    index: ReferenceIndex, config: Config, change: Callable[[ReferenceIndex, Path], None], what: str
) -> None:
    path = paths(index, config)[0]
    change(index, path)
    data = path.read_bytes()
    for mend in (False, True):
        report = index.verify(mend)
        (flaw,) = report.flaws
        assert (flaw.where, flaw.mended) == (f"segment {path.name}", False)
        assert what in flaw.what
        assert "use the version of Attrib that wrote it" in flaw.mend
    assert path.read_bytes() == data
    assert index.catalog.source(purl("one")).files == 4


def test_a_deleted_file_costs_its_own_sources_only(index: ReferenceIndex, config: Config, tmp_path: Path) -> None:
    before = answers(index)
    path = paths(index, config)[2]
    path.unlink()
    assert f"segment {path.name} is missing" in said(index.verify())
    report = index.verify(mend=True)
    assert [(flaw.where, flaw.mended) for flaw in report.flaws] == [
        (f"segment {path.name}", True),
        (purl("three"), False),
    ]
    assert not report.whole
    assert [answer.status for answer in answers(index)] == ["matched"] * 8 + ["clean"] * 4
    assert index.catalog.source(purl("three")).files == 0
    assert_restored(index, tmp_path, before)


def test_two_files_that_swapped_names_are_put_right_without_loss(index: ReferenceIndex, config: Config) -> None:
    before = answers(index)
    one, two, _ = paths(index, config)
    first, second = one.read_bytes(), two.read_bytes()
    put(one, second)
    put(two, first)
    report = index.verify()
    assert {flaw.where for flaw in report.flaws} == {f"segment {one.name}", f"segment {two.name}"}
    assert "holds other contents than the catalogue lists (4 of 4)" in said(report)
    assert index.verify(mend=True).whole
    assert index.verify().flaws == ()
    assert answers(index) == before


def test_a_renamed_file_is_found_again(index: ReferenceIndex, config: Config) -> None:
    before = answers(index)
    path = paths(index, config)[0]
    path.rename(path.with_name("elsewhere.segment"))
    assert len(index.verify().flaws) == 2
    assert index.verify(mend=True).whole
    assert index.verify().flaws == ()
    assert answers(index) == before
    assert len(list(config.index_folder.glob("*.segment*"))) == 3


def test_files_that_no_row_names_go_but_not_while_another_writes(index: ReferenceIndex, config: Config) -> None:
    stray = config.index_folder / "ab.segment.partial"
    stray.write_bytes(b"half")
    with index.writer():
        stray.write_bytes(b"half")
        assert index.verify().flaws == ()
        with pytest.raises(IndexBusy):
            index.verify(mend=True)
    assert [flaw.where for flaw in index.verify().flaws] == [stray.name]
    assert index.verify(mend=True).whole
    assert not stray.exists()


def test_rows_that_disagree_are_told_and_mended(index: ReferenceIndex, engine: Engine, tmp_path: Path) -> None:
    before = answers(index)
    for statement, what in (
        ("UPDATE sources SET files = 17 WHERE purl = 'pkg:generic/one@1'", "another number of files"),
        ("UPDATE segments SET bytes = 1 WHERE id = 1", "bytes and the catalogue says 1"),
        ("UPDATE segments SET contents = 3 WHERE id = 2", "the catalogue says 3 and lists 4"),
        ("UPDATE contents SET lexemes = 1 WHERE id = 5", "counts other lexemes than the catalogue (1 of 4)"),
        ("UPDATE contents SET ordinal = 40 WHERE id = 6", "holds other contents than the catalogue lists (1 of 4)"),
        ("UPDATE contents SET bytes = 2 WHERE id = 7", "cannot give back its contents as they were added (1 of 4)"),
    ):
        with engine.begin() as connection:
            connection.execute(text(statement))
        report = index.verify()
        assert what in said(report)
        assert not report.whole
        assert_restored(index, tmp_path, before)


def test_a_searching_process_uses_what_was_mended_in_its_place(
    index: ReferenceIndex, config: Config, engine: Engine
) -> None:
    path = paths(index, config)[0]
    segment = Segment(path, index.params)
    section = segment._sections["directory"]
    begin = segment._body + section["offset"]
    good = path.read_bytes()
    put(path, good[:begin] + bytes(section["length"]) + good[begin + section["length"] :])
    reader = ReferenceIndex(config.index_folder, engine)
    reader.totals()
    assert index.verify(mend=True).whole
    assert path.read_bytes() == good
    assert all(answer.status == "matched" for answer in answers(reader))


def test_what_is_no_file_is_told(index: ReferenceIndex, config: Config) -> None:
    path = paths(index, config)[0]
    path.unlink()
    path.mkdir()
    assert "cannot be opened (Is a directory)" in said(index.verify())
