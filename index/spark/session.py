"""Spark as one command needs it: the session it runs in, and its errors in a sentence."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from index.errors import SparkFailed
from index.origins.stack_rows import ROWS_AT_ONCE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_RAISED: Final = re.compile(r"[A-Za-z_][\w.]*: ")
_QUIET: Final = {"spark.ui.showConsoleProgress": "false"}
_HERE: Final = {
    "spark.master": "local[*]",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
}
"""Where Spark's own settings name no cluster, it runs in this machine's processes, and listens to nobody else."""
_BATCHES: Final = {
    # A row may be megabytes long.
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS_AT_ONCE),
    "spark.sql.parquet.columnarReaderBatchSize": str(ROWS_AT_ONCE),
}


@contextmanager
def spark_session(name: str) -> "Iterator[SparkSession]":
    """Give the session that Spark's own settings ask for, else one on this machine, stopped when the block ends.

    Raises SparkFailed where pyspark or Java is not there, or what was asked of Spark failed.
    """
    try:
        from pyspark import SparkConf
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise SparkFailed("--spark needs pyspark: pip install 'attrib[spark]', and Java 17 or newer.") from error
    # Workers have to be of the Python and the code that plan for them.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    code = str(Path(__file__).parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (code, os.environ.get("PYTHONPATH"))))
    running = SparkSession.getActiveSession()
    with _told():
        builder = SparkSession.builder.appName(name)
        asked = SparkConf()
        wanted = _QUIET if asked.contains("spark.master") else _QUIET | _HERE
        for setting, value in wanted.items():
            if not asked.contains(setting):
                builder = builder.config(setting, value)
        spark = builder.getOrCreate()
        for setting, value in _BATCHES.items():
            spark.conf.set(setting, value)
        spark.sparkContext.setLogLevel("OFF")
        try:
            yield spark
        finally:
            if running is None:
                spark.stop()


@contextmanager
def kept(frame: "DataFrame") -> "Iterator[DataFrame]":
    """Keep what a frame holds on Spark's disks from when it is first computed until the block ends."""
    from pyspark import StorageLevel

    frame.persist(StorageLevel.DISK_ONLY)
    try:
        yield frame
    finally:
        frame.unpersist()


@contextmanager
def _told() -> Iterator[None]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        if "JAVA_GATEWAY_EXITED" in str(error):
            raise SparkFailed("Spark does not start: it needs Java 17 or newer on the PATH or in JAVA_HOME.") from error
        raise SparkFailed(f"Spark could not do it: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """Return the one line of Spark's message that says what went wrong: that of the innermost cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    raised = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
    if raised:
        # What a task of ours raised comes with Python's traceback, in which only the last line is not of code.
        causes = [line for line in lines[raised[-1] :] if _RAISED.match(line)][:1] or causes
    return (causes or lines or [type(error).__name__])[-1 if causes else 0]
