"""The right to write to an index, which one process has at a time, and what others left behind who had it."""

import fcntl
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from index.errors import IndexBusy

BUILDING: Final = "building"
"""In the folder of an index: segments on their way into it from other processes than the writer."""


class WriterLock:
    """Held by the one process that makes or deletes segment files; may be used as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Take the lock, raising IndexBusy when another process has it."""
        file = (self._folder / "writer.lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise IndexBusy(
                f"another process is writing to the index in {self._folder}: wait until it is done and try again."
            ) from error
        self._file = file

    def release(self) -> None:
        """Let others write."""
        if self._file:
            self._file.close()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


def leftovers(folder: Path, known: Iterable[str]) -> list[Path]:
    """Return the segment files that are not part of the index; with the lock held, nobody will make them so."""
    names = set(known)
    return sorted(path for path in folder.glob("*.segment*") if path.name not in names and path.is_file())


def delete_leftovers(folder: Path, known: Iterable[str]) -> None:
    """Delete what an interrupted writer left behind; only for the one that holds the lock."""
    shutil.rmtree(folder / BUILDING, ignore_errors=True)
    for path in leftovers(folder, known):
        path.unlink()
