"""The file of a backup: a tar archive (POSIX.1-2001) whose last member, SHA256SUMS, has the hash of every other.

Whoever unpacks it by hand may hold it against that with `sha256sum --check SHA256SUMS`. One that was cut or altered
lacks the list or does not agree with it.
"""

import hashlib
import io
import json
import os
import re
import tarfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from attrib.errors import UnreadableInput

FORMAT = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SQLITE_COPY = "attrib.db"
POSTGRESQL_DUMP = "attrib.dump"

# Nothing else is unpacked, so that no name leads out of the folder.
_NAMES = re.compile(rf"{MANIFEST}|{SUMS}|{SQLITE_COPY}|{POSTGRESQL_DUMP}|(index|audits)/[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_LARGEST_LIST = 100_000_000
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: a `database` of this name at a schema `revision`, and an index at a revision of its own."""

    attrib: str
    database: str
    revision: str
    index_revision: int
    segments: tuple[str, ...]
    audits: tuple[str, ...]
    made_at: str
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        """Return the manifest as it stands in the backup."""
        return asdict(self)


class BackupWriter:
    """Writes the members of a backup one after another; without `finish` it counts as cut short."""

    def __init__(self, file: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._sums: dict[str, str] = {}

    def add(self, name: str, content: IO[bytes]) -> None:
        """Add a member from an open file, from where it stands to its end."""
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        hashing = _Hashing(content)
        self._tar.addfile(_member(name, size), hashing)
        self._sums[name] = hashing.sha256.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        """Write what the backup holds and the hashes, and end it."""
        self.add(MANIFEST, io.BytesIO(json.dumps(manifest.as_json(), indent=1).encode()))
        sums = "".join(f"{digest}  {name}\n" for name, digest in self._sums.items()).encode()
        self._tar.addfile(_member(SUMS, len(sums)), io.BytesIO(sums))
        self._tar.close()


def unpack(file: Path, folder: Path) -> Manifest:
    """Unpack a backup into an empty folder, durably, and return its manifest.

    Raises UnreadableInput where it is no backup, was cut short or altered, or is of a later format.
    """
    sums: dict[str, str] = {}
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                if _NAMES.fullmatch(member.name) is None or not member.isreg() or member.name in sums:
                    raise UnreadableInput(f"{file} is no backup of Attrib: {member.name[:80]!r} is in it")
                sums[member.name] = _unpacked(tar, member, folder)
    except (tarfile.TarError, EOFError) as error:
        raise UnreadableInput(f"{file} is no backup of Attrib, or was cut short: {_one_line(error)}") from error
    listed = _listed(file, folder, sums.pop(SUMS, None))
    for name in {*listed} | {*sums}:
        if listed.get(name) != sums.get(name):
            raise UnreadableInput(f"the backup {file} was altered: {name} is not what it was when it was made")
    return _manifest(file, folder)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(time.time())
    return member


def _unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    content = tar.extractfile(member)
    assert content is not None
    place = folder / member.name
    place.parent.mkdir(mode=0o700, exist_ok=True)
    hashing = _Hashing(content)
    with open(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as written:
        while block := hashing.read(_BLOCK):
            written.write(block)
        written.flush()
        os.fsync(written.fileno())
    if place.stat().st_size != member.size:
        raise EOFError(f"{member.name} ends too early")
    return hashing.sha256.hexdigest()


def _listed(file: Path, folder: Path, digest: str | None) -> dict[str, str]:
    place = folder / SUMS
    if digest is None or place.stat().st_size > _LARGEST_LIST:
        raise UnreadableInput(f"the backup {file} was cut short: the list of its hashes is missing")
    lines = place.read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _manifest(file: Path, folder: Path) -> Manifest:
    try:
        given = json.loads((folder / MANIFEST).read_bytes())
        if given["format"] != FORMAT:
            raise UnreadableInput(f"the backup {file} is of format {given['format']}: use the version that made it")
        lists = {name: tuple(map(str, given[name])) for name in ("segments", "audits")}
        return Manifest(**(given | lists))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableInput(f"the backup {file} does not say what it holds") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.sha256.update(block)
        return block
