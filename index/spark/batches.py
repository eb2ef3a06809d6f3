"""Rows that a task makes, as the Arrow batches in which Spark takes them."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from index.origins.stack_rows import ROWS_AT_ONCE

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Schema

_BATCH_BYTES: Final = 8 * 1024 * 1024


def in_batches(rows: Iterable[dict[str, Any]], columns: str) -> "Iterator[RecordBatch]":
    """Yield rows, few enough at a time to be held in memory; `columns` is their schema in Spark's words."""
    from pyarrow import RecordBatch

    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, bytes))
        if len(batch) >= ROWS_AT_ONCE or size >= _BATCH_BYTES:
            yield RecordBatch.from_pylist(batch, _schema(columns))
            batch, size = [], 0
    if batch:
        yield RecordBatch.from_pylist(batch, _schema(columns))


@cache
def _schema(columns: str) -> "Schema":
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "binary": pyarrow.binary(),
        "int": pyarrow.int32(),
        "bigint": pyarrow.int64(),
        "array<string>": pyarrow.list_(pyarrow.string()),
    }
    named = (column.split() for column in columns.split(","))
    return pyarrow.schema([(name, types[kind]) for name, kind in named])
