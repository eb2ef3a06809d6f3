"""Code rows brought together by repository, each repository then a package; held on disk, not in memory."""

import sqlite3
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import zstandard
from packageurl import PackageURL

from index.languages import LARGEST_FILE, language_of
from index.origins.base import DeclaredLicense, LegalFile, SkippedFile, SourceFile, SourcePackage
from index.origins.legal import LARGEST_LEGAL_FILE, legal_file, tree_legal_kind
from index.origins.stack_rows import Row

WHERE = "licences in the row"
UNSTATED = "none stated"


class GatheredRows:
    """The rows in a file without a name, about as large as they are, that goes when nobody holds this any more.

    In memory there is one file's content and one repository's list at a time.
    """

    def __init__(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="attrib-rows-")
        # Filled by one thread and read by another, never at once.
        self._rows = sqlite3.connect(Path(folder.name) / "rows", check_same_thread=False)
        self._delete = weakref.finalize(self, _end, self._rows, folder)
        self._rows.executescript(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE rows (repository TEXT, path TEXT, licenses TEXT, size INTEGER, content BLOB);
            CREATE UNIQUE INDEX places ON rows (repository, path);
            """
        )

    def add(self, row: Row) -> None:
        """Take in a row that is wanted; of two with one repository and path the first stays."""
        if not wanted(row.path):
            return
        size = len(row.content)
        content = zstandard.compress(row.content, 1) if size <= LARGEST_LEGAL_FILE else b""
        self._rows.execute(
            "INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?)",
            (utf8(row.repository), utf8(row.path), "\n".join(map(utf8, row.licenses)), size, content),
        )

    def packages(self) -> Iterator[tuple[str, SourcePackage]]:
        """Yield each repository's name and package, in the order of their names."""
        for (repository,) in self._rows.execute("SELECT DISTINCT repository FROM rows ORDER BY repository"):
            yield repository, self._package(repository)

    def _package(self, repository: str) -> SourcePackage:
        return SourcePackage(
            purl=_purl(repository),
            url=None,
            declared=_declared(_usual(self._licenses(repository))),
            authors=(),
            legal=tuple(self._legal(repository)),
            files=partial(self._files, repository),
        )

    def _licenses(self, repository: str) -> Counter[str]:
        """Count what the rows of a repository state, one licence a line."""
        query = "SELECT licenses, count(*) FROM rows WHERE repository = ? GROUP BY licenses ORDER BY licenses"
        return Counter(dict(self._rows.execute(query, (repository,))))

    def _legal(self, repository: str) -> Iterator[LegalFile]:
        for path, _, size, key in self._rows_of(repository):
            kind = tree_legal_kind(path)
            if kind is not None and size <= LARGEST_LEGAL_FILE:
                yield legal_file(path, kind, self._content(key))

    def _files(self, repository: str) -> Iterator[SourceFile | SkippedFile]:
        for path, licenses, size, key in self._rows_of(repository):
            if language_of(path) is None:
                continue
            if size > LARGEST_FILE:
                yield SkippedFile(path, f"larger than {LARGEST_FILE // 1024**2} MB")
            else:
                declared = _declared(licenses) or (DeclaredLicense(WHERE, UNSTATED),)
                yield SourceFile(path, size, partial(self._content, key), declared)

    def _rows_of(self, repository: str) -> Iterator[tuple[str, str, int, int]]:
        """Yield path, licences, size and key of a repository's rows in the order of paths."""
        query = "SELECT path, licenses, size, rowid FROM rows WHERE repository = ? ORDER BY path"
        yield from self._rows.execute(query, (repository,))

    def _content(self, key: int) -> bytes:
        (packed,) = self._rows.execute("SELECT content FROM rows WHERE rowid = ?", (key,)).fetchone()
        return zstandard.decompress(packed)


def wanted(path: str) -> bool:
    """Tell whether a path is that of code or of a legal file."""
    return language_of(path) is not None or tree_legal_kind(path) is not None


def utf8(text: str) -> str:
    """Return a text in which what UTF-8 cannot say is replaced."""
    return text.encode("utf-8", "replace").decode()


def _end(rows: sqlite3.Connection, folder: "tempfile.TemporaryDirectory[str]") -> None:
    rows.close()
    folder.cleanup()


def _usual(licenses: Counter[str]) -> str:
    """Return what most rows that state anything state; the others are judged each by its own row."""
    stated = [(count, said) for said, count in licenses.items() if said]
    return max(stated, default=(0, ""))[1]


def _declared(licenses: str) -> tuple[DeclaredLicense, ...]:
    """Several licences in a row were all found in the repository, so all of them hold."""
    if not licenses:
        return ()
    return (DeclaredLicense(WHERE, " AND ".join(f"({one})" if " " in one else one for one in licenses.split("\n"))),)


def _purl(repository: str) -> str:
    owner, _, name = repository.rpartition("/")
    if owner and "/" not in owner:
        return PackageURL(type="github", namespace=owner, name=name).to_string()
    return PackageURL(type="generic", name=repository or "unnamed").to_string()
