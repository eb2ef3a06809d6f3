"""Gives a text as a file to be kept, never as a page of this site: what stands in it was written by others."""

from flask import Response


def file_response(content: str | bytes, name: str, media_type: str = "text/plain") -> Response:
    """Return a response that a browser saves under that name."""
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
