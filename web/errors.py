"""What the web can refuse, each with a stable type: problem+json (RFC 9457) for programs, a page for people."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask, Response, jsonify, render_template, request, url_for
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import RequestRedirect

from attrib.database import UNAVAILABLE
from attrib.errors import (
    AttribError,
    AuditQueueFull,
    CheckTimedOut,
    ConfigurationError,
    DatabaseError,
    DeletedRecord,
    EmptyIndex,
    NoSuchAudit,
    NoSuchFinding,
    NoSuchRecord,
    PathNotAllowed,
    TooManyChecks,
    UnreadableInput,
)
from attrib.logs import FIELDS, places
from generator.errors import FillInMiddleUnsupported, GeneratorBusy, GeneratorError, InvalidRequest, PromptTooLong
from index.errors import IndexBusy, ReferenceIndexError, UnknownSource, UnusableOutput
from web.answers import ProblemJson
from web.request_ids import request_id

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: its status, its title, what to do about it, and to which requests it may happen.

    To every one, to those that send something, have a body, have fields, or create a record; else to the routes that
    name it.
    """

    status: int
    title: str
    mend: str
    arises: Literal["everywhere", "sending", "body", "fields", "creating", "where named"] = "where named"


PROBLEM_TYPES = {
    "bad-request": ProblemType(400, "The request cannot be read", "Send a well-formed HTTP request.", "everywhere"),
    "not-json": ProblemType(400, "The body is not JSON", "Send one JSON object in UTF-8 (RFC 8259).", "body"),
    "no-key": ProblemType(
        401,
        "A key or a login is needed",
        "Send Authorization: Bearer KEY; in a browser, log in at /login.",
        "everywhere",
    ),
    "wrong-key": ProblemType(
        401, "The key is refused", "Look at the key, or ask whoever runs this service for one.", "everywhere"
    ),
    "login-failed": ProblemType(403, "Not logged in", "Log in again at /login, or ask whoever runs this service."),
    "missing-scope": ProblemType(
        403, "The key may not do this", "Ask whoever runs this service for a key that may.", "everywhere"
    ),
    "cross-site": ProblemType(
        403, "Sent by another site", "Send the form from its own page, or call without Origin.", "sending"
    ),
    "path-not-allowed": ProblemType(
        403, "The path may not be audited", "Give a path below a folder that the setting audit_roots names."
    ),
    "not-found": ProblemType(404, "Nothing is here", "Look at the address; the pages and routes are in docs/api.md."),
    "no-such-record": ProblemType(404, "No such record", "Use the id that a check or a generation answered with."),
    "no-such-audit": ProblemType(404, "No such audit", "Use an id that GET /api/v1/audits lists."),
    "no-such-finding": ProblemType(404, "No such finding", "Use a fingerprint that the audit's report has."),
    "no-such-match": ProblemType(404, "No such match", "Number the record's matches from 0 in their order."),
    "no-such-source": ProblemType(404, "No such source", "Use a purl that GET /api/v1/sources lists."),
    "no-such-license": ProblemType(404, "No such licence", "Use an identifier of the SPDX licence list."),
    "method-not-allowed": ProblemType(405, "Method not allowed", "Use one of the methods in the Allow header."),
    "gone": ProblemType(410, "Deleted", "It was deleted or has expired; check or generate again."),
    "too-large": ProblemType(413, "The body is too large", "Send less code at once, or raise max_code_bytes.", "body"),
    "not-json-type": ProblemType(415, "Wrong content type", "Send Content-Type: application/json.", "body"),
    "not-ndjson-type": ProblemType(415, "Wrong content type", "Send Content-Type: application/x-ndjson."),
    "not-multipart": ProblemType(415, "Wrong content type", "Send the archive as a form with a file field, `archive`."),
    "invalid-fields": ProblemType(422, "Fields are wrong", "Mend the fields that `errors` names.", "fields"),
    "unusable-input": ProblemType(422, "The input cannot be used", "Change the input as the detail says."),
    "not-generated": ProblemType(422, "Nothing could be generated", "Change the request as the detail says."),
    "audit-not-done": ProblemType(
        409, "The audit has no report", "Look at its state; where it still waits or runs, ask again later."
    ),
    "idempotency-in-progress": ProblemType(
        409, "The first of these requests is at work", "Send it again after the seconds in Retry-After.", "creating"
    ),
    "idempotency-not-kept": ProblemType(
        409, "The answer is no longer kept", "Look at the record that the detail names, or use a new key.", "creating"
    ),
    "idempotency-key-reused": ProblemType(
        422, "The key belongs to another request", "Use a new Idempotency-Key for every new request.", "creating"
    ),
    "rate-limited": ProblemType(429, "Asked too often", "Ask again after the seconds in Retry-After.", "everywhere"),
    "internal": ProblemType(
        500, "Something went wrong here", "Try again; report it with the request id.", "everywhere"
    ),
    "login-unavailable": ProblemType(502, "The provider of logins does not answer", "Try again, or log in with a key."),
    "too-busy": ProblemType(
        503, "Too many requests are at work", "Ask again after the seconds in Retry-After.", "everywhere"
    ),
    "database-unavailable": ProblemType(
        503, "The database does not answer", "Ask again after the seconds in Retry-After.", "everywhere"
    ),
    "audit-queue-full": ProblemType(
        503, "Too many audits wait", "Send the archive again after the seconds in Retry-After."
    ),
    "check-timeout": ProblemType(
        504, "The check took too long", "Check the code in parts, or raise max_check_seconds; nothing is known of it."
    ),
    "generator-busy": ProblemType(503, "The model has too much to do", "Ask again after the seconds in Retry-After."),
    "generator-unavailable": ProblemType(503, "The model is not available", "Run `attrib doctor`, then try again."),
    "not-ready": ProblemType(503, "The service is not ready", "Run `attrib doctor`, then try again."),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `path` leads to it, such as `("stop", "2")`."""

    path: tuple[str, ...]
    detail: str

    @property
    def field(self) -> str:
        """The field's name, or a dotted path such as `stop.2`."""
        return ".".join(self.path)

    @property
    def pointer(self) -> str:
        """The field as a JSON pointer (RFC 6901)."""
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in self.path)


