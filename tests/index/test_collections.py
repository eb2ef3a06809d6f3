"""Two collections in one index: never mixed, searched together, and neither is changed by what becomes of the other."""

import os
import pkgutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from attrib.config import Config
from attrib.database import open_database
from attrib.ingest import NOTHING_RESTRICTED
from attrib.judged_package import ELSEWHERE
from index.collection import EVERY_COLLECTION, Collection
from index.errors import UnknownSource
from index.live import LiveSearch
from index.matches import SearchResult, SearchStatus
from index.merge import many_small
from index.reference_index import ReferenceIndex
from index.segment import Segment
from index.tables import ContentRow, FileRow, SegmentRow, SourceRow
from index.writer import content_swhid
from tests.index.packing import MIT
from tests.index.upkeep import add, code, origins, purl

pytestmark = pytest.mark.databases("sqlite", "postgresql")

PERMISSIVE, RESTRICTED = Collection.PERMISSIVE, Collection.RESTRICTED
GPL = "# SPDX-License-Identifier: GPL-3.0-only\n"
ONLY_PERMISSIVE, ONLY_RESTRICTED = (PERMISSIVE,), (RESTRICTED,)


@pytest.fixture
def index(config: Config, engine: Engine, tmp_path: Path) -> ReferenceIndex:
    """A permissive source, a restricted one, and one text that both hold."""
    opened = ReferenceIndex(config.index_folder, engine)
    add(opened, tmp_path, "free", {"own.py": code(1), "shared.py": code(3)})
    add(opened, tmp_path, "strict", {"own.py": code(2), "shared.py": code(3)}, "GPL-3.0-only", RESTRICTED)
    return opened


def found(index: ReferenceIndex, seed: int) -> set[tuple[str, str]]:
    return origins(index.search(code(seed).encode(), "Python"))


def collections_of(result: SearchResult) -> list[Collection]:
    return [origin.file.collection for match in result.matches for origin in match.origins]


def test_one_search_asks_both_and_says_where_each_origin_stands(index: ReferenceIndex) -> None:
    assert collections_of(index.search(code(1).encode())) == [PERMISSIVE]
    assert collections_of(index.search(code(2).encode())) == [RESTRICTED]
    both = index.search(code(3).encode())
    assert {(one.file.purl, one.file.collection) for one in both.matches[0].origins} == {
        (purl("free"), PERMISSIVE),
        (purl("strict"), RESTRICTED),
    }
    assert index.totals().collections == EVERY_COLLECTION


def test_the_same_text_has_a_segment_of_its_own_in_each(index: ReferenceIndex, config: Config) -> None:
    segments = [Segment(config.index_folder / name, index.params) for _, name in index.catalog.segments()]
    assert [segment.collection for segment in segments] == [PERMISSIVE, RESTRICTED]
    shared = content_swhid(code(3).encode())
    assert all(shared in {segment.swhid(ordinal) for ordinal in range(segment.contents)} for segment in segments)


def test_either_may_be_searched_alone(index: ReferenceIndex, config: Config, engine: Engine) -> None:
    for alone, seed, other, name in ((ONLY_PERMISSIVE, 1, 2, "free"), (ONLY_RESTRICTED, 2, 1, "strict")):
        opened = ReferenceIndex(config.index_folder, engine, collections=alone)
        assert found(opened, seed) == {(purl(name), "own.py")}
        assert found(opened, 3) == {(purl(name), "shared.py")}
        assert opened.search(code(other).encode()).status is SearchStatus.CLEAN
        assert (opened.totals().sources, opened.totals().collections) == (1, alone)
        with pytest.raises(UnknownSource):
            opened.reference_text(content_swhid(code(other).encode()))
        assert opened.reference_text(content_swhid(code(3).encode())) == code(3).encode()


def test_a_growing_output_is_found_in_both_as_a_whole_one_is(index: ReferenceIndex) -> None:
    output = "\n".join(code(seed) for seed in (1, 2, 3)).encode()
    live = LiveSearch(index, "Python")
    for begin in range(0, len(output), 40):
        live.feed(output[begin : begin + 40])
    # The run that reaches the end stands in both.
    assert {file.collection for run in live.open_runs for file in run.files} == set(EVERY_COLLECTION)
    assert live.finish() == index.search(output, "Python")
    assert collections_of(live.finish())[:2] == [PERMISSIVE, RESTRICTED]


