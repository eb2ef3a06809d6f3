"""What a published index consists of, and the folder or object store it lies in.

A publication holds `segments/NAME`, which never change, `catalogues/SHA256.jsonl.zst` for each revision, and
`latest.json`, which names the parts of the newest revision with size and SHA-256 and is written last.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fsspec.core import url_to_fs

from index.catalogue_file import FORMAT
from index.errors import UnusablePublication

LATEST: Final = "latest.json"
_CHUNK: Final = 1 << 20
_SEGMENT_NAME: Final = re.compile(r"[0-9a-f]{32}\.segment")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a publication: its path there, its size in bytes and its SHA-256."""

    path: str
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Publication:
    """The newest published revision: its catalogue, its segments, and the parameters it was built with."""

    revision: int
    parameters: dict[str, int]
    catalogue: Part
    segments: tuple[Part, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `latest.json` holds."""
        return {
            "format": FORMAT,
            "revision": self.revision,
            "parameters": self.parameters,
            "catalogue": _part_json(self.catalogue),
            "segments": [_part_json(part) for part in self.segments],
        }


class Place:
    """Where a publication is: a folder, or anything else that fsspec opens by its address."""

    def __init__(self, address: str) -> None:
        """Open a place; raises UnusablePublication for an address of a kind that is not known or not installed."""
        self.address = address
        try:
            self._files, self._root = url_to_fs(address)
        except (ImportError, ValueError, OSError) as error:
            raise UnusablePublication(f"{address}: cannot be opened ({error}).") from error

    def latest(self) -> Publication:
        """Return the newest revision; raises UnusablePublication where nothing was published or it makes no sense."""
        try:
            return _publication(json.loads(self._files.cat_file(f"{self._root}/{LATEST}")))
        except FileNotFoundError as error:
            raise UnusablePublication(
                f"{self.address}: nothing is published there: run `attrib index publish` first."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnusablePublication(
                f"{self.address}/{LATEST}: is none of Attrib's, or of a newer version."
            ) from error
        except OSError as error:
            raise UnusablePublication(f"{self.address}: cannot be read ({error}).") from error

    def has(self, part: Part) -> bool:
        """Tell whether a part is there in its whole length; what a part is called says what is in it."""
        try:
            return int(self._files.size(f"{self._root}/{part.path}") or -1) == part.bytes
        except OSError:
            return False

    def put(self, path: str, source: Path) -> None:
        """Copy a file there; it is there whole or not at all. Raises UnusablePublication."""
        target = f"{self._root}/{path}"
        try:
            self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
            with self._files.transaction, source.open("rb") as file, self._files.open(target, "wb") as there:
                while chunk := file.read(_CHUNK):
                    there.write(chunk)
        except OSError as error:
            raise UnusablePublication(f"{self.address}/{path}: cannot be written ({error}).") from error

    def fetch(self, part: Part, target: Path, through: Callable[[int], None]) -> None:
        """Copy a part to a new file, durably; raises UnusablePublication where it is not what it should be."""
        digest = hashlib.sha256()
        try:
            with self._files.open(f"{self._root}/{part.path}", "rb") as there, target.open("wb") as file:
                while chunk := there.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
                    through(len(chunk))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            target.unlink(missing_ok=True)
            raise UnusablePublication(f"{self.address}/{part.path}: cannot be copied ({error}).") from error
        if digest.hexdigest() != part.sha256:
            target.unlink(missing_ok=True)
            raise UnusablePublication(
                f"{self.address}/{part.path}: is cut short or altered: publish the index there again."
            )


def part_of(below: str, place: Path, name: str | None = None) -> Part:
    """Return a file as a part of a publication; `{sha256}` in a name is what it says."""
    with place.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    called = place.name if name is None else name.format(sha256=sha256)
    return Part(f"{below}/{called}", place.stat().st_size, sha256)


def _part_json(part: Part) -> dict[str, Any]:
    return {"path": part.path, "bytes": part.bytes, "sha256": part.sha256}


def _publication(told: dict[str, Any]) -> Publication:
    if told["format"] != FORMAT:
        raise ValueError("another format")
    catalogue = _told_part(told["catalogue"], "catalogues", f"{told['catalogue']['sha256']}.jsonl.zst")
    segments = tuple(_told_part(one, "segments", one["path"].rpartition("/")[2]) for one in told["segments"])
    if not all(_SEGMENT_NAME.fullmatch(part.name) for part in segments):
        raise ValueError("no name of a segment")
    parameters = {str(name): int(value) for name, value in told["parameters"].items()}
    return Publication(int(told["revision"]), parameters, catalogue, segments)


def _told_part(told: dict[str, Any], below: str, name: str) -> Part:
    part = Part(str(told["path"]), int(told["bytes"]), str(told["sha256"]))
    if part.path != f"{below}/{name}" or _SHA256.fullmatch(part.sha256) is None:
        raise ValueError("no part of a publication")
    return part
