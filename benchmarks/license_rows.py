"""Files whose licence a person has read off them, named by package, path and hash; fetched once, never committed.

`license_files.csv` lists licence files and copyright pages, `license_headers.csv` source files that say their licence
in their own head; the two `..._held_out.csv` are of other packages, drawn by chance and labelled unseen by any tool.
A file is taken out of the archive that its registry serves, which the product's own origins find and check, and kept
under its SHA-256.
"""

import csv
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import httpx2
from packageurl import PackageURL

from benchmarks.reference_corpus import BENCH, FETCHED
from index.errors import UnreadableOrigin
from index.origins.apt import Apt
from index.origins.base import Origin
from index.origins.debian import DebianOrigin
from index.origins.fetching import Checksum, Fetcher
from index.origins.held import HeldFile
from index.origins.members import Member
from index.origins.npm import NpmOrigin
from index.origins.packed import members_of
from index.origins.pip_settings import pip_settings
from index.origins.pypi import PypiOrigin

COLUMNS = ("purl", "path", "sha256", "label", "note")
# What is looked at of a source file: the product reads no more, and its peers are given the same.
HEAD_BYTES = 12_000
_KEPT = BENCH / "licenses"
_COMPONENT = re.compile(r"\.orig-([A-Za-z0-9-]+)\.tar\.\w+$")
_PACKAGING = re.compile(r"\.debian\.tar\.\w+$")


class Table(StrEnum):
    """A table of labels; the held-out ones were labelled before any tool was asked, and nothing is mended from them."""

    FILES = "files"
    HEADERS = "headers"
    HELD_OUT_FILES = "held-out-files"
    HELD_OUT_HEADERS = "held-out-headers"

    @property
    def of_files(self) -> bool:
        """Whether it is of licence files, not of source files."""
        return self in (Table.FILES, Table.HELD_OUT_FILES)

    @property
    def path(self) -> Path:
        """Where its labels stand."""
        held_out = "_held_out" if self.startswith("held-out") else ""
        return Path(__file__).with_name(f"license_{'files' if self.of_files else 'headers'}{held_out}.csv")


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A row of a table: `path` is within the package, `label` a canonical SPDX expression, `note` why it is that."""

    purl: str
    path: str
    sha256: str
    label: str
    note: str

    @property
    def place(self) -> Path:
        """Where its bytes are kept, under its own name, for some tools look at it."""
        return _KEPT / self.sha256 / quote(self.path.rsplit("/", 1)[-1], safe="")

    @property
    def head_place(self) -> Path:
        """Where its beginning is kept."""
        return _KEPT / self.sha256 / "head" / self.place.name


def read_rows(table: Table) -> list[LabelledFile]:
    """Return the rows of a table; raises ValueError where a column is another."""
    with table.path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{table.path.name} has other columns than {', '.join(COLUMNS)}: mend its first line.")
        return [LabelledFile(**row) for row in reader]


def present(rows: Sequence[LabelledFile]) -> list[LabelledFile]:
    """Return the rows whose files are here, having fetched what was missing; what cannot be had is named."""
    missing: dict[str, list[LabelledFile]] = defaultdict(list)
    for row in rows:
        if not row.place.exists():
            missing[row.purl].append(row)
    if missing:
        registries = _Registries()
        print(f"fetching {len(missing)} packages", file=sys.stderr)
        for purl, wanted in sorted(missing.items()):
            try:
                _keep(wanted, registries.archives(purl))
            except UnreadableOrigin as error:
                print(f"  left out: {error}", file=sys.stderr)
    return [row for row in rows if row.place.exists()]


def _keep(wanted: Iterable[LabelledFile], archives: Iterable[tuple[str, HeldFile]]) -> None:
    by_path = {row.path: row for row in wanted}
    for name, held in archives:
        for path, content in _contents(name, held, by_path):
            row = by_path[path]
            if hashlib.sha256(content).hexdigest() == row.sha256:
                row.place.parent.mkdir(parents=True, exist_ok=True)
                row.place.write_bytes(content)
    for row in by_path.values():
        if not row.place.exists():
            raise UnreadableOrigin(f"{row.purl} has no {row.path} with the hash that was labelled.")


def _contents(name: str, held: HeldFile, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the wanted files of an archive, by their paths as the origins name them."""
    paths = set(wanted)
    component = _COMPONENT.search(name)
    prefix = f"{component[1]}/" if component else ""
    endings = tuple(path.removeprefix(prefix) for path in paths)
    found: list[tuple[str, bytes]] = []
    tops: set[str] = set()
    for member in members_of(held.open, name)():
        folder, slash, _ = member.path.partition("/")
        tops.add(folder + slash if slash else "")
        if isinstance(member, Member) and member.path.endswith(endings):
            found.append((member.path, member.read()))
    as_it_is = name.endswith(".whl") or _PACKAGING.search(name) is not None or len(tops) != 1
    top = "" if as_it_is else tops.pop()
    for path, content in found:
        within = prefix + path.removeprefix(top)
        if within in paths:
            yield within, content


class _Remembering(Fetcher):
    """A fetcher that remembers which files it was asked for."""

    def __init__(self, folder: Path, certificates: str | None) -> None:
        super().__init__(folder, certificates=certificates)
        self.files: list[tuple[str, HeldFile]] = []

    def file(self, url: str, checksum: Checksum, name: str, auth: httpx2.Auth | None = None) -> HeldFile:
        """Return a file as any fetcher does, and keep it in `files` by its own name."""
        held = super().file(url, checksum, name, auth)
        self.files.append((unquote(urlsplit(url).path.rsplit("/", 1)[-1]), held))
        return held


class _Registries:
    """The product's origins, asked for the archives of a package as they were served."""

    def __init__(self) -> None:
        settings = pip_settings()
        # An index of this machine alone would serve archives without fetching them.
        extra = tuple(url for url in settings.extra_indexes if not url.startswith("file:"))
        self._settings = replace(settings, find_links=(), extra_indexes=extra)
        self._fetcher = _Remembering(FETCHED, self._settings.certificates)
        self._apt = Apt(FETCHED.with_name("apt"))

    def archives(self, purl: str) -> list[tuple[str, HeldFile]]:
        """Return the archives of a package by their file names; raises UnreadableOrigin where they cannot be had."""
        self._fetcher.files.clear()
        for _ in self._origin(PackageURL.from_string(purl)).packages():
            pass
        return [(name, held) for name, held in self._fetcher.files if not name.endswith((".dsc", ".asc"))]

    def _origin(self, purl: PackageURL) -> Origin:
        if purl.type == "pypi":
            return PypiOrigin(purl.name, purl.version, self._fetcher, self._settings)
        if purl.type == "npm":
            name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
            return NpmOrigin(name, purl.version, self._fetcher)
        return DebianOrigin(str(purl.namespace), purl.name, purl.version, self._apt, self._fetcher)