def test_every_file_of_a_source_has_its_place_in_exactly_one(config: Config, engine: Engine, tmp_path: Path) -> None:
    index = ReferenceIndex(config.index_folder, engine)
    mixed = {"own.py": code(1), "theirs.py": GPL + code(2), "vendor/unknown.py": code(3)}
    strict = {"own.py": code(4), "free/LICENSE": MIT, "free/theirs.py": code(5), "mild.py": f"# MPL-2.0\n{code(6)}"}
    for name, files, license in (("mixed", mixed, "MIT"), ("strict", strict, "GPL-3.0-only")):
        held: dict[Collection, set[str]] = {}
        for collection in Collection:
            report = add(index, tmp_path, name, files, license, collection)
            searched = ReferenceIndex(config.index_folder, engine, collections=(collection,))
            held[collection] = {
                path for seed in range(1, 7) for source, path in found(searched, seed) if source == purl(name)
            }
            assert all(one.collection is collection for one in report.refused)
        assert held[PERMISSIVE] == ({"own.py"} if name == "mixed" else set())
        assert held[RESTRICTED] == {path for path in files if path.endswith(".py")} - held[PERMISSIVE]
    assert index.catalog.source(purl("mixed"), ONLY_RESTRICTED).left_out == (("own.py", ELSEWHERE),)
    licences = {
        (one.file.path, one.file.license_expression)
        for seed in range(2, 6)
        for match in index.search(code(seed).encode()).matches
        for one in match.origins
    }
    assert licences == {
        ("theirs.py", "GPL-3.0-only"),
        ("vendor/unknown.py", "NOASSERTION"),
        ("own.py", "GPL-3.0-only"),
        ("free/theirs.py", "MIT"),
    }


def test_a_source_that_is_permissive_throughout_is_passed_over_and_adding_again_changes_nothing(
    index: ReferenceIndex, tmp_path: Path
) -> None:
    revision = index.catalog.revision()
    report = add(index, tmp_path, "free", {}, collection=RESTRICTED)
    assert (report.added, report.unchanged, report.refused, report.passed_over) == ((), (), (), (purl("free"),))
    assert found(index, 1) == {(purl("free"), "own.py")}
    assert add(index, tmp_path, "strict", {}, "GPL-3.0-only", RESTRICTED).unchanged == (purl("strict"),)
    assert index.catalog.revision() == revision
    # What the other collection refuses stays where it was.
    assert add(index, tmp_path, "strict", {}, "GPL-3.0-only").refused
    assert found(index, 2) == {(purl("strict"), "own.py")}


def test_what_is_permissive_now_leaves_the_restricted_collection(index: ReferenceIndex, tmp_path: Path) -> None:
    report = add(index, tmp_path, "strict", {}, "MIT", RESTRICTED)
    assert [(one.purl, one.reason) for one in report.refused] == [(purl("strict"), NOTHING_RESTRICTED)]
    assert found(index, 2) == set()
    add(index, tmp_path, "strict", {}, "MIT")
    assert collections_of(index.search(code(2).encode())) == [PERMISSIVE]


def test_removing_from_one_leaves_the_other(index: ReferenceIndex, tmp_path: Path) -> None:
    mixed = {"own.py": code(4), "theirs.py": GPL + code(5)}
    for collection in Collection:
        add(index, tmp_path, "mixed", mixed, collection=collection)
    assert [one.collection for one in index.catalog.sources("mixed", None, 9)] == [*EVERY_COLLECTION]
    assert index.catalog.source(purl("mixed")).collection is PERMISSIVE
    assert index.catalog.source(purl("mixed"), ONLY_RESTRICTED).files == 1
    with pytest.raises(UnknownSource, match="is not in the permissive collection: it is in the restricted one"):
        index.catalog.remove(purl("strict"), ONLY_PERMISSIVE)
    assert index.catalog.remove(purl("mixed"), ONLY_RESTRICTED) == 1
    assert (found(index, 4), found(index, 5)) == ({(purl("mixed"), "own.py")}, set())
    add(index, tmp_path, "mixed", {}, collection=RESTRICTED)
    assert index.catalog.remove(purl("mixed")) == 2
    assert (found(index, 4), found(index, 5)) == (set(), set())


def test_lists_are_cut_into_pages_also_between_two_collections(index: ReferenceIndex, tmp_path: Path) -> None:
    for number in range(3):
        for collection in Collection:
            add(index, tmp_path, f"m{number}", {"a.py": code(4), "b.py": GPL + code(5)}, collection=collection)
    whole = index.catalog.sources(None, None, 100)
    for size in (1, 2, 3):
        listed, cursor = [], None
        while page := index.catalog.sources(None, cursor, size):
            listed += page
            cursor = page[-1].cursor
        assert listed == whole
    assert [one.collection for one in whole] == [PERMISSIVE, *EVERY_COLLECTION * 3, RESTRICTED]
    assert [one.purl for one in index.catalog.sources(None, None, 9, ONLY_RESTRICTED)] == [
        *(purl(f"m{number}") for number in range(3)),
        purl("strict"),
    ]


