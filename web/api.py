"""The JSON API, version 1."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from flask import Blueprint, Response

from attrib.answer_json import CheckJson, GenerateJson
from attrib.license_json import LicenseJson
from attrib.notices.formats import FORMATS
from attrib.notices.of_record import record_notice
from attrib.policy_exceptions import today
from attrib.policy_json import PolicyJson
from attrib.policy_report import policy_json
from web import asking
from web.answers import BatchAnswerJson, OriginsJson, RecordJson, SourceJson, SourcesJson
from web.batch import MEDIA_TYPE, check_lines
from web.current import current_config, current_service
from web.downloads import file_response
from web.errors import problem_body
from web.events import Event, event_stream
from web.idempotency import told
from web.licenses import detected_json, license_json
from web.list_answers import ListedRecordJson, RecordsJson
from web.list_requests import RecordsRequest, SourcesRequest
from web.listing import source_json, source_of, sources_page
from web.operations import operation
from web.records import origins_json, record_json
from web.schemas import (
    BatchCheckRequest,
    CheckRequest,
    DetectRequest,
    GenerateRequest,
    NoticeRequest,
    OriginsRequest,
    SourceRequest,
)
from web.stream_events import GenerateEventJson, events_again

CODE, RECORDS, REFERENCE, RULES = "Code", "Records", "Reference", "Licences and rules"

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


def _check_again(body: CheckRequest, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    return kept


def _generate_again(body: GenerateRequest, kept: Mapping[str, Any]) -> Mapping[str, Any] | Response:
    return _streamed(events_again(kept)) if body.stream else kept


def _streamed(events: Iterator[Event]) -> Response:
    return event_stream(events, lambda problem: ("error", problem_body(problem)))


@blueprint.post("/check")
@operation(CODE, refuses=("too-large", "unusable-input", "not-ready", "check-timeout"), creates=_check_again)
def check(body: CheckRequest) -> CheckJson:
    """Check code against the index.

    Tells what in the code stands in the reference, from where, under which licence, and what that asks for. The record
    is stored before the answer leaves.
    """
    return asking.check(body.code.encode(), body).as_json()


@blueprint.post("/check/batch")
@operation(
    CODE,
    sends={MEDIA_TYPE: BatchCheckRequest},
    also={MEDIA_TYPE: BatchAnswerJson},
    refuses=("not-ndjson-type",),
    long=True,
)
def check_batch() -> Response:
    """Check many pieces of code in one request.

    One JSON object a line in, one JSON object a line out, in the same order; every line is answered before the next is
    read, so read the answer while you send. A line that is wrong gets a `problem`, and the others go on.
    """
    return check_lines()


@blueprint.post("/generate")
@operation(
    CODE,
    also={"text/event-stream": GenerateEventJson},
    refuses=("not-generated", "generator-busy", "generator-unavailable", "not-ready"),
    creates=_generate_again,
    long=True,
)
def generate(body: GenerateRequest) -> GenerateJson | Response:
    """Generate code, check it and attribute it.

    With `"stream": true` the answer comes as server-sent events while it is written: each `match` before the first
    `text` that belongs to it, then every whole `choice`, then `done`; an `error` ends a stream that breaks.
    """
    return _streamed(told(asking.streamed(body))) if body.stream else asking.generate(body).as_json()


@blueprint.get("/records")
@operation(RECORDS)
def records(query: RecordsRequest) -> RecordsJson:
    """List the records, newest first.

    Those that fit every field that is given; `since` and `until` are the first and the last day, in UTC.
    """
    search = current_service().record_search
    page = search.page(query.filter, query.limit, query.cursor)
    total = search.counts(query.filter).total
    return {
        "records": [cast(ListedRecordJson, record.as_json()) for record in page.records],
        "total": total,
        "cursor": page.cursor,
    }


@blueprint.get("/records/<id>")
@operation(RECORDS, refuses=("no-such-record", "gone"))
def record(id: str) -> RecordJson:
    """Return what was asked and answered under an id."""
    return record_json(current_service().record(id))


@blueprint.get("/records/<id>/notice")
@operation(RECORDS, also={form.media_type: str for form in FORMATS.values()}, refuses=("no-such-record", "gone"))
def notice(id: str, query: NoticeRequest) -> Response:
    """Give the notice of a record as a file."""
    service = current_service()
    form = FORMATS[query.format]
    return file_response(record_notice(service.record(id), form, service.legal_files), form.file_name, form.media_type)


@blueprint.get("/records/<id>/matches/<number>/origins")
@operation(RECORDS, refuses=("no-such-record", "gone", "no-such-match"))
def origins(id: str, number: str, query: OriginsRequest) -> OriginsJson:
    """List all origins of one match of a record, best first.

    `number` counts from 0 through the matches of the record, those of all choices or findings in a row.
    """
    return origins_json(current_service().record(id), number, query)


@blueprint.get("/sources")
@operation(REFERENCE, cached=True)
def sources(query: SourcesRequest) -> SourcesJson:
    """List the sources of the index in the order of their purls."""
    page = sources_page(query)
    return {"sources": [source_json(source) for source in page.sources], "cursor": page.cursor}


@blueprint.get("/sources/<path:purl>")
@operation(REFERENCE, refuses=("no-such-source",), cached=True)
def source(purl: str, query: SourceRequest) -> SourceJson:
    """Return one source of the index.

    Of one that stands in both collections what the permissive one has, unless the other is asked for.
    """
    return source_json(source_of(purl, query))


@blueprint.get("/policy")
@operation(RULES, cached=True)
def policy() -> PolicyJson:
    """Return the rules in force, and how every exception stands today."""
    return policy_json(current_config().policy, today())


@blueprint.get("/licenses/<license:expression>")
@operation(RULES, refuses=("no-such-license",), cached=True)
def license(expression: str) -> LicenseJson:
    """Return what a licence is and asks for.

    By an SPDX expression, or any name that people write for a licence.
    """
    return license_json(expression)


@blueprint.post("/licenses/detect")
@operation(RULES, refuses=("too-large",))
def detect_license(body: DetectRequest) -> LicenseJson:
    """Return which licence a text is, with the evidence, and what it asks for."""
    return detected_json(body)
