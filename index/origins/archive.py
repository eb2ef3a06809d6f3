"""Reference code from an archive on disk: a wheel, a source distribution, an npm tarball, or any .zip and .tar."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from packageurl import PackageURL

from index.origins.base import SourcePackage
from index.origins.metadata import METADATA, PACKAGE_JSON, PKG_INFO, PYPROJECT, Stated, stated_in, together
from index.origins.naming import checked_purl, given_license, package_url
from index.origins.packed import members_of_file, stem
from index.origins.tree import survey

_READ_FIRST = (METADATA, PKG_INFO, PYPROJECT, PACKAGE_JSON)


class ArchiveOrigin:
    """One archive as one source, read as a stream; nothing of it is executed or unpacked to disk.

    `purl` defaults to what its metadata names, else `pkg:generic/<file name>`; `license` is what the person says.
    """

    fetches: ClassVar[bool] = False

    def __init__(self, path: str | Path, purl: str | None = None, license: str | None = None) -> None:
        self._path = Path(path)
        self._purl = purl
        self._license = license

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self._path)

    def packages(self) -> Iterator[SourcePackage]:
        """Yield the archive as one package.

        Raises UnreadableOrigin where it is hostile, damaged or empty, or the purl is none.
        """
        tree = survey(members_of_file(self._path), self.name, one_top=self._path.suffix != ".whl")
        stated = {name: stated_in(name, tree.metadata[name]) for name in _READ_FIRST if name in tree.metadata}
        together_stated = together(stated.values())
        yield SourcePackage(
            purl=checked_purl(self._purl or _named(stated) or self._generic()),
            url=together_stated.url,
            declared=(*given_license(self._license), *together_stated.declared),
            authors=together_stated.authors,
            legal=tree.legal,
            files=tree.files,
        )

    def _generic(self) -> str:
        return PackageURL(type="generic", name=stem(self._path.name) or self._path.name).to_string()


def _named(stated: dict[str, Stated]) -> str | None:
    """Return the package URL that released metadata names; a bare pyproject.toml is a checkout's, not a release's."""
    for file, type in ((METADATA, "pypi"), (PKG_INFO, "pypi"), (PACKAGE_JSON, "npm")):
        one = stated.get(file)
        if one is not None and one.name and one.version:
            return package_url(type, one.name, one.version)
    return None
