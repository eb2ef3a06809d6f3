"""The reference of the API: as an OpenAPI document for programs, and as a page for people."""

from typing import Any

from flask import Blueprint, current_app

from web.openapi import openapi_document
from web.operations import operation

_KEPT = "attrib-openapi"

blueprint = Blueprint("reference", __name__)


@blueprint.get("/openapi.json")
@operation("Reference", cached=True)
def openapi() -> dict[str, Any]:
    """Return this document.

    OpenAPI 3.1, made of the types that the service itself reads and answers.
    """
    return document()


def document() -> dict[str, Any]:
    """Return the document of the application that answers this request; it is made once."""
    kept = current_app.extensions
    if _KEPT not in kept:
        kept[_KEPT] = openapi_document(current_app)
    document: dict[str, Any] = kept[_KEPT]
    return document
