"""Audits over HTTP: an archive in, and later its report."""

import hashlib
import json
from contextlib import suppress
from typing import Any, cast

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.datastructures import FileStorage

from attrib.audits.store import Audit, AuditState
from attrib.audits.stored import stored_audit
from attrib.errors import NoSuchAudit, NoSuchRecord
from attrib.reports.formats import FORMATS
from web.current import current_config, current_service
from web.downloads import file_response
from web.errors import FieldError, Problem
from web.idempotency import once
from web.list_answers import AuditJson, AuditsJson
from web.list_requests import ArchiveUpload, AuditsRequest, AuditUpload, ReportRequest, given
from web.operations import operation

AUDITS = "Audits"
BESIDES_ARCHIVE = 256 * 1024
"""Bytes that an upload may have besides its archive: names, other fields, boundaries."""

MULTIPART = "multipart/form-data"

blueprint = Blueprint("audits", __name__, url_prefix="/api/v1/audits")


def let_archives_in() -> None:
    """Let a request be as large as an archive may be, before anybody reads it."""
    if request.method == "POST":
        request.max_content_length = current_config().max_archive_bytes + BESIDES_ARCHIVE


@blueprint.url_value_preprocessor
def _before(endpoint: str | None, values: object) -> None:
    let_archives_in()


@blueprint.post("")
@operation(
    AUDITS,
    status=202,
    sends={MULTIPART: ArchiveUpload},
    refuses=("too-large", "unusable-input", "audit-queue-full", "not-multipart", "invalid-fields"),
    keyed=True,
)
def submit() -> AuditJson | Response:
    """Send an archive to be audited.

    The file field `archive` has a .zip, .whl, .tar, .tar.gz, .tar.bz2, .tar.xz or .tar.zst; `exclude` may be given
    several times, and `project` is what decisions about its findings are kept under. The audit waits its turn;
    `Location` says where it is looked at. The same archive sent again under the same `Idempotency-Key` is not audited
    again: the answer is how far the first audit is by then.
    """
    if request.mimetype != MULTIPART:
        raise Problem("not-multipart", f"The archive must be sent as {MULTIPART}, not as {request.mimetype or 'none'}.")
    archive, exclude = request.files.get("archive"), request.form.getlist("exclude")
    project = request.form.get("project", "")
    return once(
        lambda: _digest(archive, exclude, project),
        lambda: _taken_in(submitted(archive, exclude, project)),
        lambda id: _taken_in(current_service().uploads.store.get(id)),
    )


@blueprint.get("")
@operation(AUDITS)
def audits(query: AuditsRequest) -> AuditsJson:
    """List the audits of archives, newest first."""
    page = current_service().uploads.store.page(query.limit, query.cursor, query.state)
    return {"audits": [cast(AuditJson, audit.as_json()) for audit in page.audits], "cursor": page.cursor}


@blueprint.get("/<id>")
@operation(AUDITS, refuses=("no-such-audit", "gone"))
def audit(id: str) -> AuditJson:
    """Return how far an audit is, and what it came to."""
    service = current_service()
    try:
        return cast(AuditJson, service.uploads.store.get(id).as_json())
    except NoSuchAudit:
        # Of a deleted one that is known.
        with suppress(NoSuchRecord):
            service.record(id)
        raise


@blueprint.post("/<id>/cancel")
@operation(AUDITS, refuses=("no-such-audit",))
def cancel(id: str) -> AuditJson:
    """End an audit that waits or runs.

    One that runs ends within seconds; `cancelling` is true until then. One that has ended stays as it is.
    """
    return cast(AuditJson, current_service().uploads.cancel(id).as_json())


@blueprint.get("/<id>/report")
@operation(
    AUDITS,
    also={form.media_type: dict[str, Any] if form.media_type.endswith("json") else str for form in FORMATS.values()},
    refuses=("no-such-audit", "audit-not-done", "gone"),
)
def report(id: str, query: ReportRequest) -> Response:
    """Give the report of an audit as a file.

    It is as the audit left it; with `decisions=now` it has what was decided since then, too.
    """
    return report_file(id, query)


def submitted(archive: FileStorage | None, exclude: list[str], project: str = "") -> Audit:
    """Put an uploaded archive into the queue; raises Problem naming the fields, and what submitting raises."""
    asked = AuditUpload.from_form({"exclude": exclude, **given({"project": project})})
    if archive is None or not archive.filename:
        detail = "choose an archive" if archive is None else "has no file name"
        raise Problem("invalid-fields", "Wrong: archive.", fields=[FieldError(("archive",), detail)])
    name = archive.filename.replace("\\", "/").rpartition("/")[2]
    return current_service().uploads.submit(archive.stream, name, asked.exclude, project=asked.project)


def _digest(archive: FileStorage | None, exclude: list[str], project: str) -> bytes:
    """Return what tells one upload from another: the boundary between its parts is a new one each time."""
    digest = hashlib.sha256(json.dumps([archive and archive.filename, exclude, project]).encode())
    if archive is not None:
        digest.update(hashlib.file_digest(archive.stream, "sha256").digest())  # type: ignore[arg-type]
        archive.stream.seek(0)
    return digest.digest()


def _taken_in(audit: Audit) -> Response:
    response = jsonify(audit.as_json())
    response.status_code = 202
    response.headers["Location"] = url_for("audits.audit", id=audit.id)
    return response


def report_file(id: str, asked: ReportRequest) -> Response:
    """Give the report of an audit, run here or on a command line, in a format; raises as `require_report` does."""
    require_report(id)
    service = current_service()
    report = service.report_now(id) if asked.decisions == "now" else stored_audit(service.record(id))
    written = FORMATS[asked.format]
    return file_response(written.render(report), written.file_name, written.media_type)


def require_report(id: str) -> None:
    """Hold that an audit has a report; raises Problem `audit-not-done` where it has none yet, or never will."""
    try:
        audit = current_service().uploads.store.get(id)
    except NoSuchAudit:
        # One of a command line has its record only.
        return
    if audit.state is not AuditState.DONE:
        raise Problem("audit-not-done", f"The audit {id} is {audit.state.value}, so it has no report.")
