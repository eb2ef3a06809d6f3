"""Server-sent events (HTML Living Standard, section 9.2): one event a piece, and an error where the stream breaks."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Response, stream_with_context

from web.errors import Problem, log_unexpected, problem_of

log = logging.getLogger(__name__)

Event = tuple[str | None, Mapping[str, Any] | str]


def event_stream(events: Iterator[Event], failed: Callable[[Problem], Event]) -> Response:
    """Return events as a response; the first one is waited for, so that what fails at once has its own status.

    An event is its name (None for none) and its data. `failed` is the last event of a stream that breaks.
    """
    first = next(events, None)

    def sent() -> Iterator[str]:
        try:
            if first is not None:
                yield _written(first)
            for event in events:
                yield _written(event)
        except Exception as error:
            problem = problem_of(error)
            if problem.kind == "internal":
                log_unexpected(error)
            yield _written(failed(problem))
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()

    response = Response(stream_with_context(sent()), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    # nginx would gather the events.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _written(event: Event) -> str:
    name, data = event
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    # JSON has no line ends of its own, and a lone surrogate has no UTF-8.
    safe = text.encode("utf-8", "backslashreplace").decode()
    return f"event: {name}\ndata: {safe}\n\n" if name else f"data: {safe}\n\n"
