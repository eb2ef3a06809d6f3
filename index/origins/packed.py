"""One way into every archive: tells what it is by its first bytes, and turns damage into one clear sentence."""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import zstandard

from index.errors import UnreadableOrigin
from index.origins.base import SkippedFile
from index.origins.members import LIMITS, Limits, Member, Members
from index.origins.tarballs import tar_members
from index.origins.zips import zip_members

SUFFIXES = (".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")

_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
    EOFError,
    NotImplementedError,
    # gzip and bz2 raise a plain OSError for damaged data, and so may a disk.
    OSError,
    ValueError,
)


def is_archive(path: str) -> bool:
    """Whether a path is named like an archive that is read here."""
    return path.lower().endswith(SUFFIXES)


def stem(path: str) -> str:
    """Return an archive's file name without its ending."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    ending = max((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), key=len, default="")
    return name[: len(name) - len(ending)]


def members_of(open_archive: Callable[[], IO[bytes]], name: str, limits: Limits = LIMITS) -> Members:
    """Return the members of an archive, which is opened anew each time they are gone through.

    `name` is what a refusal calls it. Going through them raises UnreadableOrigin for a hostile or damaged archive.
    """

    def members() -> Iterator[Member | SkippedFile]:
        with _saying_damage(name), open_archive() as file:
            packed = file.seek(0, 2)
            file.seek(0)
            magic = file.read(4)
            read = zip_members if magic[:2] == b"PK" else tar_members
            for member in read(file, name, packed, limits):
                yield member if isinstance(member, SkippedFile) else _guarded(member, name)

    return members


def members_of_file(path: Path, name: str | None = None, limits: Limits = LIMITS) -> Members:
    """Return the members of an archive on disk."""
    return members_of(lambda: path.open("rb"), name or str(path), limits)


def _guarded(member: Member, name: str) -> Member:
    def read() -> bytes:
        with _saying_damage(name):
            return member.read()

    return Member(member.path, member.size, read)


@contextmanager
def _saying_damage(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableOrigin(
            f"{name} is no archive that can be read, or is damaged ({said}): fetch it anew."
        ) from error
