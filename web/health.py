"""Whether the process lives, whether it can answer, and what it has done so far."""

from typing import Any

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from attrib import __version__
from web.current import current_metrics, current_service
from web.errors import Problem, as_json

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, Any]:
    """Say that the process answers, and which version it is."""
    return {"status": "ok", "version": __version__}


@blueprint.get("/readyz")
def readyz() -> dict[str, Any] | Response:
    """Say of database, index and model whether each can do its work; 503 where one cannot."""
    parts = current_service().readiness()
    told = {part.name: {"ok": part.ok, "reason": part.reason} for part in parts}
    wrong = [part for part in parts if not part.ok]
    if wrong:
        detail = "; ".join(f"{part.name}: {part.reason}" for part in wrong)
        return as_json(Problem("not-ready", detail), {"parts": told})
    totals = current_service().stats()
    index = {"sources": totals.sources, "files": totals.files, "lexemes": totals.lexemes}
    return {"status": "ready", "version": __version__, "index": index, "parts": told}


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give what was counted and timed, for Prometheus."""
    totals = current_service().stats()
    current_metrics().index_seen(totals.sources, totals.files, totals.lexemes)
    return Response(current_metrics().text(), content_type=CONTENT_TYPE_LATEST)
