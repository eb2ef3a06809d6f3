"""Rows of a code data set in Parquet files, shaped as The Stack's: which columns say what."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UnreadableOrigin

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one form of the data set; `license_field` is what evidence calls the licences."""

    form: str
    content: str
    repository: str
    path: str
    licenses: str

    def read_from(self, names: Sequence[str]) -> list[str]:
        """Return the columns to read of a table that has those of these names."""
        extra = [name for name in ("src_encoding", "license_type") if name in names]
        return [self.content, self.repository, self.path, self.licenses, *extra]


# The first whose columns are all there is taken.
FORMS = (
    Columns("The Stack v1", "content", "max_stars_repo_name", "max_stars_repo_path", "max_stars_repo_licenses"),
    Columns("The Stack v2", "content", "repo_name", "path", "detected_licenses"),
    Columns("The Stack Smol", "content", "repository_name", "path", "licenses"),
    Columns("a table of code", "content", "repo_name", "path", "license"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One file of a repository; `licenses` are those stated for it, in the row's order."""

    repository: str
    path: str
    licenses: tuple[str, ...]
    content: bytes


def rows_of(place: Path) -> Iterator[Row]:
    """Yield the rows of one Parquet file, a few hundred at a time in memory.

    Raises UnreadableOrigin where the file is damaged, is of no known form, or pyarrow is not installed.
    """
    with _opened(place) as file:
        names = file.schema_arrow.names
        columns = form_of(names, str(place))
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns.read_from(names)):
            for row in batch.to_pylist():
                found = row_of(row, columns)
                if found is not None:
                    yield found


def count_rows(place: Path) -> int:
    """Return how many rows one Parquet file has; raises UnreadableOrigin as `rows_of`."""
    with _opened(place) as file:
        form_of(file.schema_arrow.names, str(place))
        return int(file.metadata.num_rows)


@contextmanager
def _opened(place: Path) -> "Iterator[ParquetFile]":
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError as error:
        raise UnreadableOrigin(
            f"{place}: reading Parquet files needs pyarrow: pip install 'attrib[parquet]'."
        ) from error
    try:
        with ParquetFile(place) as file:
            yield file
    except (ArrowException, OSError) as error:
        said = " ".join(str(error).split())
        raise UnreadableOrigin(f"{place} is no Parquet file that can be read, or is damaged ({said}).") from error


def form_of(columns: Iterable[str], place: str) -> Columns:
    """Return the form of a table with these columns; raises UnreadableOrigin where it is none that is known."""
    names = set(columns)
    for form in FORMS:
        if {form.content, form.repository, form.path, form.licenses} <= names:
            return form
    if {"blob_id", "repo_name", "path"} <= names:
        raise UnreadableOrigin(
            f"{place} has no column `content`: The Stack v2 names only where each file lies, so add the content first."
        )
    expected = "; ".join(f"{one.content}, {one.repository}, {one.path}, {one.licenses}" for one in FORMS)
    raise UnreadableOrigin(f"{place} has none of the sets of columns that are read: {expected}.")


def row_of(row: Mapping[str, Any], columns: Columns) -> Row | None:
    """Return one row of a table; None where it lacks what makes it a file of a repository."""
    repository, path, content = row[columns.repository], row[columns.path], row[columns.content]
    if not isinstance(repository, str) or not isinstance(path, str) or content is None:
        return None
    if isinstance(content, str):
        content = _bytes(content, row.get("src_encoding"))
    licenses = () if row.get("license_type") == "no_license" else _licenses(row[columns.licenses])
    return Row(repository.strip("/"), path.lstrip("/"), licenses, content)


def _bytes(content: str, encoding: Any) -> bytes:
    """Return a text's bytes in the encoding it had, so that its SWHID is that of the file."""
    try:
        return content.encode(encoding if isinstance(encoding, str) and encoding else "utf-8")
    except (LookupError, UnicodeEncodeError):
        return content.encode("utf-8", "replace")


def _licenses(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        try:
            # Some copies of the data set keep the list as JSON.
            value = json.loads(value) if value.startswith("[") else [value]
        except ValueError:
            value = [value]
    found = [one.strip() for one in value or () if isinstance(one, str) and one.strip()]
    return tuple(dict.fromkeys(found))
