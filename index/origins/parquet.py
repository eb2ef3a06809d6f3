"""Reference code from Parquet files of code rows: every repository in them is a source of its own."""

import glob
import sqlite3
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

import zstandard
from packageurl import PackageURL

from index.errors import UnreadableOrigin
from index.languages import LARGEST_FILE, language_of
from index.origins.base import DeclaredLicense, LegalFile, SkippedFile, SourceFile, SourcePackage
from index.origins.legal import LARGEST_LEGAL_FILE, legal_file, tree_legal_kind
from index.origins.stack_rows import Row, rows_of

WHERE = "licences in the row"
UNSTATED = "none stated"


class ParquetOrigin:
    """The repositories of some Parquet files taken together, in the order of their names.

    Rows of one repository may lie anywhere in the files. They are brought together in a temporary file on disk, about
    as large as the files themselves; in memory there is one file's content and one repository's list at a time.
    """

    fetches: ClassVar[bool] = False

    def __init__(self, places: Sequence[str]) -> None:
        """`places` are paths, in which `*` may stand for several."""
        self._places = tuple(places)

    @property
    def name(self) -> str:
        """The paths as they were given."""
        return " ".join(self._places)

    def packages(self) -> Iterator[SourcePackage]:
        """Yield one package per repository.

        Raises UnreadableOrigin where a path is not there or a file cannot be read, before any package is yielded.
        """
        gathered = _Gathered()
        for place in self._files():
            for row in rows_of(place):
                gathered.add(row)
        for repository in gathered.repositories():
            yield _package(repository, gathered)

    def _files(self) -> Iterator[Path]:
        for place in self._places:
            found = [place] if Path(place).is_file() else sorted(glob.glob(place, recursive=True))
            if not found:
                raise UnreadableOrigin(f"{place}: there is no such file: check the path.")
            yield from map(Path, found)


class _Gathered:
    """The rows brought together by repository, in a file without a name that goes when nobody holds this any more."""

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
        """Take in a row that is code or a legal file; of two with one repository and path the first stays."""
        if language_of(row.path) is None and tree_legal_kind(row.path) is None:
            return
        size = len(row.content)
        content = zstandard.compress(row.content, 1) if size <= LARGEST_LEGAL_FILE else b""
        self._rows.execute(
            "INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?)",
            (_utf8(row.repository), _utf8(row.path), "\n".join(map(_utf8, row.licenses)), size, content),
        )

    def repositories(self) -> Iterator[str]:
        """Yield the names of the repositories in order."""
        for (repository,) in self._rows.execute("SELECT DISTINCT repository FROM rows ORDER BY repository"):
            yield repository

    def licenses(self, repository: str) -> Counter[str]:
        """Count what the rows of a repository state, one licence a line."""
        query = "SELECT licenses, count(*) FROM rows WHERE repository = ? GROUP BY licenses ORDER BY licenses"
        return Counter(dict(self._rows.execute(query, (repository,))))

    def rows(self, repository: str) -> Iterator[tuple[str, str, int, int]]:
        """Yield path, licences, size and key of a repository's rows in the order of paths."""
        query = "SELECT path, licenses, size, rowid FROM rows WHERE repository = ? ORDER BY path"
        yield from self._rows.execute(query, (repository,))

    def content(self, key: int) -> bytes:
        """Return the content of a row."""
        (packed,) = self._rows.execute("SELECT content FROM rows WHERE rowid = ?", (key,)).fetchone()
        return zstandard.decompress(packed)


def _end(rows: sqlite3.Connection, folder: "tempfile.TemporaryDirectory[str]") -> None:
    rows.close()
    folder.cleanup()


def _package(repository: str, gathered: _Gathered) -> SourcePackage:
    return SourcePackage(
        purl=_purl(repository),
        url=None,
        declared=_declared(_usual(gathered.licenses(repository))),
        authors=(),
        legal=tuple(_legal(repository, gathered)),
        files=lambda: _files(repository, gathered),
    )


def _usual(licenses: Counter[str]) -> str:
    """Return what most rows that state anything state; the others are judged each by its own row."""
    stated = [(count, said) for said, count in licenses.items() if said]
    return max(stated, default=(0, ""))[1]


def _declared(licenses: str) -> tuple[DeclaredLicense, ...]:
    """Several licences in a row were all found in the repository, so all of them hold."""
    if not licenses:
        return ()
    return (DeclaredLicense(WHERE, " AND ".join(f"({one})" if " " in one else one for one in licenses.split("\n"))),)


def _legal(repository: str, gathered: _Gathered) -> Iterator[LegalFile]:
    for path, _, size, key in gathered.rows(repository):
        kind = tree_legal_kind(path)
        if kind is not None and size <= LARGEST_LEGAL_FILE:
            yield legal_file(path, kind, gathered.content(key))


def _files(repository: str, gathered: _Gathered) -> Iterator[SourceFile | SkippedFile]:
    for path, licenses, size, key in gathered.rows(repository):
        if language_of(path) is None:
            continue
        if size > LARGEST_FILE:
            yield SkippedFile(path, f"larger than {LARGEST_FILE // 1024**2} MB")
        else:
            declared = _declared(licenses) or (DeclaredLicense(WHERE, UNSTATED),)
            yield SourceFile(path, size, partial(gathered.content, key), declared)


def _purl(repository: str) -> str:
    owner, _, name = repository.rpartition("/")
    if owner and "/" not in owner:
        return PackageURL(type="github", namespace=owner, name=name).to_string()
    return PackageURL(type="generic", name=repository or "unnamed").to_string()


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
