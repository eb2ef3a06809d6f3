"""A second audit answers as the first did, reads only what changed, and remembers nothing it must not."""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from attrib.auditor import AUDIT_CACHE
from attrib.audits import running, tree
from attrib.audits.report import AuditReport
from attrib.audits.stored_results import packed, unpacked
from attrib.bootstrap import build_service
from attrib.config import Config
from attrib.service import Service
from index.reference_index import ReferenceIndex
from tests.attrib.audited import COPIED, OWN, add_reference, write

_NAMES = {
    "newest": "latest", "oldest_first": "ascending", "folder": "where", "ending": "suffix", "limit": "most",
    "found": "hits", "place": "here", "names": "entries", "name": "entry", "path": "spot", "changed": "moment",
    "ordered": "queue",
}  # fmt: skip
RENAMED = re.sub(r"\b\w+\b", lambda word: _NAMES.get(word[0], word[0]), COPIED)


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Iterator[Service]:
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference")
        yield service


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = write(tmp_path / "mine", {"copied.py": COPIED, "own.py": OWN, "other.py": OWN.replace("Account", "Purse")})
    age(folder)
    return folder


@pytest.fixture
def work_done(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[list[str], int]]:
    """Return which files were read and how many texts were searched since it was last asked."""
    read: list[str] = []
    searched: list[bytes] = []
    read_file, search = running.read, ReferenceIndex.search

    def reading(file: tree.TreeFile) -> tuple[bytes, str | None]:
        read.append(file.path)
        return read_file(file)

    def searching(self: ReferenceIndex, text: bytes, *arguments: object) -> object:
        searched.append(text)
        return search(self, text, *arguments)  # type: ignore[arg-type]

    def told() -> tuple[list[str], int]:
        answer = sorted(set(read)), len(searched)
        read.clear()
        searched.clear()
        return answer

    monkeypatch.setattr(running, "read", reading)
    monkeypatch.setattr(ReferenceIndex, "search", searching)
    return told


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file of a moment ago count as old, but for the test that is about this."""
    monkeypatch.setattr("attrib.audits.cache._RACY_NANOSECONDS", -1)


def age(folder: Path) -> None:
    for place in folder.rglob("*.py"):
        os.utime(place, (1_000_000_000, 1_000_000_000))


def told(report: AuditReport) -> object:
    return replace(report, id="", seconds=0.0, at=None)


def test_a_second_run_says_the_same_and_reads_only_where_something_is_found(
    service: Service, mine: Path, work_done: Callable[[], tuple[list[str], int]]
) -> None:
    first = service.audit(mine)
    assert work_done() == (["copied.py", "other.py", "own.py"], 3)
    second = service.audit(mine)
    assert work_done() == (["copied.py"], 0)
    assert told(second) == told(first)
    assert told(service.audit(mine, cached=False)) == told(first)
    assert work_done() == (["copied.py", "other.py", "own.py"], 3)


def test_what_changed_is_read_again_and_what_moved_is_not_searched_again(
    service: Service, mine: Path, work_done: Callable[[], tuple[list[str], int]]
) -> None:
    service.audit(mine)
    (mine / "own.py").write_text(COPIED)
    (mine / "other.py").rename(mine / "moved.py")
    work_done()
    report = service.audit(mine)
    assert work_done() == (["copied.py", "moved.py", "own.py"], 0)
    assert [finding.path for finding in report.findings] == ["copied.py", "own.py"]


def test_a_change_that_leaves_size_and_time_as_they_were_is_seen(service: Service, mine: Path) -> None:
    service.audit(mine)
    changed = (COPIED + "#" * len(OWN))[: len(OWN)] if len(COPIED) < len(OWN) else COPIED
    place = mine / "own.py"
    place.write_text(OWN.ljust(len(changed)))
    age(mine)
    service.audit(mine)
    place.write_text(changed)
    age(mine)
    assert {finding.path for finding in service.audit(mine).findings} == {"copied.py", "own.py"}


def test_a_file_that_was_just_written_is_not_known_by_its_stamp(
    service: Service, mine: Path, monkeypatch: pytest.MonkeyPatch, work_done: Callable[[], tuple[list[str], int]]
) -> None:
    monkeypatch.setattr("attrib.audits.cache._RACY_NANOSECONDS", 3600 * 10**9)
    service.audit(mine)
    work_done()
    service.audit(mine)
    assert work_done() == (["copied.py", "other.py", "own.py"], 0)


def test_another_index_other_sources_and_another_policy_are_asked_anew(
    service: Service, mine: Path, tmp_path: Path, work_done: Callable[[], tuple[list[str], int]]
) -> None:
    service.audit(mine)
    work_done()
    assert service.audit(mine, exclude=("pkg:pypi/newest",)).findings == ()
    assert work_done()[1] == 3
    service.remove("pkg:pypi/newest@1.0")
    add_reference(service, tmp_path / "reference", "pkg:pypi/renewed@2")
    work_done()
    (finding,) = service.audit(mine).findings
    assert finding.match.origins[0].purl == "pkg:pypi/renewed@2"
    assert work_done()[1] == 3


def test_an_audit_that_was_interrupted_goes_on_where_it_ended(
    service: Service, mine: Path, work_done: Callable[[], tuple[list[str], int]]
) -> None:
    write(mine, {f"more_{number:02}.py": OWN.replace("Account", f"Account{number}") for number in range(40)})
    age(mine)

    def interrupted(done: int, total: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.audit(mine, progress=interrupted, jobs=2)
    _, before = work_done()
    service.audit(mine, jobs=2)
    read, after = work_done()
    assert before < 40
    # Of what was on its way when the interrupt came, some may be searched once more.
    assert 43 - before <= after <= 43 - 20
    assert len(read) < 43


def test_a_damaged_cache_costs_time_and_no_answer(service: Service, mine: Path, config: Config) -> None:
    first = service.audit(mine)
    place = config.home / AUDIT_CACHE
    for damage in (b"", b"no database at all" * 1000):
        for beside in config.home.glob(AUDIT_CACHE + "*"):
            beside.unlink()
        place.write_bytes(damage)
        assert told(service.audit(mine)) == told(first)
    place.unlink()
    place.mkdir()
    assert told(service.audit(mine)) == told(first)


def test_a_damaged_answer_is_asked_anew(service: Service, mine: Path, config: Config) -> None:
    first = service.audit(mine)
    with sqlite3.connect(config.home / AUDIT_CACHE) as connection:
        connection.execute("UPDATE results SET result = x'00'")
    connection.close()
    assert told(service.audit(mine)) == told(first)


def test_a_remembered_answer_is_the_answer(service: Service) -> None:
    for text in (COPIED, RENAMED, OWN, "", COPIED + RENAMED):
        result = service._index.search(text.encode(), "Python")
        assert unpacked(packed(result)) == result
    assert any(match.names for match in service._index.search(RENAMED.encode(), "Python").matches)


@pytest.mark.parametrize("retention", ["full", "hashes"])
def test_no_code_is_remembered_and_no_names_where_only_hashes_may_be(
    config: Config, tmp_path: Path, retention: str
) -> None:
    tree = write(tmp_path / "tree", {"renamed.py": RENAMED})
    with build_service(replace(config, retention=retention)) as service:  # type: ignore[arg-type]
        add_reference(service, tmp_path / "reference")
        for _ in range(2):
            assert any(finding.match.names for finding in service.audit(tree).findings)
    connection = sqlite3.connect(config.home / AUDIT_CACHE)
    kept = [unpacked(row[0]) for row in connection.execute("SELECT result FROM results")]
    connection.close()
    assert len(kept) == (retention == "full")
    assert (config.home / AUDIT_CACHE).stat().st_mode & 0o077 == 0
