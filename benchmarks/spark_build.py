"""An index built on Spark, on this machine, beside the local build of the same rows: time, size, and every answer.

usage: python -m benchmarks.spark_build [PACKAGE...]      installed packages; all of them where none is named
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from attrib.database import open_database
from attrib.ingest import ingest
from attrib.policy import Policy
from attrib.spark_ingest import ingest_on_spark
from benchmarks.code_rows import installed_rows, write_rows
from benchmarks.same_index import catalogued, held_texts, queries_of
from index.origins.parquet import ParquetOrigin
from index.reference_index import ReferenceIndex
from index.spark.session import spark_session

WARMING = [("def f(a):\n" + "    a = a + 1\n" * 40, "o/warm", "a.py", ["MIT"])]


def main(names: list[str]) -> None:
    """Build, compare, print."""
    with TemporaryDirectory() as folder, spark_session("benchmark") as spark:
        here = Path(folder)
        rows = installed_rows(names or None)
        place = write_rows(here / "rows.parquet", rows)
        size = sum(len(row[0].encode()) for row in rows)
        cores = spark.sparkContext.defaultParallelism
        print(f"{len(rows):,} rows, {size / 1e6:.1f} MB; Spark {spark.version} on {cores} cores of this machine")
        # Java, Python's workers and compiled code are there before anything is timed, for both.
        warming = write_rows(here / "warming.parquet", WARMING)
        ingest(_index(here, "warm-local"), [ParquetOrigin([warming])], Policy())
        ingest_on_spark(_index(here, "warm-spark"), [warming], Policy())
        local, built = _index(here, "local"), _index(here, "spark")
        begun = time.perf_counter()
        ingest(local, [ParquetOrigin([place])], Policy())
        between = time.perf_counter()
        ingest_on_spark(built, [place], Policy())
        ended = time.perf_counter()
        print(f"{'':8}{'seconds':>9}{'MB/s':>7}{'sources':>9}{'files':>8}{'lexemes':>12}{'segments':>10}{'MB':>8}")
        for name, index, seconds in (("local", local, between - begun), ("Spark", built, ended - between)):
            has = index.totals()
            print(
                f"{name:8}{seconds:>9.1f}{size / 1e6 / seconds:>7.2f}{has.sources:>9,}{has.files:>8,}"
                f"{has.lexemes:>12,}{has.segments:>10}{has.segment_bytes / 1e6:>8.1f}"
            )
        told = catalogued(open_database(_url(here, "local"))) == catalogued(open_database(_url(here, "spark")))
        print(f"catalogues {'equal' if told else 'DIFFER'}")
        asked = differing = 0
        for text in held_texts(local).values():
            for query in queries_of(text):
                asked += 1
                differing += built.search(query) != local.search(query)
        print(f"{asked:,} searches, {differing} answered otherwise")
        if differing or not told:
            sys.exit(1)


def _url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"


def _index(folder: Path, name: str) -> ReferenceIndex:
    return ReferenceIndex(folder / name, open_database(_url(folder, name)))


if __name__ == "__main__":
    main(sys.argv[1:])
