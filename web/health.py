"""Whether the process lives, whether it can answer, and what it has done so far."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from attrib import __version__
from web.answers import HealthJson, HeldJson, PartJson, ReadyJson
from web.current import current_metrics, current_service
from web.errors import Problem, as_json
from web.operations import operation

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@operation("Health")
def healthz() -> HealthJson:
    """Say that the process answers, and which version it is."""
    return {"status": "ok", "version": __version__}


@blueprint.get("/readyz")
@operation("Health", refuses=("not-ready",))
def readyz() -> ReadyJson | Response:
    """Say of database, index and model whether each can do its work; 503 where one cannot."""
    parts = current_service().readiness()
    told: dict[str, PartJson] = {part.name: {"ok": part.ok, "reason": part.reason} for part in parts}
    wrong = [part for part in parts if not part.ok]
    if wrong:
        detail = "; ".join(f"{part.name}: {part.reason}" for part in wrong)
        return as_json(Problem("not-ready", detail), {"parts": told})
    totals = current_service().stats()
    index: HeldJson = {"sources": totals.sources, "files": totals.files, "lexemes": totals.lexemes}
    return {"status": "ready", "version": __version__, "index": index, "parts": told}


@blueprint.get("/metrics")
@operation("Health", also={"text/plain": str})
def metrics() -> Response:
    """Give what was counted and timed, for Prometheus."""
    totals = current_service().stats()
    current_metrics().index_seen(totals.sources, totals.files, totals.lexemes)
    return Response(current_metrics().text(), content_type=CONTENT_TYPE_LATEST)
