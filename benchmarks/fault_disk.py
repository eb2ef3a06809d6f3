"""A disk that is full, and one that takes no writes: a small file system of memory, where it may be mounted."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from attrib.config import load_config
from attrib.database import open_database
from attrib.errors import AttribError
from attrib.records import RecordKind, RecordStore
from benchmarks.fault_index import REFUSED, add, answers, whole
from benchmarks.fault_rows import FaultRow
from index.errors import ReferenceIndexError

CANNOT_MOUNT = "a file system cannot be mounted here (root may)"
# What a process may meet on such a disk; all are told in one line by the command line and as a problem by the server.
TOLD = (OSError, SQLAlchemyError, AttribError, ReferenceIndexError)
_SOURCES = range(3)
_PAGE = 4096


def may_mount() -> bool:
    """Tell whether this process may mount file systems."""
    tried = ["unshare", "--mount", "true"]
    return os.geteuid() == 0 and subprocess.run(tried, check=False, capture_output=True).returncode == 0


def full_disk(folder: Path, steps: int) -> FaultRow:
    """Fill a disk while sources are added and records stored, at different moments, and give it room again."""
    name = "the disk is full"
    if not may_mount():
        return FaultRow(name, 0, skipped=CANNOT_MOUNT)
    lost = wrong = unhealed = 0
    longest = 0.0
    for step in range(steps):
        with _disk(folder, f"full{step}") as disk:
            home = disk / "home"
            add(home, 0)
            true = answers(home, _SOURCES)
            _fill(disk, _PAGE * 3 * step)
            stored = _store(home, 40)
            _attempt(partial(add, home, 1))
            said = answers(home, _SOURCES)
            (disk / "ballast").unlink()
            begun = time.perf_counter()
            add(home, 1, 2)
            longest = max(longest, time.perf_counter() - begun)
            after = answers(home, _SOURCES)
            wrong += sum(one not in (REFUSED, *right) for one, *right in zip(said, true, after, strict=True))
            lost += sum(not _is_there(home, one) for one in stored)
            unhealed += not (whole(home) and all("matched" in one for one in after))
    return FaultRow(name, steps, lost, wrong, unhealed, longest)


def read_only(folder: Path) -> FaultRow:
    """Take the right to write from a disk, and give it back."""
    name = "the folder is read-only"
    if not may_mount():
        return FaultRow(name, 0, skipped=CANNOT_MOUNT)
    with _disk(folder, "readonly") as disk:
        home = disk / "home"
        add(home, 0, 1)
        stored = _store(home, 3)
        true = answers(home, _SOURCES)
        _mount("-o", "remount,ro", str(disk))
        refused = _attempt(lambda: add(home, 2)) + _attempt(lambda: _save(home, 0)) + _attempt(lambda: _opens(home))
        _mount("-o", "remount,rw", str(disk))
        begun = time.perf_counter()
        said = answers(home, _SOURCES)
        add(home, 2)
        seconds = time.perf_counter() - begun
        lost = sum(not _is_there(home, one) for one in stored)
        return FaultRow(name, 3, lost, (3 - refused) + (said != true), not whole(home), seconds)


@contextmanager
def _disk(folder: Path, name: str) -> Iterator[Path]:
    place = folder / name
    place.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _fill(disk: Path, left: int) -> None:
    """Leave so many bytes free."""
    room = os.statvfs(disk)
    (disk / "ballast").write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - left)))


def _attempt(act: Callable[[], object]) -> bool:
    """Do it, and tell whether it was refused in a way that is told."""
    try:
        act()
    except TOLD:
        return True
    return False


def _store(home: Path, most: int) -> list[str]:
    """Store records until one is refused, and return those that were acknowledged."""
    stored: list[str] = []
    while len(stored) < most and not _attempt(lambda: stored.append(_save(home, len(stored)))):
        pass
    return stored


def _records(home: Path) -> RecordStore:
    return RecordStore(open_database(load_config({"home": home}, {}, home.parent).database_url))


def _opens(home: Path) -> None:
    _records(home).engine.dispose()


def _save(home: Path, number: int) -> str:
    store = _records(home)
    try:
        return store.save(
            RecordKind.CHECK, status="clean", verdict="allow", index_revision="1",
            request={"path": f"{number}.py"}, answer={"matches": []}, code=os.urandom(2000),
        ).id  # fmt: skip
    finally:
        store.engine.dispose()


def _is_there(home: Path, record_id: str) -> bool:
    store = _records(home)
    try:
        return store.get(record_id).code is not None
    except AttribError:
        return False
    finally:
        store.engine.dispose()
