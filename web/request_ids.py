"""The id of a request, by which its answer and its log lines are found again."""

import re
import uuid

from flask import g, request

USABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id() -> str:
    """Return the id of the current request: the caller's X-Request-Id where it is usable, else a new one."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if USABLE.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)
