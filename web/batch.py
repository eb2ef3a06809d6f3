"""Many checks in one request: a line of JSON in, a line of JSON out, each answered before the next is read.

Neither the request nor the answer is ever held whole, so that a batch may be longer than memory. A line that is wrong
gets a problem of its own, and the others go on.
"""

import json
from collections.abc import Iterator
from typing import IO

from flask import Response, request, stream_with_context

from web import asking
from web.answers import BatchAnswerJson
from web.current import current_config
from web.errors import Problem, log_unexpected, problem_body, problem_of
from web.limits import largest_body
from web.schemas import BatchCheckRequest

MEDIA_TYPE = "application/x-ndjson"
SKIPPED_AT_ONCE = 64 * 1024


def check_lines() -> Response:
    """Check every line of the request; raises Problem where the request is said to be something else."""
    if request.mimetype != MEDIA_TYPE:
        sent = request.mimetype or "nothing named"
        raise Problem("not-ndjson-type", f"The body must be sent as {MEDIA_TYPE}, not as {sent}.")
    response = Response(stream_with_context(_answers()), mimetype=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    # nginx would gather the lines.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _answers() -> Iterator[str]:
    most, longest = current_config().max_batch_lines, largest_body(current_config())
    taken = 0
    for number, line in enumerate(_lines(longest), start=1):
        if line is not None and not line.strip():
            continue
        taken += 1
        if taken > most:
            detail = f"A batch has at most {most:,} checks here; this line and those after it were not read."
            yield _written(number, None, Problem("too-large", detail))
            return
        yield _answer(number, line, longest)


def _answer(number: int, line: bytes | None, longest: int) -> str:
    named: str | int | None = None
    try:
        if line is None:
            raise Problem("too-large", f"The line is longer than {longest:,} bytes, the most that is read at once.")
        asked = BatchCheckRequest.from_json(line)
        named = asked.id
        answer: BatchAnswerJson = {
            "line": number,
            "id": named,
            "check": asking.check(asked.code.encode(), asked).as_json(),
            "problem": None,
        }
        return _json(answer)
    except Exception as error:
        problem = problem_of(error)
        if problem.kind == "internal":
            log_unexpected(error)
        return _written(number, named, problem)


def _written(number: int, named: str | int | None, problem: Problem) -> str:
    return _json({"line": number, "id": named, "check": None, "problem": problem_body(problem)})


def _json(answer: BatchAnswerJson) -> str:
    return json.dumps(answer, ensure_ascii=False) + "\n"


def _lines(longest: int) -> Iterator[bytes | None]:
    """Yield the lines of the body as they arrive, None in place of one that is too long.

    From the server's own stream: the wrapper around it reads lines byte by byte.
    """
    stream: IO[bytes] = request.environ["wsgi.input"]
    # A server that does not end the stream with the body says how long that is.
    left = None if request.environ.get("wsgi.input_terminated") else request.content_length or 0

    def some(size: int) -> bytes:
        nonlocal left
        read = stream.readline(size if left is None else min(size, left))
        left = None if left is None else left - len(read)
        return read

    while line := some(longest + 1):
        if len(line) <= longest or line.endswith(b"\n"):
            yield line
            continue
        while (rest := some(SKIPPED_AT_ONCE)) and not rest.endswith(b"\n"):
            pass
        yield None
