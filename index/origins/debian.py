"""Reference code from Debian source packages: upstream's tarballs, with the licences that debian/copyright states."""

import platform
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import ClassVar

from packageurl import PackageURL

from index.errors import UnreadableOrigin
from index.origins.apt import Apt, SourceArchive, opened
from index.origins.base import DeclaredLicense, LegalFile, SkippedFile, SourceFile, SourcePackage
from index.origins.dep5 import WHERE, Dep5, read_dep5
from index.origins.fetching import Fetcher
from index.origins.members import Member
from index.origins.packed import members_of
from index.origins.tree import Tree, survey

_ORIGINAL = re.compile(r"\.orig(?:-(?P<component>[A-Za-z0-9-]+))?\.tar\.\w+$")
_PACKAGING = re.compile(r"\.debian\.tar\.\w+$")
_NATIVE = re.compile(r"\.tar\.\w+$")
_COPYRIGHT = "debian/copyright"
_CHANGELOG = "debian/changelog"
_READ = (_COPYRIGHT, _CHANGELOG)
_LARGEST_READ = 16 * 1024**2
# Debian policy, section 4.4: the last line of the newest entry, which comes first.
_SIGNED = re.compile(rb"^ -- .*?>  (?P<date>.+?)\s*$", re.MULTILINE)
_DSC = ".dsc"
_VERSION = re.compile(rb"^Version: (\S+)\s*$", re.MULTILINE)
_SOURCE = re.compile(rb"^Source: (\S+)\s*$", re.MULTILINE)


class DebianOrigin:
    """One source package as this machine's apt finds it; patches are not applied, nothing is built."""

    fetches: ClassVar[bool] = True

    def __init__(self, distribution: str, name: str, version: str | None, apt: Apt, fetcher: Fetcher) -> None:
        self._distribution = distribution
        self._package = name
        self._version = version
        self._apt = apt
        self._fetcher = fetcher

    @property
    def name(self) -> str:
        """The package URL that was asked for."""
        return self._purl(self._package, self._version)

    def packages(self) -> Iterator[SourcePackage]:
        """Yield the source package.

        Raises UnreadableOrigin where there is no such package, it cannot be fetched, or an archive of it is hostile or
        damaged.
        """
        _require_same(self._distribution)
        archives = self._apt.source(self._package, self._version)
        purl = self._identity(archives)
        trees = [self._tree(archive, purl) for archive in archives if _holds_code(archive)]
        if not trees:
            raise UnreadableOrigin(f"{purl} has no tarball of code: it is of a kind that is not read here.")
        packaging = self._packaging(archives, purl)
        stated = packaging.get(_COPYRIGHT, b"").decode("utf-8", "replace")
        dep5 = read_dep5(stated)
        free = (DeclaredLicense(WHERE, "free text", stated),) if stated.strip() else ()
        yield SourcePackage(
            purl=purl,
            url=None,
            declared=dep5.of_everything() if dep5 else free,
            authors=(),
            legal=tuple(chain.from_iterable(_legal(prefix, tree) for prefix, tree in trees)),
            files=lambda: chain.from_iterable(_files(prefix, tree, dep5) for prefix, tree in trees),
            released=_released(packaging.get(_CHANGELOG, b"")),
        )

    def _purl(self, name: str, version: str | None) -> str:
        return PackageURL(type="deb", namespace=self._distribution, name=name, version=version).to_string()

    def _identity(self, archives: tuple[SourceArchive, ...]) -> str:
        """Return the package URL with its exact version, taken from the description: file names lack the epoch."""
        for archive in archives:
            if archive.name.endswith(_DSC):
                with opened(archive, self._fetcher, self.name).open() as file:
                    text = file.read()
                source, version = _SOURCE.search(text), _VERSION.search(text)
                if source and version:
                    return self._purl(source[1].decode("utf-8", "replace"), version[1].decode("utf-8", "replace"))
        raise UnreadableOrigin(f"{self.name}: its description (.dsc) names no version.")

    def _tree(self, archive: SourceArchive, purl: str) -> tuple[str, Tree]:
        component = _ORIGINAL.search(archive.name)
        prefix = f"{component['component']}/" if component and component["component"] else ""
        return prefix, survey(members_of(opened(archive, self._fetcher, purl).open, archive.name), archive.name)

    def _packaging(self, archives: tuple[SourceArchive, ...], purl: str) -> dict[str, bytes]:
        """Return debian/copyright and changelog from the packaging, or from the one tarball of a native package."""
        holding = [one for one in archives if _PACKAGING.search(one.name)]
        holding = holding or [one for one in archives if _holds_code(one)]
        found: dict[str, bytes] = {}
        for archive in holding:
            for member in members_of(opened(archive, self._fetcher, purl).open, archive.name)():
                name = "/".join(member.path.split("/")[-2:])
                if name not in _READ or name in found or not isinstance(member, Member):
                    continue
                if member.path.count("/") <= 2 and member.size <= _LARGEST_READ:
                    found[name] = member.read()
                if len(found) == len(_READ):
                    return found
        return found


def _released(changelog: bytes) -> date | None:
    """Return the day on which the newest entry was signed."""
    signed = _SIGNED.search(changelog)
    try:
        return parsedate_to_datetime(signed["date"].decode()).astimezone(UTC).date() if signed else None
    except (ValueError, OverflowError):
        return None


def _require_same(distribution: str) -> None:
    """Raise UnreadableOrigin where this machine's apt serves another distribution than is asked for."""
    try:
        here = platform.freedesktop_os_release().get("ID", distribution)
    except OSError:
        return
    if here != distribution:
        raise UnreadableOrigin(f"apt on this machine serves {here}, not {distribution}: ask for pkg:deb/{here}/...")


def _holds_code(archive: SourceArchive) -> bool:
    if _PACKAGING.search(archive.name) or archive.name.endswith((".asc", ".sig")):
        return False
    return _NATIVE.search(archive.name) is not None


def _legal(prefix: str, tree: Tree) -> Iterator[LegalFile]:
    for file in tree.legal:
        yield replace(file, path=prefix + file.path)


def _files(prefix: str, tree: Tree, dep5: Dep5 | None) -> Iterator[SourceFile | SkippedFile]:
    for file in tree.files():
        path = prefix + file.path
        if isinstance(file, SkippedFile) or dep5 is None:
            yield replace(file, path=path)
        else:
            yield replace(file, path=path, declared=(*file.declared, *dep5.of(path)))
