"""Opt-outs: gone from every answer at once, never admitted again, undone when that is asked."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from attrib.config import Config
from index.entries import AdmittedFile, AdmittedSource
from index.errors import UnknownOptOut
from index.matches import SearchStatus
from index.reference_index import ReferenceIndex
from index.writer import content_swhid
from tests.index.upkeep import add, code, origins, purl

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def index(config: Config, engine: Engine, tmp_path: Path) -> ReferenceIndex:
    """Sources one and two, each with a file of its own and one that both hold."""
    opened = ReferenceIndex(config.index_folder, engine)
    add(opened, tmp_path, "one", {"own.py": code(1), "shared.py": code(3)})
    add(opened, tmp_path, "two", {"own.py": code(2), "shared.py": code(3)})
    return opened


def test_a_source_is_gone_at_once_and_refused_with_date_and_reason(index: ReferenceIndex, tmp_path: Path) -> None:
    done = index.catalog.opt_out("pkg:generic/one", "the authors asked")
    assert (done.sources, done.files) == ((purl("one"),), 2)
    assert index.search(code(1).encode()).status is SearchStatus.CLEAN
    assert origins(index.search(code(3).encode())) == {(purl("two"), "shared.py")}
    reason = f"opted out on {done.opt_out.since:%Y-%m-%d}: the authors asked"
    assert [(one.purl, one.path, one.reason) for one in index.catalog.refusals()] == [(purl("one"), "", reason)]
    report = add(index, tmp_path, "one", {"more.py": code(4)})
    assert report.added == ()
    assert [refusal.reason for refusal in report.refused] == [reason]
    assert index.search(code(4).encode()).status is SearchStatus.CLEAN
    assert add(index, tmp_path, "one-more", {"own.py": code(5)}).added


def test_a_pattern_takes_every_version_and_namespace_it_covers(index: ReferenceIndex) -> None:
    assert index.catalog.opt_out("pkg:generic/*", "").sources == (purl("one"), purl("two"))
    assert index.totals().sources == 0
    assert index.catalog.refusals()[0].reason == f"opted out on {index.catalog.opt_outs()[0].since:%Y-%m-%d}"


def test_one_content_goes_from_every_source_and_the_rest_stays(index: ReferenceIndex, tmp_path: Path) -> None:
    swhid = content_swhid(code(3).encode())
    done = index.catalog.opt_out(swhid, "mine")
    assert (done.sources, done.files) == ((), 2)
    assert index.search(code(3).encode()).status is SearchStatus.CLEAN
    assert origins(index.search(code(1).encode())) == {(purl("one"), "own.py")}
    assert [index.catalog.source(purl(name)).files for name in ("one", "two")] == [1, 1]
    assert index.verify().whole
    report = add(index, tmp_path, "three", {"copy.py": code(3), "own.py": code(6)})
    assert [(one.path, one.reason) for one in report.refused] == [("copy.py", done.opt_out.refusal)]
    assert swhid in done.opt_out.refusal
    assert index.search(code(3).encode()).status is SearchStatus.CLEAN
    assert origins(index.search(code(6).encode())) == {(purl("three"), "own.py")}


def test_undone_it_comes_back_at_the_next_add(index: ReferenceIndex, tmp_path: Path) -> None:
    swhid = content_swhid(code(3).encode())
    for pattern in ("pkg:generic/one@1", swhid):
        index.catalog.opt_out(pattern, "a mistake")
        index.catalog.undo_opt_out(pattern)
        with pytest.raises(UnknownOptOut, match="--list"):
            index.catalog.undo_opt_out(pattern)
    assert index.catalog.opt_outs() == []
    assert index.catalog.refusals() == []
    add(index, tmp_path, "one", {})
    add(index, tmp_path, "two", {})
    assert origins(index.search(code(1).encode())) == {(purl("one"), "own.py")}
    assert origins(index.search(code(3).encode())) == {(purl("one"), "shared.py"), (purl("two"), "shared.py")}
    assert index.verify().whole


def test_opting_out_again_keeps_the_date_and_takes_the_new_reason(index: ReferenceIndex) -> None:
    first = index.catalog.opt_out("pkg:generic/one", "because").opt_out
    second = index.catalog.opt_out("pkg:generic/one", "on request").opt_out
    assert (second.since, second.reason) == (first.since, "on request")
    index.catalog.opt_out("pkg:generic/one", "on request")
    assert index.catalog.opt_outs() == [second]


def test_what_is_opted_out_while_it_is_read_is_not_admitted(index: ReferenceIndex) -> None:
    text = code(7).encode()
    file = AdmittedFile("f.py", content_swhid(text), "MIT", "said so", ())
    late = AdmittedSource(purl("late"), None, "MIT", "said so", (), (), (file,), (), "digest")
    with index.writer() as writer:
        writer.missing([file.swhid])
        writer.add_content(file.swhid, text, "Python")
        writer.add_source(late)
        index.catalog.opt_out("pkg:generic/late", "just now")
    assert index.search(text).status is SearchStatus.CLEAN
    assert (purl("late"), "") in {(one.purl, one.path) for one in index.catalog.refusals()}
