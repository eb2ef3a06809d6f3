"""Log lines on stderr, for people or one JSON object each; of an error its kind and place, never its message.

The message of an error may hold what it stumbled over, and that may be code.
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from attrib.config import LogFormat

FIELDS = "fields"
"""The name under which a line's own fields are given: `log.info("…", extra={FIELDS: {…}})`."""


OURS = ("attrib", "generator", "index", "web")


def configure(form: LogFormat) -> None:
    """Write log lines to stderr in one form: all of our own, others' from warnings on, and what a thread died of."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)
    threading.excepthook = _thread_died


def places(error: BaseException) -> list[str]:
    """Return the place of every frame an error went through, the innermost last, without the text of its line."""
    return [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


class JsonLines(logging.Formatter):
    """One JSON object a line, in ASCII: time, level, logger, message, then the line's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info and record.exc_info[1]:
            line |= {"error": type(record.exc_info[1]).__name__, "at": places(record.exc_info[1])}
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """A line for people, its own fields behind it as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items() if value is not None)
        line = f"{_moment(record)} {record.levelname.lower()} {_one_line(record.getMessage())}{fields}"
        if record.exc_info and record.exc_info[1]:
            return f"{line} error={type(record.exc_info[1]).__name__} at={places(record.exc_info[1])}"
        return line


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    given: Mapping[str, Any] = getattr(record, FIELDS, {})
    return given


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _thread_died(died: threading.ExceptHookArgs) -> None:
    name = died.thread.name if died.thread else "?"
    where = None if died.exc_value is None else (died.exc_type, died.exc_value, died.exc_traceback)
    logging.getLogger(__name__).error("the thread %s ended with an error", name, exc_info=where)
