"""Reference code from a Python package index: the source distribution of a release, else a wheel; nothing is run."""

import logging
import mimetypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date
from typing import ClassVar, cast
from urllib.parse import urlsplit

import httpx2
from packageurl import PackageURL
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from unearth import Link, Package, PackageFinder
from unearth.auth import MultiDomainBasicAuth
from unearth.fetchers import DEFAULT_SECURE_ORIGINS
from unearth.fetchers import Fetcher as PageFetcher

from index.errors import UnreadableOrigin
from index.origins.base import SourcePackage
from index.origins.fetching import Fetcher, shown, strongest
from index.origins.held import HeldFile
from index.origins.metadata import METADATA, PKG_INFO, PYPROJECT, stated_in, together
from index.origins.packed import members_of
from index.origins.pip_settings import PipSettings
from index.origins.tree import survey

# It warns about every page that has nothing; what matters is said once, by us.
logging.getLogger("unearth").addHandler(logging.NullHandler())


class PypiOrigin:
    """One release of a package; the newest final one where no version is given."""

    fetches: ClassVar[bool] = True

    def __init__(self, name: str, version: str | None, fetcher: Fetcher, settings: PipSettings) -> None:
        self._name = canonicalize_name(name)
        self._version = version
        self._fetcher = fetcher
        self._settings = settings

    @property
    def name(self) -> str:
        """The package URL that was asked for."""
        return PackageURL(type="pypi", name=self._name, version=self._version).to_string()

    def packages(self) -> Iterator[SourcePackage]:
        """Yield the release as one package.

        Raises UnreadableOrigin where there is no such release, it cannot be fetched, its checksum is missing or
        another, or its archive is hostile or damaged.
        """
        index = _Index(self._fetcher, self._settings)
        found = _preferred(self._matches(index))
        if found is None:
            raise UnreadableOrigin(
                f"{self.name}: the package index has no such {'release' if self._version else 'package'} as a source "
                "distribution or wheel: check the name and the version, and where pip is set to look."
            )
        link = found.link
        file = index.file(link, self.name)
        tree = survey(members_of(file.open, link.filename), link.filename, one_top=not link.is_wheel)
        released = tuple(name for name in (METADATA, PKG_INFO) if name in tree.metadata)
        files = released or tuple(name for name in (PYPROJECT,) if name in tree.metadata)
        stated = together(stated_in(name, tree.metadata[name]) for name in files)
        yield SourcePackage(
            purl=PackageURL(type="pypi", name=self._name, version=found.version).to_string(),
            url=stated.url,
            declared=stated.declared,
            authors=stated.authors,
            legal=tree.legal,
            files=tree.files,
            released=_released(link),
        )

    def _matches(self, index: "_Index") -> Sequence[Package]:
        try:
            wanted = Requirement(self._name if self._version is None else f"{self._name}=={self._version}")
        except InvalidRequirement as error:
            raise UnreadableOrigin(
                f"{self.name} names no release: write it as pkg:pypi/name@1.2.3, or without a version."
            ) from error
        try:
            return list(index.finder.find_matches(wanted, allow_prereleases=self._version is not None))
        except ValueError as error:
            raise UnreadableOrigin(
                f"{self.name}: the package index's answer cannot be read ({error}): check where pip is set to look."
            ) from error


def _preferred(matches: Sequence[Package]) -> Package | None:
    """Return the source distribution of the newest version, else its wheel for every Python, else any wheel."""
    newest = [match for match in matches if match.version == matches[0].version]
    return min(newest, key=_rank, default=None)


def _rank(package: Package) -> tuple[bool, bool, str]:
    return package.link.is_wheel, not package.link.filename.endswith("-none-any.whl"), package.link.filename


def _released(link: Link) -> date | None:
    """Return the day a file was uploaded; pages without `upload-time` (PEP 700) do not say it."""
    try:
        return link.upload_time.astimezone(UTC).date() if link.upload_time else None
    except OverflowError:
        return None


class _Index:
    """The user's package index as pip is set to find it: pages for unearth, files for us."""

    def __init__(self, fetcher: Fetcher, settings: PipSettings) -> None:
        self._fetcher = fetcher
        self._trusted = settings.trusted_hosts
        indexes = [] if settings.index is None else [settings.index]
        self._auth = MultiDomainBasicAuth(prompting=False, index_urls=[*indexes, *settings.extra_indexes])
        self.finder = PackageFinder(session=cast(PageFetcher, self), index_urls=indexes, ignore_compatibility=True)
        for url in settings.extra_indexes:
            self.finder.add_index_url(url)
        for url in settings.find_links:
            self.finder.add_find_links(url)

    def file(self, link: Link, name: str) -> HeldFile:
        """Return the file a link leads to; one on this machine is read where it lies."""
        if link.is_file:
            if link.comes_from and not link.comes_from.startswith("file:"):
                raise UnreadableOrigin(f"{name}: an index on the web names a file of this machine: do not trust it.")
            try:
                return HeldFile(link.file_path)
            except OSError as error:
                raise UnreadableOrigin(
                    f"{link.file_path}: {error.strerror}: check where pip is set to look."
                ) from error
        checksum = strongest({name: values[0] for name, values in (link.hash_option or {}).items()})
        if checksum is None:
            raise UnreadableOrigin(
                f"{name}: the index gives no SHA-256 for {link.filename}: download it and add the file itself."
            )
        return self._fetcher.file(link.url_without_fragment, checksum, name, self._auth)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """Return a page; unearth passes over one that is not there."""
        if urlsplit(url).scheme == "file":
            return _local_page(url)
        response = self._fetcher.get(url, headers, self._auth)
        if response.status_code in (401, 403):
            raise UnreadableOrigin(f"{shown(url)} asks for a name and a password: give them in pip's index address.")
        return response

    def head(self, url: str, *, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """Return an answer that is no page: only addresses of archives are asked for, and those are none."""
        return httpx2.Response(204, headers={"Content-Type": mimetypes.guess_type(url)[0] or "application/x-archive"})

    def get_stream(
        self, url: str, *, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[httpx2.Response]:
        """Never asked for: unearth streams only to compute checksums, and none are passed to it."""
        raise NotImplementedError

    def iter_secure_origins(self) -> Iterable[tuple[str, str, str]]:
        """Return the places that may be asked without encryption: this machine, and the hosts that pip trusts."""
        yield from DEFAULT_SECURE_ORIGINS
        for host in self._trusted:
            name, _, port = host.partition(":")
            yield "*", name, port or "*"


def _local_page(url: str) -> httpx2.Response:
    path = Link(url).file_path
    try:
        content = path.read_bytes()
    except OSError:
        return httpx2.Response(404, request=httpx2.Request("GET", url))
    return httpx2.Response(
        200, headers={"Content-Type": "text/html"}, content=content, request=httpx2.Request("GET", url)
    )
