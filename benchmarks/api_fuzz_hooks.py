"""What schemathesis has to be told of this API: how lines of JSON are sent, and names of what is there.

Only requests that are meant to be right are changed, so that those that are meant to be wrong stay so.
"""

import io
import json
import uuid
import zipfile
from typing import Any

import schemathesis
from schemathesis import GenerationMode

from benchmarks.api_fuzz import SOURCE

MOST_MESSAGES = 20
HELD = {
    "purl": "pkg:pypi/upward@2.1.0",
    "expression": "GPL-2.0-only WITH Classpath-exception-2.0 OR MIT",
    "name": "embedded",
    "number": "0",
}
"""What is there, for the parameters of addresses; half of the requests keep what was made up."""


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    """Send a text as it is, and anything else as a line of JSON."""
    return value.encode(errors="replace") if isinstance(value, str) else json.dumps(value).encode()


def _archive() -> bytes:
    """Return an archive of one file: what is in one is for its reader to judge, and none of a schema's business."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("walk.py", SOURCE)
    return packed.getvalue()


_stored: list[str] = []


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Remember the newest record of a check that has a match, for the routes that show records."""
    if case.operation.label == "POST /api/v1/check" and case.method == "POST" and response.status_code == 200:
        answer = response.json()
        _stored[:] = [answer["id"]] if answer["matches"] else _stored


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Name what is there, and give each request an Idempotency-Key of its own."""
    if case.meta is not None and case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
    if isinstance(case.body, dict) and "model" in case.body:
        case.body["model"] = HELD["name"]
    if isinstance(case.body, dict) and isinstance(case.body.get("messages"), list):
        # How long a conversation may be is for the model to say, and the embedded one has room for little.
        case.body["messages"] = case.body["messages"][:MOST_MESSAGES]
    if isinstance(case.body, dict) and "code" in case.body and uuid.uuid4().int % 4 == 0:
        case.body["code"] = SOURCE
    if case.operation.label == "POST /api/v1/audits" and isinstance(case.body, dict):
        case.body["archive"] = _archive()
    days = sorted(case.query[name] for name in ("since", "until") if name in (case.query or ()))
    if len(days) == 2:
        case.query["since"], case.query["until"] = days
    held = HELD | dict(zip(("id",), _stored, strict=False))
    for name in case.path_parameters or ():
        of_an_audit = name == "id" and "/audits/" in case.operation.label
        if name in held and not of_an_audit and uuid.uuid4().int % 2:
            case.path_parameters[name] = held[name]
