"""Reads tar archives, plain or compressed, as a stream: nothing is unpacked to disk and memory stays bounded."""

import bz2
import gzip
import io
import lzma
import posixpath
import re
import tarfile
from collections.abc import Iterator
from typing import IO, Self, cast

import zstandard

from index.origins.base import SkippedFile
from index.origins.members import LIMITS, Guard, Limits, Member

_CHUNK = 64 * 1024
# What may lie between the data of two members: long names and extended headers.
_HEADROOM = 1024 * 1024
_XZ_MEMORY = 256 * 1024 * 1024
_ZSTD_WINDOW = 128 * 1024 * 1024
_HEADER = 512
_TYPE = slice(156, 157)
_SIZE = slice(124, 136)
_EXTENDED = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
_LARGEST_EXTENDED = 256 * 1024
_RECORD = re.compile(rb"(\d{1,6}) [^=\n]+=")
_LONG_NUMBER = re.compile(rb"\d{400}")


def tar_members(file: IO[bytes], name: str, packed: int, limits: Limits = LIMITS) -> Iterator[Member | SkippedFile]:
    """Yield the members of a tar archive of `packed` bytes, read from its beginning.

    Raises UnreadableOrigin for a hostile one; what a damaged one raises is left to the caller.
    """
    guard = Guard(name, packed, limits)
    stream = _Forward(_decompressed(file), guard)
    with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r:", tarinfo=_Header) as archive:
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
                yield guard.file(path, info.size) or Member(path, info.size, _Reader(stream, info))
        while stream.read(_CHUNK):
            pass


def _resolved(path: str, target: str) -> str:
    return target if target.startswith("/") else posixpath.join(posixpath.dirname(path), target)


class _Header(tarfile.TarInfo):
    """A header that is damaged or cut short is an error, where tarfile would take it for the end."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        stream = cast(_Forward, tarfile_.fileobj)
        header = stream.peek(_HEADER)
        if header[_TYPE] in _EXTENDED:
            size = tarfile.nti(header[_SIZE])  # type: ignore[attr-defined]
            _check_extended(stream.peek(_HEADER + min(size, _LARGEST_EXTENDED + 1))[_HEADER:], size, stream.guard)
        try:
            return super().fromtarfile(tarfile_)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from error


def _check_extended(records: bytes, size: int, guard: Guard) -> None:
    """Refuse an extended header that is not records of the length each says (pax, POSIX.1-2001).

    tarfile of Python before 3.11.10 takes hours over one that is made for it (CVE-2024-6232).
    """
    place = 0
    while place < size and (record := _RECORD.match(records, place)):
        place += max(int(record[1]), 1)
        if records[place - 1 : place] != b"\n":
            break
    if place != size or _LONG_NUMBER.search(records):
        raise guard.refusal("has a header that is too long or malformed")


class _Reader:
    __slots__ = ("_info", "_stream")

    def __init__(self, stream: "_Forward", info: tarfile.TarInfo) -> None:
        self._stream = stream
        self._info = info

    def __call__(self) -> bytes:
        self._stream.seek(self._info.offset_data)
        data = self._stream.read(self._info.size)
        if len(data) != self._info.size:
            raise tarfile.ReadError("unexpected end of data")
        return data


class _Forward:
    """The unpacked bytes as a file that goes forward only, refused when more come than its members account for."""

    def __init__(self, stream: IO[bytes], guard: Guard) -> None:
        self._stream = stream
        self._ahead = b""
        self._place = 0
        self.guard = guard
        self.expected = _HEADROOM

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self._place

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end."""
        data = self.peek(size)[:size]
        self._ahead = self._ahead[len(data) :]
        self._place += len(data)
        return data

    def peek(self, size: int) -> bytes:
        """Return at least the next `size` bytes, fewer at the end, without going on."""
        parts, have = [self._ahead], len(self._ahead)
        while have < size and (part := self._stream.read(min(size - have, _CHUNK))):
            parts.append(part)
            have += len(part)
            if self._place + have > self.expected + _CHUNK:
                raise self.guard.refusal("has megabytes between its members")
        self._ahead = b"".join(parts)
        return self._ahead

    def seek(self, place: int) -> None:
        """Go forward to a place."""
        if place < self._place:
            raise tarfile.ReadError("the members are not in order")
        while self._place < place and self.read(min(place - self._place, _CHUNK)):
            pass


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    magic = file.read(6)
    file.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file, mode="rb"))
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if magic == b"\xfd7zXZ\0":
        return io.BufferedReader(_Xz(file), _CHUNK)
    if magic.startswith(zstandard.FRAME_HEADER):
        unpacked = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(file, read_across_frames=True)
        return cast(IO[bytes], unpacked)
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
                data = self._ahead or self._file.read(_CHUNK)
                self._ahead = b""
                if not data:
                    return 0
                data = data.lstrip(b"\0")
                if not data:
                    continue
                self._stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
            elif self._stream.needs_input:
                data = self._file.read(_CHUNK)
                if not data:
                    raise EOFError("the compressed data is cut short")
            unpacked = self._stream.decompress(data, len(buffer))
            if self._stream.eof:
                self._ahead, self._stream = self._stream.unused_data, None
            if unpacked:
                buffer[: len(unpacked)] = unpacked
                return len(unpacked)