def test_an_opt_out_holds_in_both(index: ReferenceIndex, tmp_path: Path) -> None:
    swhid = content_swhid(code(3).encode())
    assert index.catalog.opt_out(swhid, "asked").files == 2
    assert found(index, 3) == set()
    index.catalog.undo_opt_out(swhid)
    assert {(one.purl, one.collection) for one in index.catalog.holdings.incomplete_sources()} == {
        (purl("free"), PERMISSIVE),
        (purl("strict"), RESTRICTED),
    }
    mends = [flaw.mend for flaw in index.verify().flaws]
    assert mends == [
        "add it again with `attrib index add`",
        "add it again with `attrib index add --collection restricted`",
    ]
    add(index, tmp_path, "free", {})
    add(index, tmp_path, "strict", {}, "GPL-3.0-only", RESTRICTED)
    assert len(found(index, 3)) == 2
    index.catalog.opt_out("pkg:generic/strict", "asked")
    assert (found(index, 2), found(index, 3)) == (set(), {(purl("free"), "shared.py")})
    (refused,) = add(index, tmp_path, "strict", {}, "GPL-3.0-only", RESTRICTED).refused
    assert refused.reason.startswith("opted out on")


def test_a_merge_joins_only_what_is_of_one_collection(index: ReferenceIndex, config: Config, tmp_path: Path) -> None:
    for number in range(3):
        add(index, tmp_path, f"f{number}", {"own.py": code(10 + number)})
        add(index, tmp_path, f"r{number}", {"own.py": code(20 + number)}, "LGPL-2.1-only", RESTRICTED)
    before = [found(index, seed) for seed in range(30)]
    index.catalog.remove(purl("r0"))
    assert index.merge().segments_after == 2
    segments = [Segment(config.index_folder / name, index.params) for _, name in index.catalog.segments()]
    assert [(one.collection, one.contents) for one in segments] == [(PERMISSIVE, 5), (RESTRICTED, 4)]
    after = [found(index, seed) for seed in range(30)]
    assert [seed for seed in range(30) if before[seed] != after[seed]] == [20]
    assert index.verify().flaws == ()
    assert len(list(config.index_folder.glob("*.segment*"))) == 2


