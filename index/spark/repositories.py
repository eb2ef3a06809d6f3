"""Rows of code data sets as Spark reads them, brought together so that each repository lies in one task."""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Final

from index.errors import UnreadableOrigin
from index.origins.gathered_rows import GatheredRows, utf8, wanted
from index.origins.stack_rows import Columns, Row, form_of, row_of
from index.spark.batches import in_batches
from index.spark.session import reason_of

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql import DataFrame, SparkSession

_ROW: Final = (
    "repository string, path string, licenses array<string>, content binary, place int, file string, number bigint"
)


def rows_by_repository(spark: "SparkSession", places: Sequence[str]) -> "DataFrame":
    """Return the rows of Parquet files that are code or legal files, those of one repository in one partition.

    `places` are addresses of any kind that Spark reads, in which `*` may stand for several; the files of one place are
    of one form. Rows stand in the order of places, files and rows. Raises UnreadableOrigin.
    """
    read = [_rows_of(spark, number, place) for number, place in enumerate(places)]
    together = reduce(lambda one, other: one.unionByName(other), read)
    # Rows are packed small in the files: what is read at a time is too much for one task to judge.
    tasks = max(2 * together.rdd.getNumPartitions(), spark.sparkContext.defaultParallelism)
    return together.repartition(tasks, "repository").sortWithinPartitions("place", "file", "number")


def gathered(batches: "Iterator[RecordBatch]") -> GatheredRows:
    """Bring the rows of one partition together as packages; runs in a task."""
    rows = GatheredRows()
    for batch in batches:
        for row in batch.to_pylist():
            rows.add(Row(row["repository"], row["path"], tuple(row["licenses"]), row["content"]))
    return rows


def _rows_of(spark: "SparkSession", number: int, place: str) -> "DataFrame":
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql.functions import col, lit

    try:
        table = spark.read.parquet(place)
        names = table.columns
    except (PySparkException, Py4JError) as error:
        raise UnreadableOrigin(f"{place}: there is no such file, or none of Parquet ({reason_of(error)}).") from error
    columns = form_of(names, place)
    where = [lit(number).alias("place"), col("_metadata.file_path").alias("file")]
    selected = table.select(
        *(col(f"`{name}`") for name in columns.read_from(names)), *where, col("_metadata.row_index").alias("number")
    )
    return selected.mapInArrow(lambda batches: _read(batches, columns), _ROW)


def _read(batches: "Iterator[RecordBatch]", columns: Columns) -> "Iterator[RecordBatch]":
    return in_batches(_rows(batches, columns), _ROW)


def _rows(batches: "Iterator[RecordBatch]", columns: Columns) -> Iterator[dict[str, object]]:
    for batch in batches:
        for told in batch.to_pylist():
            row = row_of(told, columns)
            if row is not None and wanted(row.path):
                yield {
                    "repository": utf8(row.repository),
                    "path": utf8(row.path),
                    "licenses": [utf8(one) for one in row.licenses],
                    "content": row.content,
                    **{name: told[name] for name in ("place", "file", "number")},
                }
