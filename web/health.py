"""Whether the process lives and whether it can answer."""

from flask import Blueprint

from attrib import __version__
from web.answers import HealthJson, ReadyJson
from web.current import current_service
from web.errors import Problem
from web.operations import operation

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@operation("Health")
def healthz() -> HealthJson:
    """Say that the process answers, and which version it is."""
    return {"status": "ok", "version": __version__}


@blueprint.get("/readyz")
@operation("Health", refuses=("not-ready",))
def readyz() -> ReadyJson:
    """Say that database and index answer and that there is something to search."""
    totals = current_service().stats()
    if not totals.sources:
        raise Problem("not-ready", "The index is empty: add reference code with `attrib index add installed`.")
    return {
        "status": "ready",
        "version": __version__,
        "index": {"sources": totals.sources, "files": totals.files, "lexemes": totals.lexemes},
    }