def test_small_segments_are_counted_in_each_collection_by_itself(
    index: ReferenceIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.merge.MOST_SMALL_SEGMENTS", 2)
    add(index, tmp_path, "f1", {"own.py": code(10)})
    add(index, tmp_path, "r1", {"own.py": code(20)}, "LGPL-2.1-only", RESTRICTED)
    assert index.merge(many_small).segments_after == 4
    add(index, tmp_path, "f2", {"own.py": code(11)})
    assert index.merge(many_small).segments_after == 3
    assert [one.collection for one in index.catalog.holdings.segments()] == [RESTRICTED, RESTRICTED, PERMISSIVE]


def test_damage_of_one_is_mended_within_it(index: ReferenceIndex, config: Config, tmp_path: Path) -> None:
    (_, permissive), (_, restricted) = index.catalog.segments()
    (config.index_folder / restricted).unlink()
    report = index.verify(mend=True)
    assert [(flaw.where, flaw.mended) for flaw in report.flaws] == [
        (f"segment {restricted}", True),
        (purl("strict"), False),
    ]
    assert report.flaws[1].mend == "add it again with `attrib index add --collection restricted`"
    assert (found(index, 1), found(index, 3)) == ({(purl("free"), "own.py")}, {(purl("free"), "shared.py")})
    assert index.catalog.segments()[0][1] == permissive
    add(index, tmp_path, "strict", {}, "GPL-3.0-only", RESTRICTED)
    assert index.verify().flaws == ()
    assert len(found(index, 3)) == 2


def test_a_segment_in_the_wrong_collection_is_told_and_put_right(
    index: ReferenceIndex, config: Config, engine: Engine
) -> None:
    (_, permissive), (_, restricted) = index.catalog.segments()
    (config.index_folder / restricted).replace(config.index_folder / "aside")
    (config.index_folder / permissive).replace(config.index_folder / restricted)
    (config.index_folder / "aside").replace(config.index_folder / permissive)
    said = [flaw.what for flaw in index.verify().flaws]
    assert all("was written for the" in what for what in said)
    assert len(said) == 2
    assert index.verify(mend=True).whole
    assert index.verify().flaws == ()
    opened = ReferenceIndex(config.index_folder, engine, collections=ONLY_PERMISSIVE)
    assert (found(opened, 1), found(opened, 2)) == ({(purl("free"), "own.py")}, set())


def mixed_rows(engine: Engine) -> list[tuple[int, ...]]:
    """Return whatever stands in another collection than what it belongs to."""
    file = (
        select(FileRow.id)
        .join(SourceRow, SourceRow.id == FileRow.source_id)
        .join(ContentRow, ContentRow.id == FileRow.content_id)
        .where(SourceRow.collection != ContentRow.collection)
    )
    content = (
        select(ContentRow.id)
        .join(SegmentRow, SegmentRow.id == ContentRow.segment_id)
        .where(SegmentRow.collection != ContentRow.collection)
    )
    with engine.connect() as connection:
        return [tuple(row) for query in (file, content) for row in connection.execute(query)]


Step = Callable[[ReferenceIndex, Path], object]


def _adding(seed: int, collection: Collection) -> Step:
    license = "MIT" if collection is PERMISSIVE else "GPL-2.0-only"
    files = {"own.py": code(seed), "shared.py": code(99)}
    return lambda index, folder: add(index, folder, f"{collection}{seed}", files, license, collection)


def _removing(seed: int, collection: Collection) -> Step:
    def remove(index: ReferenceIndex, folder: Path) -> None:
        named = purl(f"{collection}{seed}")
        if any(one.purl == named for one in index.catalog.sources(None, None, 100)):
            index.catalog.remove(named)

    return remove


STEPS = st.lists(
    st.tuples(st.sampled_from((_adding, _removing)), st.integers(0, 2), st.sampled_from(Collection)) | st.just(None),
    max_size=9,
)


@settings(max_examples=12)
@given(STEPS)
def test_one_collection_answers_as_if_the_other_had_never_been(steps: list) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        engines = {name: open_database(f"sqlite:///{folder / name}.db") for name in ("both", *EVERY_COLLECTION)}
        both = ReferenceIndex(folder / "both", engines["both"])
        alone = {one: ReferenceIndex(folder / one, engines[one]) for one in Collection}
        for step in steps:
            if step is None:
                both.merge()
                for one in Collection:
                    alone[one].merge()
                continue
            make, seed, collection = step
            for index in (both, alone[collection]):
                make(seed, collection)(index, folder)
        assert mixed_rows(engines["both"]) == []
        assert both.verify().flaws == ()
        texts = [code(seed).encode() for seed in (0, 1, 2, 99, 1000)]
        whole = b"\n".join(texts)
        for one in Collection:
            narrowed = ReferenceIndex(folder / "both", engines["both"], collections=(one,))
            for searched in (*texts, whole, whole.replace(b"ledger", b"register")):
                assert narrowed.search(searched, "Python") == alone[one].search(searched, "Python")
            own, ours = narrowed.catalog.segments((one,)), alone[one].catalog.segments()
            assert [name for _, name in own] == [name for _, name in ours], "the files are not the same, byte for byte"
        for engine in engines.values():
            engine.dispose()


@pytest.mark.parametrize(
    ("moment", "after", "there"),
    [
        ("index.segment_builder.sync_folder", False, False),
        ("index.writer.IndexWriter._write_segment", True, False),
        ("index.catalog.insert_source", True, False),
        ("index.catalog.Catalog.commit", True, True),
    ],
)
def test_an_add_that_is_killed_leaves_both_as_they_were_or_whole(
    index: ReferenceIndex, config: Config, engine: Engine, tmp_path: Path, moment: str, after: bool, there: bool
) -> None:
    before = [found(index, seed) for seed in (1, 2, 3)]
    assert _killed_while_adding(config, tmp_path, moment, after)
    opened = ReferenceIndex(config.index_folder, engine)
    assert [found(opened, seed) for seed in (1, 2, 3)] == before
    assert found(opened, 7) == ({(purl("late"), "own.py")} if there else set())
    assert all("belongs to no segment" in flaw.what for flaw in opened.verify().flaws)
    report = add(opened, tmp_path, "late", {}, "GPL-2.0-only", RESTRICTED)
    assert bool(report.unchanged) is there
    assert found(opened, 7) == {(purl("late"), "own.py")}
    assert opened.verify().flaws == ()


def _killed_while_adding(config: Config, folder: Path, moment: str, after: bool) -> bool:
    """Add a restricted source in a process of its own; a SIGKILL ends it just before or after it calls a function."""
    child = os.fork()
    if child == 0:
        real = pkgutil.resolve_name(moment.replace(".IndexWriter", ":IndexWriter").replace(".Catalog", ":Catalog"))

        def deadly(*args: object) -> object:
            if after:
                real(*args)
            os.kill(os.getpid(), signal.SIGKILL)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moment, deadly)
            index = ReferenceIndex(config.index_folder, open_database(config.database_url))
            add(index, folder, "late", {"own.py": code(7)}, "GPL-2.0-only", RESTRICTED)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
