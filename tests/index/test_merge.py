"""Merging: fewer segments, the same answers, and nothing left of what was removed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from attrib.bootstrap import build_service
from attrib.config import Config
from index.collection import Collection
from index.errors import DamagedSegment, IndexBusy
from index.holdings import SegmentLoad
from index.matches import SearchResult
from index.merge import MERGED_SOURCE_BYTES, MOST_SMALL_SEGMENTS, everything_due, many_small
from index.reference_index import ReferenceIndex
from index.segment import Segment
from tests.index.upkeep import add, code, purl

pytestmark = pytest.mark.databases("sqlite", "postgresql")

SOURCES = 6


@pytest.fixture
def index(config: Config, engine: Engine, tmp_path: Path) -> ReferenceIndex:
    """Several sources in a segment each: a file of their own, and one that all of them hold."""
    opened = ReferenceIndex(config.index_folder, engine)
    for number in range(SOURCES):
        add(
            opened, tmp_path, f"s{number}", {"own.py": code(number), "shared.py": code(99), "two.js": code(number + 50)}
        )
    return opened


def answers(index: ReferenceIndex) -> list[SearchResult]:
    texts = [code(number).encode() for number in (*range(SOURCES), 99, 50, 51, 1000)]
    whole = b"\n".join(texts)
    edited = code(1).replace("ledger", "register").encode()
    return [index.search(text, "Python") for text in (*texts, whole, edited, texts[3][:400])]


def files_on_disk(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if ".segment" in path.name}


def test_answers_are_equal_before_and_after(index: ReferenceIndex, config: Config, engine: Engine) -> None:
    before, totals = answers(index), index.totals()
    reader = ReferenceIndex(config.index_folder, engine)
    assert answers(reader) == before
    report = index.merge()
    assert (report.segments_before, report.segments_after, report.removed_contents) == (SOURCES, 1, 0)
    assert answers(index) == answers(reader) == before
    assert files_on_disk(config.index_folder) == {name for _, name in index.catalog.segments()}
    assert index.totals().lexemes == totals.lexemes
    assert index.verify().whole
    languages = {one.language: one.contents for one in index.statistics().languages}
    assert languages == {"Python": SOURCES + 1, "JavaScript": SOURCES}


def test_what_was_removed_is_gone_from_the_disk_and_nothing_else(index: ReferenceIndex, config: Config) -> None:
    index.merge()
    index.catalog.remove(purl("s2"))
    removed = index.statistics()
    assert (removed.removed_contents, removed.removed_bytes) == (2, len(code(2)) + len(code(52)))
    before = answers(index)
    assert index.merge().removed_contents == 2
    after = answers(index)
    assert [one.status for one in after] == [one.status for one in before]
    (name,) = files_on_disk(config.index_folder)
    segment = Segment(config.index_folder / name, index.params)
    held = {segment.text(ordinal).decode() for ordinal in range(segment.contents)}
    assert code(2) not in held
    assert held >= {code(99), code(1)}
    assert index.statistics().removed_contents == 0
    assert index.catalog.known_contents([segment.swhid(0)])


def test_a_second_merge_has_nothing_to_do(index: ReferenceIndex, config: Config) -> None:
    index.catalog.remove(purl("s0"))
    index.merge()
    files, revision = files_on_disk(config.index_folder), index.catalog.revision()
    again = index.merge()
    assert (again.segments_before, again.segments_after, again.removed_contents) == (1, 1, 0)
    assert (files_on_disk(config.index_folder), index.catalog.revision()) == (files, revision)


def test_an_emptied_index_merges_to_nothing(index: ReferenceIndex, config: Config, tmp_path: Path) -> None:
    index.catalog.opt_out("pkg:generic/*", "")
    assert index.merge().segments_after == 0
    assert files_on_disk(config.index_folder) == set()
    index.catalog.undo_opt_out("pkg:generic/*")
    add(index, tmp_path, "s1", {})
    assert index.search(code(1).encode()).matches


def test_a_damaged_segment_is_never_merged(index: ReferenceIndex, config: Config) -> None:
    name = index.catalog.segments()[2][1]
    path = config.index_folder / name
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedSegment, match=r"cannot be merged: run `attrib index verify --mend`"):
        index.merge()
    assert files_on_disk(config.index_folder) >= {name for _, name in index.catalog.segments()}


def test_nobody_merges_while_another_writes(index: ReferenceIndex) -> None:
    with index.writer(), pytest.raises(IndexBusy):
        index.merge()


def load(number: int, live: int, clean: bool = True) -> SegmentLoad:
    contents = 10
    held = (contents if clean else contents - 1) if live else 0
    return SegmentLoad(number, f"{number}.segment", contents, 1000, live, held, live)


LOADS = st.lists(st.tuples(st.integers(0, MERGED_SOURCE_BYTES * 3 // 2), st.booleans()), max_size=40).map(
    lambda rows: [load(number, live, clean) for number, (live, clean) in enumerate(rows)]
)


@given(LOADS)
def test_a_merge_is_bounded_complete_and_final(segments: list[SegmentLoad]) -> None:
    groups = everything_due(segments)
    rewritten = [one for group in groups for one in group]
    assert len(rewritten) == len({one.row_id for one in rewritten})
    kept = [one for one in segments if one not in rewritten]
    assert all(one.clean and one.live_bytes for one in kept), "what was removed would stay on the disk"
    assert all(one in kept for one in segments if one.clean and one.live_bytes > MERGED_SOURCE_BYTES // 2)
    for group in groups:
        assert len(group) == 1 or sum(one.live_bytes for one in group) <= MERGED_SOURCE_BYTES
    made = [sum(one.live_bytes for one in group) for group in groups]
    after = kept + [load(100 + number, live) for number, live in enumerate(made) if live]
    assert everything_due(after) == []


def test_only_many_small_segments_are_merged_after_an_add() -> None:
    small = [load(number, 1_000_000) for number in range(MOST_SMALL_SEGMENTS)]
    large = [load(900, MERGED_SOURCE_BYTES), load(901, MERGED_SOURCE_BYTES // 2, clean=False)]
    assert many_small(small + large) == []
    one_more = load(99, 1_000_000)
    assert many_small([*small, *large, one_more]) == [(*small, one_more)]


def test_a_reader_overtaken_by_a_merge_reads_on(
    index: ReferenceIndex, config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(index)
    reader = ReferenceIndex(config.index_folder, engine)
    listed = reader.catalog.segments

    def listed_too_early(*collections: tuple[Collection, ...]) -> list[tuple[int, str]]:
        names = listed(*collections)
        index.merge()
        return names

    monkeypatch.setattr(reader.catalog, "segments", listed_too_early)
    assert answers(reader) == before


def test_adding_source_by_source_keeps_the_segments_few(config: Config, tmp_path: Path) -> None:
    with build_service(config) as service:
        for number in range(MOST_SMALL_SEGMENTS + 1):
            folder = tmp_path / f"s{number}"
            folder.mkdir()
            (folder / "own.py").write_text(code(number))
            service.add([str(folder)], purl=purl(f"s{number}"), license="MIT")
            assert service.stats().segments == (number + 1 if number < MOST_SMALL_SEGMENTS else 1)
        assert service.stats().sources == MOST_SMALL_SEGMENTS + 1
