"""Reference code from a git repository, at one revision."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from packageurl import PackageURL

from index.origins.base import SourcePackage
from index.origins.fetching import shown
from index.origins.git_objects import GitObjects
from index.origins.metadata import PACKAGE_JSON, PKG_INFO, PYPROJECT, stated_in, together
from index.origins.naming import checked_purl, given_license
from index.origins.tree import survey

_READ = (PYPROJECT, PKG_INFO, PACKAGE_JSON)
# Hosts that package URLs have a type of their own for (purl specification, "PURL types").
_TYPES = {"github.com": "github", "bitbucket.org": "bitbucket"}
_SSH_FORM = re.compile(r"(?P<host>(?:[\w.-]+@)?[\w.-]+):(?P<path>(?!//).+)")


class GitOrigin:
    """A repository at a revision, HEAD where none is given, as one source.

    `purl` defaults to `pkg:github/owner/name@commit` where the address says so, else `pkg:generic/name@commit` with the
    address in `vcs_url`, but never the path of a folder on this machine.
    """

    fetches: ClassVar[bool] = True

    def __init__(
        self, address: str, revision: str | None = None, purl: str | None = None, license: str | None = None
    ) -> None:
        self._address = address
        self._revision = revision
        self._purl = purl
        self._license = license

    @property
    def name(self) -> str:
        """The address as it was given, without a password."""
        address = shown(self._address) if "://" in self._address else self._address
        return f"git+{address}" if self._revision is None else f"git+{address}@{self._revision}"

    def packages(self) -> Iterator[SourcePackage]:
        """Yield the repository as one package.

        Raises UnreadableOrigin where there is no git, no such repository or revision, or the purl is none.
        """
        objects = GitObjects(self._address, self._revision)
        tree = survey(objects.members, self.name, one_top=False)
        stated = together(stated_in(name, tree.metadata[name]) for name in _READ if name in tree.metadata)
        web = shown(self._address) if self._address.startswith(("https://", "http://")) else None
        yield SourcePackage(
            purl=checked_purl(self._purl or _identity(self._address, objects.commit)),
            url=web or stated.url,
            declared=(*given_license(self._license), *stated.declared),
            authors=stated.authors,
            legal=tree.legal,
            files=tree.files,
            released=objects.committed(),
        )


def split_revision(address: str) -> tuple[str, str | None]:
    """Return address and revision of `address[@revision]`; the @ of a user before the host is no revision's."""
    if Path(address).is_dir():
        return address, None
    found = _SSH_FORM.fullmatch(address)
    if "://" in address:
        scheme, _, rest = address.partition("://")
        host, slash, path = rest.partition("/")
        path, _, revision = path.rpartition("@") if "@" in path else (path, "", "")
        return f"{scheme}://{host}{slash}{path}", revision or None
    if found is not None:
        path, _, revision = found["path"].rpartition("@") if "@" in found["path"] else (found["path"], "", "")
        return f"{found['host']}:{path}", revision or None
    path, _, revision = address.rpartition("@") if "@" in address else (address, "", "")
    return path, revision or None


def _identity(address: str, commit: str) -> str:
    host, path = _place(address)
    *owner, name = [part for part in path.removesuffix("/").removesuffix(".git").split("/") if part] or ["repository"]
    if host in _TYPES and len(owner) == 1:
        return PackageURL(type=_TYPES[host], namespace=owner[0], name=name, version=commit).to_string()
    qualifiers = {"vcs_url": f"git+{shown(address)}@{commit}"} if host and "://" in address else None
    return PackageURL(type="generic", name=name, version=commit, qualifiers=qualifiers).to_string()


def _place(address: str) -> tuple[str | None, str]:
    """Return host and path of a repository; no host where it lies on this machine."""
    if "://" in address:
        parts = urlsplit(address)
        return (parts.hostname if parts.scheme != "file" else None), parts.path
    found = None if Path(address).is_dir() else _SSH_FORM.fullmatch(address)
    if found is not None:
        return found["host"].rpartition("@")[2].lower(), found["path"]
    return None, str(Path(address).resolve())
