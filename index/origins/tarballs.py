"""Reads tar archives, plain or compressed, as a stream: nothing is unpacked to disk and memory stays bounded."""

import bz2
import gzip
import io
import lzma
import posixpath
import tarfile
from collections.abc import Iterator
from typing import IO, Self, cast

from index.origins.base import SkippedFile
from index.origins.members import LIMITS, Guard, Limits, Member

_BLOCK = 128 * 512
# What may lie between the data of two members: long names and extended headers.
_HEADROOM = 1024 * 1024
_XZ_MEMORY = 256 * 1024 * 1024


def tar_members(file: IO[bytes], name: str, packed: int, limits: Limits = LIMITS) -> Iterator[Member | SkippedFile]:
    """Yield the members of a tar archive of `packed` bytes, read from its beginning.

    Raises UnreadableOrigin for a hostile one; what a damaged one raises is left to the caller.
    """
    guard = Guard(name, packed, limits)
    stream = _Metered(_decompressed(file), guard)
    with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|", bufsize=_BLOCK, tarinfo=_Header) as archive:
        while (info := archive.next()) is not None:
            # tarfile would keep every header until the end.
            archive.members.clear()  # type: ignore[attr-defined]
            path = guard.path(info.name)
            stream.expected = info.offset_data + info.size + _HEADROOM
            if info.isdir():
                continue
            if info.issym():
                yield guard.link(path, _resolved(path, info.linkname))
            elif info.islnk():
                yield guard.link(path, info.linkname)
            elif info.issparse() or not info.isreg():
                raise guard.refusal(f"has a member that is no plain file ({path[:80]!a})")
            else:
                yield guard.file(path, info.size) or Member(path, info.size, _Reader(archive, info))
        while stream.read(_BLOCK):
            pass


def _resolved(path: str, target: str) -> str:
    return target if target.startswith("/") else posixpath.join(posixpath.dirname(path), target)


class _Header(tarfile.TarInfo):
    """A header that is damaged or cut short is an error, where tarfile would take it for the end."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from error


class _Reader:
    __slots__ = ("_archive", "_info")

    def __init__(self, archive: tarfile.TarFile, info: tarfile.TarInfo) -> None:
        self._archive = archive
        self._info = info

    def __call__(self) -> bytes:
        opened = self._archive.extractfile(self._info)
        data = b"" if opened is None else opened.read()
        if len(data) != self._info.size:
            raise tarfile.ReadError("unexpected end of data")
        return data


class _Metered:
    """The unpacked bytes, refused when more come than the members said so far account for."""

    def __init__(self, stream: IO[bytes], guard: Guard) -> None:
        self._stream = stream
        self._guard = guard
        self._read = 0
        self.expected = _HEADROOM

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > self.expected + _BLOCK:
            raise self._guard.refusal("has megabytes between its members")
        return data


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    magic = file.read(6)
    file.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file, mode="rb"))
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if magic == b"\xfd7zXZ\0":
        return io.BufferedReader(_Xz(file), _BLOCK)
    return file


class _Xz(io.RawIOBase):
    """Like lzma.LZMAFile, but a header that asks for gigabytes of memory is an error."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._stream: lzma.LZMADecompressor | None = None
        self._ahead = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            data = b""
            if self._stream is None:
                data = self._ahead or self._file.read(_BLOCK)
                self._ahead = b""
                if not data:
                    return 0
                data = data.lstrip(b"\0")
                if not data:
                    continue
                self._stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
            elif self._stream.needs_input:
                data = self._file.read(_BLOCK)
                if not data:
                    raise EOFError("the compressed data is cut short")
            unpacked = self._stream.decompress(data, len(buffer))
            if self._stream.eof:
                self._ahead, self._stream = self._stream.unused_data, None
            if unpacked:
                buffer[: len(unpacked)] = unpacked
                return len(unpacked)
