"""Asks this machine's apt where the source of a package is, without touching apt's own state."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from index.errors import UnreadableOrigin
from index.origins.fetching import Checksum, Fetcher
from index.origins.held import HeldFile

_SECONDS = 600
_URI = re.compile(
    r"^'(?P<uri>[^']+)' (?P<name>\S+) (?P<size>\d+) (?P<hash>SHA(?:256|512)):(?P<digest>[0-9a-f]+)$", re.MULTILINE
)
_ONE_LINE = re.compile(r"^(\s*)deb(?=[\s\[])", re.MULTILINE)
_TYPES = re.compile(r"^(Types:).*$", re.MULTILINE | re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_VERSION = re.compile(r"[A-Za-z0-9.+:~-]+")


@dataclass(frozen=True, slots=True)
class SourceArchive:
    """One file of a source package, with the checksum that the archive's signed index gives it."""

    name: str
    uri: str
    checksum: Checksum


class Apt:
    """The sources this machine is set to, asked for source packages also where only binary ones are listed.

    The lists are kept in `folder`, apart from apt's own, and brought up to date once. Safe to use from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._ready = False

    def source(self, name: str, version: str | None) -> tuple[SourceArchive, ...]:
        """Return the files of a source package, the newest where no version is given.

        Raises UnreadableOrigin where there is no apt, the name or version is none, or no such source.
        """
        if not _NAME.fullmatch(name) or (version is not None and not _VERSION.fullmatch(version)):
            raise UnreadableOrigin(f"{name} {version or ''}: no Debian package is called so: check name and version.")
        with self._lock:
            if not self._ready:
                self._update()
                self._ready = True
        wanted = name if version is None else f"{name}={version}"
        answer = self._run("source", "--only-source", "--download-only", "--print-uris", "--", wanted)
        found = tuple(
            SourceArchive(line["name"], line["uri"], Checksum(line["hash"].lower(), line["digest"]))
            for line in _URI.finditer(answer.stdout)
        )
        if answer.returncode != 0 or not found:
            raise UnreadableOrigin(
                f"{wanted}: {_complaint(answer.stderr)}: check the name and the version, and the sources apt is set to."
            )
        return found

    def _update(self) -> None:
        if shutil.which("apt-get") is None or shutil.which("apt-config") is None:
            raise UnreadableOrigin(
                "pkg:deb needs apt, which is not on this machine: add the source package's archive, with --purl."
            )
        for folder in ("lists/partial", "cache/archives/partial", "sources.d"):
            (self._folder / folder).mkdir(parents=True, exist_ok=True)
        for old in (self._folder / "sources.d").iterdir():
            old.unlink()
        for number, place in enumerate(_source_lists()):
            text = place.read_text("utf-8", "replace")
            text = _TYPES.sub(r"\1 deb-src", text) if place.suffix == ".sources" else _ONE_LINE.sub(r"\1deb-src", text)
            (self._folder / "sources.d" / f"{number:03}{place.suffix}").write_text(text, "utf-8")
        # Sources that have no source packages make apt complain; whether enough is there shows when one is asked for.
        self._run("update")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        settings = {
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": self._folder / "sources.d",
            "Dir::State::lists": self._folder / "lists",
            "Dir::Cache": self._folder / "cache",
            "Debug::NoLocking": "1",
        }
        options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
        try:
            return subprocess.run(  # noqa: S603
                ["apt-get", *options, *arguments],  # noqa: S607
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                check=False,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                cwd=self._folder,
            )
        except subprocess.TimeoutExpired as error:
            raise UnreadableOrigin(f"apt did not answer within {_SECONDS} s: try again later.") from error


def opened(archive: SourceArchive, fetcher: Fetcher, purl: str) -> HeldFile:
    """Return a file of a source package, its checksum verified; one on this machine is read where it lies."""
    parts = urlsplit(archive.uri)
    if parts.scheme in ("http", "https"):
        return fetcher.file(archive.uri, archive.checksum, purl)
    if parts.scheme not in ("file", "copy"):
        raise UnreadableOrigin(f"{purl}: apt has it from {parts.scheme}:, which is not read here: use an http source.")
    path = Path(unquote(parts.path))
    try:
        held = HeldFile(path)
    except OSError as error:
        raise UnreadableOrigin(f"{path}: {error.strerror}: check the sources apt is set to.") from error
    if not held.has(archive.checksum.algorithm, archive.checksum.hexdigest):
        raise UnreadableOrigin(f"{path} is not what its index says it is: bring the repository up to date.")
    return held


def _source_lists() -> Iterator[Path]:
    asked = subprocess.run(
        ["apt-config", "shell", "LIST", "Dir::Etc::sourcelist/f", "PARTS", "Dir::Etc::sourceparts/d"],  # noqa: S607
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    told = dict(re.findall(r"^(\w+)='([^']*)'$", asked.stdout, re.MULTILINE))
    single = Path(told.get("LIST", ""))
    if single.is_file():
        yield single
    parts = Path(told.get("PARTS", ""))
    if told.get("PARTS") and parts.is_dir():
        yield from sorted(path for path in parts.iterdir() if path.suffix in (".list", ".sources") and path.is_file())


def _complaint(stderr: str) -> str:
    errors = [line[2:].strip() for line in stderr.splitlines() if line.startswith("E:")]
    return errors[0] if errors else "apt knows no source of that name"
