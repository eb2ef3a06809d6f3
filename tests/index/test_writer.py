"""Adding and removing: whole or not at all, the same twice, and gone at once."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from attrib.config import Config
from attrib.ingest import ingest
from attrib.policy import Policy
from index.entries import AdmittedFile, AdmittedSource
from index.errors import IndexBusy, UnknownSource
from index.matches import SearchStatus
from index.origins.folder import FolderOrigin
from index.origins.installed import InstalledOrigin
from index.reference_index import ReferenceIndex
from index.writer import content_swhid

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def index(config: Config, engine: Engine) -> ReferenceIndex:
    return ReferenceIndex(config.index_folder, engine)


def click_text(site_packages: Path) -> bytes:
    return (site_packages / "click" / "core.py").read_bytes()[10_000:14_000]


def test_adding_twice_changes_nothing(index: ReferenceIndex) -> None:
    first = ingest(index, [InstalledOrigin(["click", "markupsafe"])], Policy())
    assert len(first.added) == 2
    before = index.totals()
    again = ingest(index, [InstalledOrigin(["click", "markupsafe"])], Policy())
    assert again.added == ()
    assert set(again.unchanged) == {source.purl for source in first.added}
    after = index.totals()
    assert before == after


def test_a_removed_source_is_gone_at_once_and_can_come_back(index: ReferenceIndex, site_packages: Path) -> None:
    (source,) = ingest(index, [InstalledOrigin(["click"])], Policy()).added
    assert index.search(click_text(site_packages)).status is SearchStatus.MATCHED
    assert index.catalog.remove(source.purl) == source.files
    assert index.search(click_text(site_packages)).status is SearchStatus.CLEAN
    with pytest.raises(UnknownSource):
        index.catalog.source(source.purl)
    segments = index.totals().segments
    ingest(index, [InstalledOrigin(["click"])], Policy())
    assert index.search(click_text(site_packages)).status is SearchStatus.MATCHED
    assert index.totals().segments == segments


def test_another_process_sees_what_was_added(config: Config, engine: Engine, site_packages: Path) -> None:
    reader = ReferenceIndex(config.index_folder, engine)
    assert reader.search(click_text(site_packages)).status is SearchStatus.CLEAN
    writer = ReferenceIndex(config.index_folder, engine)
    ingest(writer, [InstalledOrigin(["click"])], Policy())
    assert reader.search(click_text(site_packages)).status is SearchStatus.MATCHED


def test_one_writer_at_a_time(index: ReferenceIndex) -> None:
    with index.writer(), pytest.raises(IndexBusy, match="wait until it is done"), index.writer():
        pass


def test_copyleft_and_unknown_sources_are_refused_with_the_reason(index: ReferenceIndex, tmp_path: Path) -> None:
    code = "def f(values):\n" + "".join(f"    total_{n} = values[{n}] * {n}\n" for n in range(20))
    for name, license in (("gpl", "GPL-3.0-only"), ("free", "MIT")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "code.py").write_text(code.replace("total", name))
        report = ingest(index, [FolderOrigin(folder, f"pkg:generic/{name}@1", license)], Policy())
        assert bool(report.added) is (name == "free")
        if name == "gpl":
            (refusal,) = report.refused
            assert "GPL-3.0-only is copyleft" in refusal.reason
    unknown = tmp_path / "unknown"
    unknown.mkdir()
    (unknown / "code.py").write_text(code)
    (refusal,) = ingest(index, [FolderOrigin(unknown)], Policy()).refused
    assert "unknown" in refusal.reason
    assert {refusal.purl for refusal in index.catalog.refusals()} == {"pkg:generic/gpl@1", refusal.purl}
    before = index.totals()
    assert ingest(index, [FolderOrigin(unknown)], Policy()).refused == (refusal,)
    assert index.totals() == before


def test_a_file_under_another_licence_is_refused_alone(index: ReferenceIndex, tmp_path: Path) -> None:
    code = "def f(values):\n" + "".join(f"    total_{n} = values[{n}] * {n}\n" for n in range(20))
    (tmp_path / "ours.py").write_text(code)
    (tmp_path / "theirs.py").write_text("# SPDX-License-Identifier: GPL-2.0-or-later\n" + code.replace("total", "sum"))
    report = ingest(index, [FolderOrigin(tmp_path, "pkg:generic/mixed@1", "MIT")], Policy())
    assert report.added[0].files == 1
    assert [(refusal.path, "GPL-2.0-or-later" in refusal.reason) for refusal in report.refused] == [("theirs.py", True)]


ADD = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from attrib.database import open_database
    from attrib.ingest import ingest
    from attrib.policy import Policy
    from index.origins.installed import InstalledOrigin
    from index.reference_index import ReferenceIndex
    import index.writer
    index.writer.SEGMENT_SOURCE_BYTES = 1_000_000
    opened = ReferenceIndex(Path(sys.argv[1]), open_database(sys.argv[2]))
    print("begun", flush=True)
    ingest(opened, [InstalledOrigin(["jinja2", "click", "rich", "pygments"])], Policy())
    """
)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_add_leaves_whole_sources_and_is_completed_by_running_it_again(
    config: Config, engine: Engine, kill: signal.Signals
) -> None:
    arguments = [sys.executable, "-c", ADD, str(config.index_folder), config.database_url]
    for delay in (0.3, 1.5):
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ, text=True
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(kill)
        process.wait(60)
        found = ReferenceIndex(config.index_folder, engine)
        for source in found.catalog.sources(None, None, 10):
            assert source.files > 0
            held = found.catalog.contents_only_in([source.purl])
            assert held
        for segment in found._current().searched.segments:
            assert segment.damaged_sections() == ()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, env=os.environ, timeout=120)
    whole = ReferenceIndex(config.index_folder, engine)
    assert whole.totals().sources == 4
    on_disk = {path.name for path in config.index_folder.glob("*.segment*")}
    assert on_disk == {name for _, name in whole.catalog.segments()}


