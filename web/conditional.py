"""Answers that a caller may keep and ask for again only where they have changed (RFC 9110, section 13)."""

from flask import Response, request


def conditional(response: Response) -> Response:
    """Name an answer's content by an ETag, and answer 304 without a body where the caller has it already."""
    response.add_etag()
    # To be kept by the caller alone, and only with a question each time: rules and sources change.
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
