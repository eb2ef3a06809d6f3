"""Reference code from a folder: a checkout, an unpacked archive, a tree of one's own."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

from packageurl import PackageURL

from index.errors import UnreadableOrigin
from index.languages import HEAD, language_of, language_of_file
from index.origins.base import LegalFile, SkippedFile, SourceFile, SourcePackage
from index.origins.legal import LARGEST_LEGAL_FILE, legal_file, tree_legal_kind
from index.origins.metadata import PACKAGE_JSON, PKG_INFO, PYPROJECT, Stated, stated_in, together
from index.origins.naming import checked_purl, given_license
from index.origins.reuse import LARGEST_STATEMENT, reuse_statements, states_licenses

_PASSED_OVER = {
    ".git": "version control",
    ".hg": "version control",
    ".svn": "version control",
    "node_modules": "other packages' code",
    "__pycache__": "compiled code",
    ".venv": "a virtual environment",
    "venv": "a virtual environment",
    ".tox": "a virtual environment",
    ".nox": "a virtual environment",
    ".mypy_cache": "a cache",
    ".pytest_cache": "a cache",
    ".ruff_cache": "a cache",
}


class FolderOrigin:
    """One folder as one source; symbolic links are never followed, so nothing outside it is read.

    `purl` defaults to `pkg:generic/<folder name>`; `license` is what the person says the licence is.
    """

    fetches: ClassVar[bool] = False

    def __init__(self, path: str | Path, purl: str | None = None, license: str | None = None) -> None:
        self._root = Path(path)
        self._purl = purl
        self._license = license

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self._root)

    def packages(self) -> Iterator[SourcePackage]:
        """Yield the folder as one package.

        Raises UnreadableOrigin where the folder is not there, is none, or cannot be listed, or the purl is none.
        """
        root = self._root
        if not root.exists():
            raise UnreadableOrigin(f"There is no folder {root}: check the path.")
        if not root.is_dir():
            raise UnreadableOrigin(f"{root} is a file, not a folder: name the folder that holds the code.")
        try:
            root = root.resolve()
            os.listdir(root)
        except OSError as error:
            raise UnreadableOrigin(
                f"The folder {root} cannot be read ({error.strerror}): give yourself permission to read it."
            ) from error
        purl = checked_purl(self._purl or PackageURL(type="generic", name=root.name or "root").to_string())
        stated = _metadata(root)
        yield SourcePackage(
            purl=purl,
            url=stated.url,
            declared=(*given_license(self._license), *stated.declared),
            authors=stated.authors,
            legal=tuple(_legal(root)),
            files=lambda: _files(root),
        )


def _walk(root: Path) -> Iterator[tuple[str, os.DirEntry[str] | None, str | None]]:
    """Yield (relative path, entry, reason it is passed over), depth first, in the order of names."""
    pending = [("", root)]
    while pending:
        prefix, folder = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield prefix.rstrip("/"), None, f"cannot be listed ({error.strerror})"
            continue
        below = []
        for entry in entries:
            path = prefix + entry.name
            if not _is_utf8(path):
                yield path.encode("utf-8", "replace").decode(), None, "its name is not UTF-8"
            elif entry.is_symlink():
                yield path, None, "a symbolic link"
            elif entry.is_dir(follow_symlinks=False):
                reason = _PASSED_OVER.get(entry.name)
                if reason is None:
                    below.append((path + "/", Path(entry.path)))
                else:
                    yield path, None, reason
            elif entry.is_file(follow_symlinks=False):
                yield path, entry, None
            elif language_of(path) is not None:
                yield path, None, "no regular file"
        pending.extend(reversed(below))


def _is_utf8(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _files(root: Path) -> Iterator[SourceFile | SkippedFile]:
    reuse = reuse_statements(dict(_statements(root)))
    for path, entry, reason in _walk(root):
        if reason is not None:
            yield SkippedFile(path, reason)
        elif entry is not None:
            place = Path(entry.path)
            try:
                if language_of_file(path, partial(_read, place, HEAD)) is None:
                    continue
                size = entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                yield SkippedFile(path, "vanished while the folder was read")
            except OSError as error:
                yield SkippedFile(path, f"cannot be read: {error.strerror or error}")
            else:
                yield SourceFile(path=path, size=size, read=_Reader(place), declared=reuse.of(path))


class _Reader:
    """Reads one file's bytes; a link or device put in its place since is refused."""

    __slots__ = ("_place",)

    def __init__(self, place: Path) -> None:
        self._place = place

    def __call__(self) -> bytes:
        return _read(self._place)


def _read(place: Path, most: int = -1) -> bytes:
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{place} is no regular file any more")
        return file.read(most)


def _legal(root: Path) -> Iterator[LegalFile]:
    for path, entry, _ in _walk(root):
        if entry is None:
            continue
        kind = tree_legal_kind(path)
        if kind is None:
            continue
        try:
            if entry.stat(follow_symlinks=False).st_size <= LARGEST_LEGAL_FILE:
                yield legal_file(path, kind, _read(Path(entry.path)))
        except OSError:
            continue


def _statements(root: Path) -> Iterator[tuple[str, str]]:
    for path, entry, _ in _walk(root):
        if entry is None or not states_licenses(path):
            continue
        try:
            if entry.stat(follow_symlinks=False).st_size <= LARGEST_STATEMENT:
                yield path, _read(Path(entry.path)).decode("utf-8", "replace")
        except OSError:
            continue


def _metadata(root: Path) -> Stated:
    return together(
        stated_in(name, text) for name in (PYPROJECT, PKG_INFO, PACKAGE_JSON) if (text := _text(root, name)) is not None
    )


def _text(root: Path, name: str) -> str | None:
    try:
        return _read(root / name).decode("utf-8", "replace")
    except OSError:
        return None
