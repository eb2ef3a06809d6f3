"""Whether the process lives and whether it can answer."""

from typing import Any

from flask import Blueprint

from attrib import __version__
from web.current import current_service
from web.errors import Problem

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, Any]:
    """Say that the process answers, and which version it is."""
    return {"status": "ok", "version": __version__}


@blueprint.get("/readyz")
def readyz() -> dict[str, Any]:
    """Say that database and index answer and that there is something to search."""
    totals = current_service().stats()
    if not totals.sources:
        raise Problem("not-ready", "The index is empty: add reference code with `attrib index add installed`.")
    return {
        "status": "ready",
        "version": __version__,
        "index": {"sources": totals.sources, "files": totals.files, "lexemes": totals.lexemes},
    }
