"""The JSON API, version 1."""

from typing import Any

from flask import Blueprint, Response, request

from attrib.answer_json import CheckJson, GenerateJson
from attrib.notices.formats import FORMATS
from attrib.notices.of_record import record_notice
from attrib.policy_exceptions import today
from attrib.policy_report import policy_json
from web import asking
from web.current import current_config, current_service
from web.downloads import file_response
from web.errors import Problem, problem_body
from web.events import event_stream
from web.licenses import detected_json, license_json
from web.listing import source_json, source_of, sources_page
from web.records import origins_json, record_json
from web.schemas import (
    CheckRequest,
    DetectRequest,
    GenerateRequest,
    ListRequest,
    NoticeRequest,
    OriginsRequest,
    SourceRequest,
)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/check")
def check() -> CheckJson:
    """Check code against the index."""
    asked = CheckRequest.from_json(_json_body())
    return asking.check(asked.code.encode(), asked).as_json()


@blueprint.post("/generate")
def generate() -> GenerateJson | Response:
    """Generate code, check it and attribute it, at once or as server-sent events."""
    asked = GenerateRequest.from_json(_json_body())
    if asked.stream:
        return event_stream(asking.streamed(asked), lambda problem: ("error", problem_body(problem)))
    return asking.generate(asked).as_json()


@blueprint.get("/records/<id>")
def record(id: str) -> dict[str, Any]:
    """Return what was asked and answered under an id."""
    return record_json(current_service().record(id))


@blueprint.get("/records/<id>/notice")
def notice(id: str) -> Response:
    """Give the notice of a record as a file, in the format that is asked for."""
    asked = NoticeRequest.from_form(request.args.to_dict())
    service = current_service()
    form = FORMATS[asked.format]
    return file_response(record_notice(service.record(id), form, service.legal_files), form.file_name, form.media_type)


@blueprint.get("/records/<id>/matches/<number>/origins")
def origins(id: str, number: str) -> dict[str, Any]:
    """List all origins of one match of a record, best first."""
    return origins_json(current_service().record(id), number, OriginsRequest.from_form(request.args.to_dict()))


@blueprint.get("/sources")
def sources() -> dict[str, Any]:
    """List the sources of the index in the order of their purls."""
    page = sources_page(ListRequest.from_form(request.args.to_dict()))
    return {"sources": [source_json(source) for source in page.sources], "cursor": page.cursor}


@blueprint.get("/sources/<path:purl>")
def source(purl: str) -> dict[str, Any]:
    """Return one source of the index."""
    return source_json(source_of(purl, SourceRequest.from_form(request.args.to_dict())))


@blueprint.get("/policy")
def policy() -> dict[str, Any]:
    """Return the rules in force, and how every exception stands today."""
    return policy_json(current_config().policy, today())


@blueprint.get("/licenses/<path:expression>")
def license(expression: str) -> dict[str, Any]:
    """Return what a licence is and asks for."""
    return license_json(expression)


@blueprint.post("/licenses/detect")
def detect_license() -> dict[str, Any]:
    """Return which licence a text is, with the evidence, and what it asks for."""
    return detected_json(DetectRequest.from_json(_json_body()))


def _json_body() -> bytes:
    """Return the body of a JSON request; raises Problem where it is said to be something else."""
    if request.mimetype != "application/json":
        sent = request.mimetype or "nothing named"
        raise Problem("not-json-type", f"The body must be sent as application/json, not as {sent}.")
    return request.get_data(cache=False)
