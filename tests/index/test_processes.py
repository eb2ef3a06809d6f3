"""Several processes on one index: readers while one writes, and a merge that is killed."""

import os
import pkgutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from attrib.config import Config
from attrib.database import open_database
from index.reference_index import ReferenceIndex
from tests.index.upkeep import add, code, purl

SECONDS = 4
OPEN = """
import sys, time
from pathlib import Path
from attrib.database import open_database
from index.reference_index import ReferenceIndex
from tests.index.upkeep import add, code, origins, purl
index = ReferenceIndex(Path(sys.argv[1]), open_database(sys.argv[2]))
"""
READ = """
end = time.monotonic() + float(sys.argv[3])
searches, revisions = 0, set()
while time.monotonic() < end:
    for seed in (1, 2):
        found = index.search(code(seed).encode(), "Python", exclude=[f"pkg:generic/nobody{searches}"])
        assert (purl("steady"), f"{seed}.py") in origins(found), found
        revisions.add(index.totals().revision)
        searches += 1
    assert index.reference_text(found.matches[0].origins[0].file.swhid) == code(2).encode()
print(searches, len(revisions))
"""
WRITE = """
end = time.monotonic() + float(sys.argv[3])
changes = 0
while time.monotonic() < end:
    name = f"coming{changes % 3}"
    add(index, Path(sys.argv[4]), name, {"own.py": code(100 + changes), "steady.py": code(1)})
    index.merge()
    index.catalog.remove(purl(name))
    index.merge()
    changes += 1
print(changes)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OPEN + script, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_readers_never_fail_nor_miss_what_is_there_throughout(config: Config, engine: Engine, tmp_path: Path) -> None:
    index = ReferenceIndex(config.index_folder, engine)
    add(index, tmp_path, "steady", {"1.py": code(1), "2.py": code(2)})
    place = (config.index_folder, config.database_url, SECONDS)
    readers = [start(READ, *place) for _ in range(2)]
    writer = start(WRITE, *place, tmp_path)
    ended = [(process.communicate(timeout=60), process.returncode) for process in (*readers, writer)]
    for (_, errors), status in ended:
        assert (status, errors) == (0, "")
    searches, revisions = map(int, ended[0][0][0].split())
    assert searches >= 6
    assert revisions > 1, "the readers saw nothing of what was written"
    assert index.verify().flaws == ()


@pytest.mark.parametrize(
    ("moment", "after"),
    [
        ("index.segment_builder.sync_folder", False),
        ("index.merge.write_segment", True),
        ("index.catalog.delete_files_holding", False),
        ("index.catalog.Catalog.replace_segments", True),
        ("index.merge.delete_replaced", True),
    ],
)
def test_a_merge_that_is_killed_at_any_moment_leaves_the_index_whole(
    config: Config, engine: Engine, tmp_path: Path, moment: str, after: bool
) -> None:
    index = ReferenceIndex(config.index_folder, engine)
    for number in range(4):
        add(index, tmp_path, f"s{number}", {f"{n}.py": code(10 * number + n) for n in range(3)})
    index.catalog.remove(purl("s3"))
    texts = [code(10 * number).encode() for number in range(4)]
    before = [index.search(one).status for one in texts]
    assert killed_while_merging(config, moment, after)
    found = ReferenceIndex(config.index_folder, engine)
    assert [found.search(one).status for one in texts] == before
    assert all("belongs to no segment" in flaw.what for flaw in found.verify().flaws)
    assert found.merge().segments_after == 1
    assert [found.search(one).status for one in texts] == before
    assert found.verify().flaws == ()
    assert len(list(config.index_folder.glob("*.segment*"))) == 1


def killed_while_merging(config: Config, moment: str, after: bool) -> bool:
    """Merge in a process of its own, which a SIGKILL ends just before or after it calls a function."""
    child = os.fork()
    if child == 0:
        real = pkgutil.resolve_name(moment)

        def deadly(*args: object) -> object:
            if after:
                real(*args)
            os.kill(os.getpid(), signal.SIGKILL)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moment, deadly)
            ReferenceIndex(config.index_folder, open_database(config.database_url)).merge()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
