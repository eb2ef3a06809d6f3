"""What `attrib index add` was given, as origins of reference code."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from packageurl import PackageURL

from attrib.errors import UnreadableInput
from index.origins.archive import ArchiveOrigin
from index.origins.base import Origin
from index.origins.folder import FolderOrigin
from index.origins.installed import INSTALLED, InstalledOrigin
from index.origins.packed import SUFFIXES, is_archive
from index.origins.parquet import ParquetOrigin

if TYPE_CHECKING:
    from index.origins.apt import Apt
    from index.origins.fetching import Fetcher

PURL = "pkg:"
GIT = "git+"
PARQUET = ".parquet"


@contextmanager
def opened_origins(
    specs: Sequence[str],
    *,
    purl: str | None,
    license: str | None,
    fetched: Path,
    arrived: Callable[[int, str], None] | None = None,
) -> Iterator[list[Origin]]:
    """Hand out the origins that SPECs name, Parquet files last, and stop what they still fetch when the block ends.

    A SPEC is `installed`, `installed:NAME[,NAME]`, a folder, an archive, a package URL,
    `git+ADDRESS[@REVISION]`, or a path that ends in .parquet. `fetched` is the folder
    for what registries send; `arrived` is called with the bytes of it. Raises UnreadableInput for a SPEC that is none.
    """
    if purl is not None and len(specs) > 1:
        raise UnreadableInput("--purl names one source: give one SPEC with it.")
    with _Registries(fetched, arrived) as registries:
        # A repository's rows may lie in several files, and a source is added whole: so they are one origin.
        tables = [spec for spec in specs if spec.endswith(PARQUET)]
        if tables and (purl or license):
            raise UnreadableInput("--purl and --license do not go with .parquet files: their rows say both.")
        origins = [_origin_of(spec, purl, license, registries) for spec in specs if spec not in tables]
        yield [*origins, ParquetOrigin(tables)] if tables else origins


def _origin_of(spec: str, purl: str | None, license: str | None, registries: "_Registries") -> Origin:
    kind, colon, names = spec.partition(":")
    if kind == INSTALLED or spec.startswith(PURL):
        if purl or license:
            raise UnreadableInput(
                f"--purl and --license name a folder's or archive's source: leave them out with {spec}."
            )
        if spec.startswith(PURL):
            return registries.origin_of(spec)
        return InstalledOrigin([name.strip() for name in names.split(",") if name.strip()] if colon else None)
    if spec.startswith(GIT):
        # What it fetches with takes a tenth of a second to load.
        from index.origins.git import GitOrigin, split_revision

        return GitOrigin(*split_revision(spec.removeprefix(GIT)), purl=purl, license=license)
    path = Path(spec)
    if path.is_dir():
        return FolderOrigin(path, purl=purl, license=license)
    if is_archive(spec) and path.is_file():
        return ArchiveOrigin(path, purl=purl, license=license)
    if path.exists():
        raise UnreadableInput(
            f"{spec}: is neither a folder nor an archive ({', '.join(SUFFIXES)}): give the folder it is in, with "
            "--purl and --license."
        )
    raise UnreadableInput(
        f"{spec}: there is no such folder or archive: give one, a package URL such as pkg:pypi/flask, or `installed` "
        "for this Python's packages."
    )


class _Registries:
    """The origins that need a registry; what fetches is made when the first of them is asked for."""

    def __init__(self, fetched: Path, arrived: Callable[[int, str], None] | None) -> None:
        self._fetched = fetched
        self._arrived = arrived
        self._fetcher: Fetcher | None = None
        self._apt: Apt | None = None

    def __enter__(self) -> "_Registries":
        return self

    def __exit__(self, *error: object) -> None:
        if self._fetcher is not None:
            self._fetcher.close()

    def origin_of(self, spec: str) -> Origin:
        """Return the origin of a package URL; raises UnreadableInput where it is none that can be fetched."""
        try:
            purl = PackageURL.from_string(spec)
        except ValueError as error:
            raise UnreadableInput(f"{spec}: is no package URL: write it as pkg:type/name@version.") from error
        if purl.qualifiers or purl.subpath:
            raise UnreadableInput(f"{spec}: has qualifiers or a subpath: leave out what follows '?' or '#'.")
        # An HTTP client takes a tenth of a second to load, which only those wait for who fetch.
        if purl.type == "pypi" and not purl.namespace:
            from index.origins.pypi import PypiOrigin

            return PypiOrigin(purl.name, purl.version, self._fetcher_now(), self._settings)
        if purl.type == "npm":
            from index.origins.npm import NpmOrigin

            name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
            return NpmOrigin(name, purl.version, self._fetcher_now())
        if purl.type == "deb":
            from index.origins.debian import DebianOrigin

            return DebianOrigin(
                self._distribution(spec, purl), purl.name, purl.version, self._apt_now(), self._fetcher_now()
            )
        raise UnreadableInput(
            f"{spec}: packages of this kind are not fetched: give pkg:pypi, pkg:npm or pkg:deb, or a folder, an "
            "archive or git+ADDRESS with --purl."
        )

    def _distribution(self, spec: str, purl: PackageURL) -> str:
        if not purl.namespace:
            raise UnreadableInput(f"{spec}: names no distribution: write it as pkg:deb/debian/{purl.name}.")
        return str(purl.namespace)

    def _apt_now(self) -> "Apt":
        from index.origins.apt import Apt

        if self._apt is None:
            self._apt = Apt(self._fetched.with_name("apt"))
        return self._apt

    def _fetcher_now(self) -> "Fetcher":
        from index.origins.fetching import Fetcher
        from index.origins.pip_settings import pip_settings

        if self._fetcher is None:
            self._settings = pip_settings()
            self._fetcher = Fetcher(self._fetched, self._arrived, self._settings.certificates)
        return self._fetcher
