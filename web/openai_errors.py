"""Errors in the shape that OpenAI's clients read: an object `error` with message, type, param and code."""

from flask import Response, jsonify

from web.errors import Problem
from web.openai_json import OpenAIErrorJson
from web.request_ids import request_id

_TYPES = {400: "invalid_request_error", 404: "invalid_request_error", 413: "invalid_request_error"}
# What our own problems are called there; any other goes by its status.
_CODES = {
    "too-large": "context_length_exceeded",
    "not-found": "unknown_url",
    "generator-unavailable": "model_unavailable",
    "generator-busy": "model_overloaded",
    "not-ready": "not_ready",
}


class OpenAIError(Exception):
    """A request that is refused; `param` names the field."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code


def as_openai(error: OpenAIError | Problem) -> Response:
    """Return the answer to an error, whatever part of the house it comes from."""
    refused = _refused(error) if isinstance(error, Problem) else error
    response = jsonify(error_body(refused))
    response.status_code = refused.status
    response.headers["X-Request-Id"] = request_id()
    return response


def error_body(error: OpenAIError | Problem) -> OpenAIErrorJson:
    """Return the JSON of an error, for an answer or for the middle of a stream."""
    refused = _refused(error) if isinstance(error, Problem) else error
    kind = _TYPES.get(refused.status, "server_error" if refused.status >= 500 else "invalid_request_error")
    return {"error": {"message": refused.message, "type": kind, "param": refused.param, "code": refused.code}}


def status_of(status: int) -> int:
    """Return the status of one of our problems there: their clients know 400 for what cannot be honoured, not 422."""
    return 400 if status in (415, 422) else status


def _refused(problem: Problem) -> OpenAIError:
    field = problem.fields[0].field if problem.fields else None
    return OpenAIError(status_of(problem.type.status), problem.detail, param=field, code=_CODES.get(problem.kind))
