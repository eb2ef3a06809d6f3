"""A file that stays readable for as long as somebody holds it, even when its name is deleted meanwhile."""

import hashlib
import io
import os
from pathlib import Path
from typing import IO

_CHUNK = 1024 * 1024


class HeldFile:
    """An open file; every `open` reads it from its beginning, independently of the others."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where the path cannot be opened."""
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def open(self) -> IO[bytes]:
        """Return a reader of its own, which keeps the file held."""
        return io.BufferedReader(_View(self))

    def read_at(self, size: int, place: int) -> bytes:
        """Return up to `size` bytes from byte `place` on."""
        return os.pread(self._descriptor, size, place)

    def has(self, algorithm: str, hexdigest: str) -> bool:
        """Whether its content has this checksum."""
        hashed = hashlib.new(algorithm)
        with self.open() as file:
            while chunk := file.read(_CHUNK):
                hashed.update(chunk)
        return hashed.hexdigest() == hexdigest

    def mark_used(self) -> None:
        """Give the file the present as its time."""
        os.utime(self._descriptor)

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return os.fstat(self._descriptor).st_size


class _View(io.RawIOBase):
    def __init__(self, held: HeldFile) -> None:
        self._held = held
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._held.size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._held.read_at(len(buffer), self._place)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)
