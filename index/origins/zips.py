"""Reads zip archives, wheels among them, member by member: nothing is unpacked to disk."""

import os
import posixpath
import stat
import zipfile
from collections.abc import Iterator
from typing import IO

from index.origins.base import SkippedFile
from index.origins.members import LIMITS, Guard, Limits, Member

_ENTRY = b"PK\x01\x02"
_CHUNK = 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_ENCRYPTED = 0x1
_LONGEST_TARGET = 4096


def zip_members(file: IO[bytes], name: str, packed: int, limits: Limits = LIMITS) -> Iterator[Member | SkippedFile]:
    """Yield the members of a zip archive of `packed` bytes.

    Raises UnreadableOrigin for a hostile one; what a damaged one raises is left to the caller.
    """
    guard = Guard(name, packed, limits)
    # zipfile holds the whole table of members in memory, so its length is bounded before it is read.
    if _entries(file) > limits.members:
        raise guard.refusal(f"has more than {limits.members:,} members")
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            path = guard.path(info.filename)
            if info.is_dir():
                continue
            if info.flag_bits & _ENCRYPTED:
                raise guard.refusal("is encrypted")
            if info.compress_type not in _METHODS:
                raise guard.refusal(f"is packed by a method that is not read here ({info.compress_type})")
            if stat.S_ISLNK(info.external_attr >> 16):
                target = archive.read(info) if info.file_size <= _LONGEST_TARGET else b"/"
                yield guard.link(path, _resolved(path, os.fsdecode(target)))
            else:
                yield guard.file(path, info.file_size) or Member(path, info.file_size, _Reader(archive, info))


def _resolved(path: str, target: str) -> str:
    return target if target.startswith("/") else posixpath.join(posixpath.dirname(path), target)


def _entries(file: IO[bytes]) -> int:
    """Return how many members the table can have at most: the marks of an entry in the whole file."""
    file.seek(0)
    found, tail = 0, b""
    while chunk := file.read(_CHUNK):
        found += (tail + chunk).count(_ENTRY)
        tail = chunk[-(len(_ENTRY) - 1) :]
    file.seek(0)
    return found


class _Reader:
    __slots__ = ("_archive", "_info")

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._info = info

    def __call__(self) -> bytes:
        return self._archive.read(self._info)
