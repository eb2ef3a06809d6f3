"""Spark as one command needs it: the session it runs in, and its errors in a sentence."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from index.errors import SparkFailed
from index.origins.stack_rows import ROWS_AT_ONCE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

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
        if not asked.contains("spark.master"):
            for setting, value in _HERE.items():
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
def _told() -> Iterator[None]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        if "JAVA_GATEWAY_EXITED" in str(error):
            raise SparkFailed("Spark does not start: it needs Java 17 or newer on the PATH or in JAVA_HOME.") from error
        raise SparkFailed(f"Spark could not do it: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """Return the one line of Spark's message that says what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # Of what a task of ours raised, Spark passes Python's traceback on, whose last line is the error.
    raised = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
    if raised:
        after = [line for line in lines[raised[-1] :] if ": " in line and not line.startswith(("File ", "at "))]
        if after:
            return after[0]
    return lines[0] if lines else type(error).__name__
