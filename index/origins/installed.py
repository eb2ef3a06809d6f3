"""Reference code from the packages installed in a Python environment."""

import json
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath
from typing import ClassVar

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from index.errors import UnreadableOrigin
from index.languages import HEAD, language_of_file
from index.origins.base import LegalFile, LegalKind, SkippedFile, SourceFile, SourcePackage
from index.origins.legal import LARGEST_LEGAL_FILE, legal_file, legal_kind
from index.origins.metadata import METADATA, core_metadata, fields

OURSELVES = "attrib"
INSTALLED = "installed"


class InstalledOrigin:
    """The distributions of a Python environment, one package each, ordered by name.

    `names` keeps only those distributions (any spelling). `paths` are the folders
    searched, `sys.path` by default. Attrib itself and editable installs are left out:
    the one is no reference, the others are work in progress without a version to cite.
    """

    fetches: ClassVar[bool] = False

    def __init__(self, names: Collection[str] | None = None, paths: Sequence[str] | None = None) -> None:
        self._names = None if names is None else {canonicalize_name(name): name for name in names}
        self._paths = paths

    @property
    def name(self) -> str:
        """`installed`, with the names it was narrowed to."""
        return INSTALLED if self._names is None else f"{INSTALLED}:{','.join(self._names.values())}"

    def packages(self) -> Iterator[SourcePackage]:
        """Yield one package per distribution, ordered by canonical name.

        Raises UnreadableOrigin where a folder is not there or a name is not installed.
        """
        for path in self._paths or ():
            if not Path(path).is_dir():
                raise UnreadableOrigin(
                    f"There is no folder {path} to read installed packages from: name an existing site-packages folder."
                )
        found = self._distributions()
        if self._names is not None:
            missing = sorted(name for canonical, name in self._names.items() if canonical not in found)
            if missing:
                raise UnreadableOrigin(
                    f"Not installed in this Python environment: {', '.join(missing)}; install first, or leave the "
                    "name out."
                )
        for name in sorted(found):
            yield _package(name, found[name])

    def _distributions(self) -> dict[str, Distribution]:
        every = distributions() if self._paths is None else distributions(path=list(self._paths))
        found: dict[str, Distribution] = {}
        for distribution in every:
            name = distribution.metadata["Name"] if distribution.metadata else None
            if not name or (canonical := canonicalize_name(name)) in found:
                continue
            if self._names is not None and canonical not in self._names:
                continue
            if canonical != OURSELVES and not _is_editable(distribution):
                found[canonical] = distribution
        return found


def _is_editable(distribution: Distribution) -> bool:
    direct = distribution.read_text("direct_url.json")
    if direct is None:
        return False
    try:
        return bool(json.loads(direct).get("dir_info", {}).get("editable", False))
    except (ValueError, AttributeError):
        return False


def _package(name: str, distribution: Distribution) -> SourcePackage:
    stated = core_metadata(distribution.metadata, METADATA)
    return SourcePackage(
        purl=PackageURL(type="pypi", name=name, version=distribution.version).to_string(),
        url=stated.url,
        declared=stated.declared,
        authors=stated.authors,
        legal=tuple(_legal(distribution)),
        files=lambda: _files(distribution),
    )


def _record(distribution: Distribution) -> list[PurePosixPath]:
    """Return RECORD's paths that stay below site-packages, each once, in order."""
    paths = {PurePosixPath(str(file).replace("\\", "/")) for file in distribution.files or ()}
    return sorted(path for path in paths if not path.is_absolute() and ".." not in path.parts)


def _legal(distribution: Distribution) -> Iterator[LegalFile]:
    named = set(fields(distribution.metadata, "License-File"))
    for path in _record(distribution):
        kind = legal_kind(str(path))
        within = path.parts[0].endswith(".dist-info")
        if (
            kind is None
            and within
            and any(str(path).endswith("/" + name) for name in named)
            and "licen" in path.name.lower()
        ):
            kind = LegalKind.LICENSE
        # Below the code only licences and notices govern folders; authors are the whole package's.
        if kind is None or (not within and kind is LegalKind.AUTHORS):
            continue
        place = Path(str(distribution.locate_file(str(path))))
        try:
            if place.is_file() and place.stat().st_size <= LARGEST_LEGAL_FILE:
                yield legal_file(str(path), kind, place.read_bytes())
        except OSError:
            continue


def _files(distribution: Distribution) -> Iterator[SourceFile | SkippedFile]:
    if distribution.files is None:
        yield SkippedFile(
            str(distribution.metadata["Name"]), "keeps no list of its files (RECORD): reinstall it with pip"
        )
    for path in _record(distribution):
        if path.parts[0].endswith((".dist-info", ".data", ".egg-info")):
            continue
        place = Path(str(distribution.locate_file(str(path))))
        try:
            if language_of_file(str(path), partial(_head, place)) is None:
                continue
            size = place.stat().st_size
        except OSError:
            yield SkippedFile(str(path), "listed in RECORD but not there")
            continue
        yield SourceFile(path=str(path), size=size, read=place.read_bytes)


def _head(place: Path) -> bytes:
    with place.open("rb") as file:
        return file.read(HEAD)
