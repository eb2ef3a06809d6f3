"""The pages of audits: send an archive, watch it, read what was found, take the report away."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as BaseResponse

from attrib.answers import Action
from attrib.audits.store import Audit, AuditState
from attrib.errors import AttribError, NoSuchAudit
from attrib.records import Record, RecordKind
from attrib.reports.formats import FORMATS
from attrib.scopes import Scope
from index.errors import ReferenceIndexError
from web.audit_view import file_view, findings_page
from web.audits import let_archives_in, report_file, submitted
from web.authentication import current_asker
from web.current import current_config, current_service
from web.decision_requests import ReviewState
from web.errors import Problem, problem_of
from web.list_options import options
from web.list_requests import AuditsRequest, ReportRequest, Word, given
from web.review_view import SETTLED
from web.schemas import Asked
from web.wording import AUDIT_STATES, VERDICTS

REFUSED = (Problem, AttribError, ReferenceIndexError)

blueprint = Blueprint("audit_pages", __name__, url_prefix="/audits")


class FindingsRequest(Asked):
    """Which findings: those of a verdict, in a state, or the common ones, from the one numbered `cursor` on.

    `done` is the finding that was decided about just now.
    """

    verdict: Action | None = None
    state: ReviewState | None = None
    common: bool = False
    done: Word = ""
    limit: int = Field(100, ge=1, le=500)
    cursor: int = Field(0, ge=0)


@blueprint.url_value_preprocessor
def _before(endpoint: str | None, values: object) -> None:
    let_archives_in()


@blueprint.get("")
def audits() -> str:
    """Show the form that sends an archive, and the audits so far."""
    return audits_page(None)


@blueprint.post("")
def sent() -> BaseResponse | tuple[str, int]:
    """Put the archive of the form into the queue and lead to its audit, or show the form again with what is wrong."""
    try:
        exclude = lines_of(request.form.get("exclude", ""))
        audit = submitted(request.files.get("archive"), exclude, request.form.get("project", ""))
    except REFUSED as error:
        problem = problem_of(error)
        return audits_page(problem), problem.type.status
    return redirect(url_for("audit_pages.audit", id=audit.id), 303)


@blueprint.get("/<id>")
def audit(id: str) -> str:
    """Show how far an audit is, or what it found."""
    asked = FindingsRequest.from_form(given(request.args.to_dict()))
    audit, record = _audit(id)
    review = None if record is None else current_service().review(id)
    return render_template(
        "audit.html",
        audit=audit,
        record=record,
        asked=asked,
        review=review,
        done=next((one for one in review.findings if one.then.fingerprint == asked.done), None) if review else None,
        findings=None
        if record is None or review is None
        else findings_page(record, review, asked.verdict, asked.state, asked.common, asked.limit, asked.cursor),
        settled=SETTLED,
        formats=FORMATS,
        verdicts=VERDICTS,
        states=AUDIT_STATES,
        waiting=_waiting_before(audit),
    )


@blueprint.post("/<id>/cancel")
def cancel(id: str) -> BaseResponse:
    """End an audit that waits or runs."""
    current_service().uploads.cancel(id)
    return redirect(url_for("audit_pages.audit", id=id), 303)


@blueprint.get("/<id>/report")
def report(id: str) -> Response:
    """Give the report of an audit as a file."""
    return report_file(id, ReportRequest.from_form(request.args.to_dict()))


@blueprint.get("/<id>/files/<int:number>")
def file(id: str, number: int) -> str:
    """Show one file of an audit with what was found in it beside its references."""
    service = current_service()
    _, record = _audit(id)
    if record is None:
        raise Problem("audit-not-done", f"The audit {id} has no report yet.")
    shown = file_view(record, number, service.uploads.store.text(id, number), service.reference_text)
    return render_template("audit_file.html", id=id, record=record, file=shown)


def audits_page(problem: Problem | None) -> str:
    """Return the page with the forms and the audits so far, and with what was wrong with a form."""
    asked = AuditsRequest.from_form(given(request.args.to_dict()))
    fields = () if problem is None else problem.fields
    config, asker = current_config(), current_asker()
    return render_template(
        "audits.html",
        page=current_service().uploads.store.page(asked.limit, asked.cursor, asked.state),
        asked=asked,
        states=AUDIT_STATES,
        options=options(AUDIT_STATES),
        verdicts=VERDICTS,
        errors={field.path[0]: field.detail for field in reversed(fields)},
        values=request.form,
        problem=problem,
        limit=config.max_archive_bytes,
        roots=config.audit_roots if asker.principal is None or asker.principal.may(Scope.ADMIN) else (),
        totals=current_service().stats(),
    )


def lines_of(text: str) -> list[str]:
    """Return the lines of a text area that were filled in."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _audit(id: str) -> tuple[Audit | None, Record | None]:
    """Return what was asked for here and what it came to; an audit of a command line has its record only."""
    service = current_service()
    try:
        audit = service.uploads.store.get(id)
    except NoSuchAudit:
        record = service.record(id)
        if record.kind is not RecordKind.AUDIT:
            raise NoSuchAudit(f"no audit {id!r} is stored") from None
        return None, record
    return audit, service.record(id) if audit.state is AuditState.DONE else None


def _waiting_before(audit: Audit | None) -> int:
    if audit is None or audit.state is not AuditState.QUEUED:
        return 0
    return sum(one < audit.id for one in current_service().uploads.store.queued())
