"""How much may be asked at once: the size of a body, and how many long requests a process works at."""

from collections.abc import Callable
from threading import BoundedSemaphore

from flask import Flask, Response, current_app

from attrib.config import Config
from web.errors import Problem

BYTES_OF_ONE = 6
"""Most bytes that JSON takes for one byte of code: a control character written as an escape."""

BESIDES_CODE = 256 * 1024
"""Bytes that a request may have besides its code: names, other fields, boundaries."""

_SLOTS = "attrib-long-requests"


def largest_body(config: Config) -> int:
    """Return the most bytes that one request may have, or one line of a batch."""
    return BYTES_OF_ONE * config.max_code_bytes + BESIDES_CODE


def register(app: Flask, config: Config) -> None:
    """Bound the bodies and the long requests of an application."""
    app.config.update(
        MAX_CONTENT_LENGTH=largest_body(config), MAX_FORM_MEMORY_SIZE=largest_body(config), MAX_FORM_PARTS=64
    )
    app.extensions[_SLOTS] = BoundedSemaphore(config.max_long_requests)


def in_a_slot(do: Callable[[], Response]) -> Response:
    """Do something long, if there is room for it, and keep the room until its answer has left.

    So a few long requests leave threads for everything that is quick. Raises Problem `too-busy`.
    """
    slots: BoundedSemaphore = current_app.extensions[_SLOTS]
    if not slots.acquire(blocking=False):
        raise Problem("too-busy", "This process works at as many long requests as it may.", retry_after=1)
    try:
        response = do()
    except BaseException:
        slots.release()
        raise
    response.call_on_close(slots.release)
    return response