def test_an_error_while_adding_leaves_the_index_as_it_was(index: ReferenceIndex, site_packages: Path) -> None:
    text = (site_packages / "click" / "core.py").read_bytes()
    swhid = content_swhid(text)
    file = AdmittedFile("core.py", swhid, "MIT", "said so", ())
    source = AdmittedSource("pkg:generic/half@1", None, "MIT", "said so", (), (), (file,), (), "digest")
    before = index.totals()
    with pytest.raises(RuntimeError, match="pulled"), index.writer() as writer:  # noqa: PT012
        assert writer.missing([swhid]) == {swhid}
        assert writer.add_content(swhid, text, "Python")
        writer.add_source(source)
        raise RuntimeError("the plug was pulled")
    assert index.totals() == before
    assert index.search(click_text(site_packages)).status is SearchStatus.CLEAN


def test_removed_copies_do_not_crowd_out_the_one_that_is_left(index: ReferenceIndex, tmp_path: Path) -> None:
    body = "".join(f"    total_{n} = values[{n}] * weight_{n} + offset\n" for n in range(12))
    purls = [f"pkg:generic/copy{number:02}@1" for number in range(24)]
    for number, purl in enumerate(purls):
        folder = tmp_path / f"copy{number:02}"
        folder.mkdir()
        (folder / "code.py").write_text(f"VERSION_{number} = {number}\n\n\ndef f(values):\n{body}")
        ingest(index, [FolderOrigin(folder, purl, "MIT")], Policy())
    # The poorest candidate of all: the digit in its first line shares a key with nobody.
    left = purls[7]
    for purl in purls:
        if purl != left:
            index.catalog.remove(purl)
    (match,) = index.search(f"def f(values):\n{body}".encode(), "Python").matches
    assert [origin.file.purl for origin in match.origins] == [left]
    assert not match.common
