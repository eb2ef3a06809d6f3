"""The whole catalogue as one compressed text, the same whatever database it comes from and goes to.

zstd over lines of JSON: first the format, revision and parameters; then, for each table, its name and columns, and its
rows as lists. Instants and days are ISO 8601, bytes base64.
"""

import base64
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import zstandard
from sqlalchemy import Column, Connection, Date, DateTime, LargeBinary, Table, insert, select

from index.errors import UnusablePublication
from index.tables import CatalogBase, CatalogState

FORMAT: Final = 1
_ROWS_AT_ONCE: Final = 2000
_TABLES: Final = tuple(
    table for table in CatalogBase.metadata.sorted_tables if table.name != CatalogState.__tablename__
)
# A database without time zones gives instants without one; they are UTC, as they were when they went in.
_READERS: Final[tuple[tuple[type, Callable[[str], Any]], ...]] = (
    (DateTime, datetime.fromisoformat),
    (Date, date.fromisoformat),
    (LargeBinary, base64.b64decode),
)


def write_catalogue(connection: Connection, revision: int, parameters: dict[str, int], target: Path) -> None:
    """Write all rows that a connection sees to a new file; they are of one revision if its transaction is."""
    with target.open("xb") as file, zstandard.ZstdCompressor(level=6).stream_writer(file, closefd=False) as packed:
        for line in _lines(connection, revision, parameters):
            packed.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def read_catalogue(connection: Connection, source: Path) -> None:
    """Put the rows of a file in the place of all rows there are; raises UnusablePublication where it is none."""
    for table in reversed(_TABLES):
        connection.execute(table.delete())
    try:
        with source.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as unpacked:
            _insert(connection, io.TextIOWrapper(unpacked, "utf-8"))
    except (ValueError, KeyError, TypeError, zstandard.ZstdError) as error:
        raise UnusablePublication(
            f"the catalogue {source.name} cannot be read ({type(error).__name__}): publish the index again."
        ) from error


def _lines(connection: Connection, revision: int, parameters: dict[str, int]) -> Iterator[Any]:
    yield {"format": FORMAT, "revision": revision, "parameters": parameters}
    for table in _TABLES:
        yield {"table": table.name, "columns": [column.name for column in table.columns]}
        # By its key, so that the same catalogue is the same file.
        for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
            yield [_plain(value) for value in row]


def _insert(connection: Connection, lines: io.TextIOWrapper) -> None:
    if json.loads(next(lines, "{}")).get("format") != FORMAT:
        raise ValueError("another format")
    table: Table | None = None
    columns: list[tuple[str, Callable[[Any], Any]]] = []
    rows: list[dict[str, Any]] = []
    for line in lines:
        told = json.loads(line)
        if isinstance(told, dict) or len(rows) >= _ROWS_AT_ONCE:
            _flush(connection, table, rows)
            rows = []
        if isinstance(told, dict):
            table = CatalogBase.metadata.tables[told["table"]]
            columns = [(name, _reader(table.columns[name])) for name in told["columns"]]
        else:
            rows.append({name: read(value) for (name, read), value in zip(columns, told, strict=True)})
    _flush(connection, table, rows)


def _flush(connection: Connection, table: Table | None, rows: list[dict[str, Any]]) -> None:
    if table is not None and rows:
        connection.execute(insert(table), rows)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def _reader(column: "Column[Any]") -> Callable[[Any], Any]:
    for kind, read in _READERS:
        if isinstance(column.type, kind):
            return lambda value: None if value is None else read(value)
    return lambda value: value
