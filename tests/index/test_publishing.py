"""Publishing an index and following it: the same answers elsewhere, revision by revision, and nothing half."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from attrib.config import Config, load_config
from attrib.database import open_database
from index.errors import FollowsPublication, IncompatibleParameters, ReferenceIndexError, UnusablePublication
from index.lsh import PARAMETER_SETS
from index.publication import LATEST
from index.publishing import FOLLOWED, followed_address
from index.reference_index import ReferenceIndex
from tests.index.upkeep import add, code, purl


@pytest.fixture
def own(config: Config, engine: Engine, tmp_path: Path) -> ReferenceIndex:
    index = ReferenceIndex(config.index_folder, engine)
    add(
        index,
        tmp_path,
        "first",
        {"a.py": code(1), "b.py": code(2), "LICENSE": "MIT License\n\nCopyright (c) 2020 Ann\n"},
    )
    return index


def follower(tmp_path: Path, database_url: str | None = None) -> ReferenceIndex:
    config = load_config({"home": tmp_path / "other", "database_url": database_url}, {}, tmp_path)
    return ReferenceIndex(config.index_folder, open_database(config.database_url))


def told(index: ReferenceIndex) -> object:
    """Return all that can be asked of a small index."""
    found = [index.search(code(seed).encode(), "Python") for seed in (1, 2, 3, 4)]
    sources = index.catalog.sources(None, None, 50)
    legal = [index.catalog.legal_files(source.purl) for source in sources]
    return (
        [(one.status, one.matches) for one in found],
        index.totals(), sources, legal, index.catalog.refusals(), index.catalog.opt_outs(),
    )  # fmt: skip


@pytest.mark.databases("sqlite", "postgresql")
def test_who_follows_answers_as_who_published_at_every_revision(
    own: ReferenceIndex, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    place, other = str(tmp_path / "published"), follower(tmp_path, new_database())
    assert other.search(code(1).encode(), "Python").matches == ()
    changes = (
        lambda: None,
        lambda: add(own, tmp_path, "second", {"c.py": code(3), "a.py": code(1)}),
        lambda: own.catalog.opt_out(purl("first"), "its author asked"),
        own.merge,
        lambda: own.catalog.remove(purl("second")),
    )
    for change in changes:
        change()
        assert own.publish(place).revision == own.totals().revision
        pulled = other.pull(place)
        assert pulled is not None
        assert told(other) == told(own)
        assert other.pull(place) is None
    here = {path.name for path in other._folder.glob("*.segment")}
    assert here == {name for _, name in other.catalog.segments()}
    assert other.verify().whole


def test_what_is_there_is_not_copied_again(own: ReferenceIndex, tmp_path: Path) -> None:
    place = tmp_path / "published"
    own.publish(str(place))
    before = {path: path.stat().st_mtime_ns for path in (place / "segments").iterdir()}
    add(own, tmp_path, "second", {"c.py": code(3)})
    own.publish(str(place))
    after = {path: path.stat().st_mtime_ns for path in (place / "segments").iterdir()}
    assert before.items() < after.items()


def test_a_following_index_is_changed_only_where_it_is_published(own: ReferenceIndex, tmp_path: Path) -> None:
    place, other = str(tmp_path / "published"), follower(tmp_path)
    own.publish(place)
    other.pull(place)
    with pytest.raises(FollowsPublication, match="do it there"):
        other.require_own()
    own.require_own()
    with pytest.raises(UnusablePublication, match="would lose it"):
        own.pull(place)


def test_parameters_must_be_the_same(own: ReferenceIndex, tmp_path: Path) -> None:
    own.publish(str(tmp_path / "published"))
    config = load_config({"home": tmp_path / "other"}, {}, tmp_path)
    other = ReferenceIndex(config.index_folder, open_database(config.database_url), PARAMETER_SETS["compact"])
    with pytest.raises(IncompatibleParameters):
        other.pull(str(tmp_path / "published"))


@pytest.mark.parametrize("harm", ["cut", "flipped", "gone", "catalogue", "latest", "outside", "nothing"])
def test_what_was_harmed_is_refused_and_what_was_there_is_served(
    own: ReferenceIndex, tmp_path: Path, harm: str
) -> None:
    place, other = tmp_path / "published", follower(tmp_path)
    own.publish(str(place))
    other.pull(str(place))
    before = told(other)
    add(own, tmp_path, "second", {"c.py": code(3)})
    own.publish(str(place))
    newest = max((place / "segments").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    latest = place / LATEST
    if harm == "cut":
        newest.write_bytes(newest.read_bytes()[:-1])
    elif harm == "flipped":
        newest.write_bytes(newest.read_bytes()[:-1] + b"!")
    elif harm == "gone":
        newest.unlink()
    elif harm == "catalogue":
        catalogue = place / json.loads(latest.read_text())["catalogue"]["path"]
        catalogue.write_bytes(catalogue.read_bytes()[:-9] + bytes(9))
    elif harm == "latest":
        latest.write_text(latest.read_text()[:-5])
    elif harm == "outside":
        latest.write_text(latest.read_text().replace("segments/", "segments/../../"))
    else:
        shutil.rmtree(place)
    with pytest.raises(UnusablePublication) as refused:
        other.pull(str(place))
    assert str(refused.value).count("\n") == 0
    assert told(other) == before
    assert not list(other._folder.glob("transfer/*"))


PULL = """
import sys
from pathlib import Path
from attrib.database import open_database
from index.reference_index import ReferenceIndex
index = ReferenceIndex(Path(sys.argv[1]), open_database(sys.argv[2]))
print("ready", flush=True)
index.pull(sys.argv[3])
"""


def test_a_pull_that_is_killed_anywhere_is_done_by_the_next(own: ReferenceIndex, tmp_path: Path) -> None:
    place = str(tmp_path / "published")
    config = load_config({"home": tmp_path / "other"}, {}, tmp_path)
    other = ReferenceIndex(config.index_folder, open_database(config.database_url))
    own.publish(place)
    other.pull(place)
    command = [sys.executable, "-c", PULL, str(config.index_folder), config.database_url, place]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    for number in range(8):
        before = told(other)
        add(own, tmp_path, f"more{number}", {"c.py": code(10 + number), "d.py": code(3 + number % 2)})
        own.publish(place)
        after = told(own)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(number * 0.004)
            process.send_signal(signal.SIGKILL)
        assert told(other) in (before, after)
        other.pull(place)
        assert told(other) == after
        assert followed_address(other._folder) == place
        assert json.loads((other._folder / FOLLOWED).read_text())["revision"] == own.totals().revision


@pytest.mark.parametrize("address", ["nosuch://place", "s3://bucket/index", "/proc/nowhere/at/all"])
def test_a_place_that_cannot_be_used_is_one_sentence(own: ReferenceIndex, address: str) -> None:
    with pytest.raises(ReferenceIndexError) as refused:
        own.publish(address)
    assert str(refused.value).startswith(address)


def test_an_empty_index_has_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(UnusablePublication, match="add sources first"):
        follower(tmp_path).publish(str(tmp_path / "published"))