class Problem(Exception):
    """A request that is refused; `kind` is a key of PROBLEM_TYPES and `detail` one sentence for the caller."""

    def __init__(
        self, kind: str, detail: str, *, fields: Sequence[FieldError] = (), retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.fields = tuple(fields)
        self.retry_after = retry_after

    @property
    def type(self) -> ProblemType:
        """The kind of problem this is."""
        return PROBLEM_TYPES[self.kind]


def problem_of(error: Exception) -> Problem:
    """Return the problem that stands for any error; one that nobody expected says nothing of its cause."""
    match error:
        case Problem():
            return error
        case NoSuchAudit():
            return Problem("no-such-audit", str(error))
        case NoSuchFinding():
            return Problem("no-such-finding", str(error))
        case AuditQueueFull():
            return Problem("audit-queue-full", str(error), retry_after=30)
        case TooManyChecks():
            return Problem("too-busy", str(error), retry_after=1)
        case CheckTimedOut():
            return Problem("check-timeout", str(error))
        case NoSuchRecord():
            return Problem("no-such-record", str(error))
        case DeletedRecord():
            return Problem("gone", str(error))
        case UnknownSource():
            return Problem("no-such-source", str(error))
        case PathNotAllowed():
            return Problem("path-not-allowed", str(error))
        case UnreadableInput() | UnusableOutput():
            return Problem("unusable-input", str(error))
        case IndexBusy():
            return Problem("not-ready", str(error), retry_after=5)
        case EmptyIndex() | DatabaseError() | ConfigurationError() | ReferenceIndexError():
            return Problem("not-ready", str(error))
        case InvalidRequest() | PromptTooLong() | FillInMiddleUnsupported():
            return Problem("not-generated", str(error))
        case GeneratorBusy():
            return Problem("generator-busy", str(error), retry_after=2)
        case GeneratorError():
            return Problem("generator-unavailable", str(error))
        case AttribError():
            return Problem("unusable-input", str(error))
        case HTTPException():
            return _of_http(error)
        case _ if isinstance(error, UNAVAILABLE):
            # Its message may hold what was to be stored.
            return Problem("database-unavailable", "Nothing was stored: the database does not answer.", retry_after=2)
        case _:
            return Problem("internal", "The service met an error that it did not expect.")


def register(app: Flask, shapes: Mapping[str, Callable[[Problem], Response]]) -> None:
    """Answer every error of the application as problem+json or as a page.

    Below the paths that begin with a key of `shapes` it is answered in the shape that clients of that API read.
    """

    def answered(error: Exception) -> Response:
        shape = next((make for path, make in shapes.items() if request.path.startswith(path)), None)
        return _answer(error, shape or (as_json if _wants_json() else as_page))

    app.register_error_handler(Exception, answered)


def _answer(error: Exception, shape: Callable[[Problem], Response]) -> Response:
    if isinstance(error, RequestRedirect):
        return Response("", error.code, {"Location": error.new_url})
    if isinstance(error, SecurityError):
        # No address of ours may be built on a host name that is not ours, so there is neither page nor problem type.
        return Response("This service does not answer to that host name.\n", 400, mimetype="text/plain")
    problem = problem_of(error)
    if problem.kind in ("internal", "database-unavailable"):
        log_unexpected(error)
    response = shape(problem)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers(request.environ):
            if name == "Allow":
                response.headers[name] = value
    return response


def log_unexpected(error: Exception) -> None:
    """Log where an error nobody expected happened; its message may hold the code that was sent, so only its place."""
    route = None if request.url_rule is None else request.url_rule.rule
    fields = {"request_id": request_id(), "route": route, "at": places(error)}
    log.error("the request failed with %s", type(error).__name__, extra={FIELDS: fields})


def as_json(problem: Problem, besides: Mapping[str, Any] | None = None) -> Response:
    """Return problem+json; `errors` names the wrong fields by name and by JSON pointer (RFC 6901).

    `besides` are further members of the answer (RFC 9457, section 3.2).
    """
    response = jsonify({**problem_body(problem), **(besides or {})})
    response.status_code = problem.type.status
    response.mimetype = "application/problem+json"
    return response


def problem_body(problem: Problem) -> ProblemJson:
    """Return the JSON of a problem, for an answer or for the end of a stream."""
    body: ProblemJson = {
        "type": url_for("problems.problem", kind=problem.kind),
        "title": problem.type.title,
        "status": problem.type.status,
        "detail": problem.detail,
        "mend": problem.type.mend,
        "request_id": request_id(),
    }
    if problem.fields:
        body["errors"] = [
            {"field": field.field, "pointer": field.pointer, "detail": field.detail} for field in problem.fields
        ]
    return body


def as_page(problem: Problem) -> Response:
    """Return the problem as a page."""
    page = render_template("problem.html", problem=problem, request_id=request_id())
    return Response(page, problem.type.status)


def _wants_json() -> bool:
    return request.path.startswith(("/api/", "/v1/")) or request.path in ("/healthz", "/readyz", "/metrics")


def _of_http(error: HTTPException) -> Problem:
    match error.code:
        case 404:
            return Problem("not-found", f"There is nothing at {request.path}.")
        case 405:
            return Problem("method-not-allowed", f"{request.method} is not allowed at {request.path}.")
        case 413:
            return Problem("too-large", "The body is larger than this service takes.")
        case 415:
            return Problem("not-json-type", "The body must be sent as application/json.")
        case 429:
            return Problem("rate-limited", "This was asked too often in a short time.")
        case code if code is not None and code >= 500:
            return Problem("internal", "The service met an error that it did not expect.")
        case _:
            return Problem("bad-request", error.description or "The request cannot be read.")
