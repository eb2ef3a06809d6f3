"""The pages on which the findings of an audit are gone through and decided about, and audits are compared."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from attrib.auditor import project_of_audit
from attrib.audits.reviewing import Review
from attrib.errors import AttribError
from index.errors import ReferenceIndexError
from web.audits import require_report
from web.current import current_service
from web.decision_requests import DecisionRequest, ReviewRequest, WithdrawalRequest, decider, require_end
from web.errors import Problem, problem_of
from web.list_requests import given
from web.review_view import SETTLED, SETTLED_KEYS, file_number, finding_view, selected
from web.wording import KINDS, VERDICTS

REFUSED = (Problem, AttribError, ReferenceIndexError)
LISTED = 200
"""Findings of each kind that the page of a comparison shows; all of them are in its JSON."""

blueprint = Blueprint("review_pages", __name__, url_prefix="/audits")


@blueprint.get("/<id>/findings/<fingerprint>")
def finding(id: str, fingerprint: str) -> str:
    """Show one finding beside its source, with the form that decides about it."""
    return _page(id, fingerprint, _asked(), None)


@blueprint.post("/<id>/findings/<fingerprint>")
def decided(id: str, fingerprint: str) -> BaseResponse | tuple[str, int]:
    """Keep the decision of the form and lead to the next finding, or show the form again with what is wrong."""
    asked = _asked()
    review = _review(id)
    try:
        fields = given({name: request.form.get(name, "") for name in ("decision", "reason", "until", "by")})
        if fields.get("decision") != "waived":
            # The field is there all the same where a browser cannot hide it.
            fields.pop("until", None)
        body = DecisionRequest.from_form(fields)
        require_end(body.decision, body.until)
        by = decider(body.by)
        current_service().decide(id, fingerprint, body.decision, by=by, reason=body.reason, until=body.until)
    except REFUSED as error:
        return _again(id, fingerprint, asked, error)
    return _on(review, fingerprint, asked, body.by)


@blueprint.post("/<id>/findings/<fingerprint>/withdraw")
def withdrawn(id: str, fingerprint: str) -> BaseResponse | tuple[str, int]:
    """Withdraw the decision about a finding, and show it as it is then."""
    asked = _asked()
    require_report(id)
    try:
        fields = given({"reason": request.form.get("why", ""), "by": request.form.get("by", "")})
        body = WithdrawalRequest.from_form(fields)
        current_service().withdraw(id, fingerprint, by=decider(body.by), reason=body.reason)
    except REFUSED as error:
        return _again(id, fingerprint, asked, error)
    address = url_for("review_pages.finding", id=id, fingerprint=fingerprint, **_kept(asked, body.by))
    return redirect(address + "#review", 303)


@blueprint.get("/<id>/compare")
def compared(id: str) -> str:
    """Show what is new, gone and unchanged since another audit, the one before of the same project by default."""
    service = current_service()
    require_report(id)
    record = service.audit_record(id)
    project = project_of_audit(record)
    before = service.past_audits.of_project(project, before=id)
    earlier = request.args.get("earlier", "").strip() or (before[0].id if before else "")
    if earlier:
        require_report(earlier)
    return render_template(
        "audit_compare.html",
        record=record,
        project=project,
        earlier=earlier,
        same_project=[one for one in service.past_audits.of_project(project) if one.id != id],
        others=[one for one in service.past_audits.newest() if one.project != project],
        comparison=service.compared(id, earlier) if earlier else None,
        limit=LISTED,
        kinds=KINDS,
        verdicts=VERDICTS,
    )


def _page(id: str, fingerprint: str, asked: ReviewRequest, problem: Problem | None) -> str:
    service = current_service()
    review = _review(id)
    chosen = selected(review, asked.verdict, asked.state)
    text = service.uploads.store.text(id, file_number(review, review.finding(fingerprint)))
    done = next((one for one in review.findings if asked.done and one.then.fingerprint == asked.done), None)
    fields = () if problem is None else problem.fields
    return render_template(
        "audit_finding.html",
        id=id,
        review=review,
        view=finding_view(review, fingerprint, chosen, text, service.reference_text),
        kept=_kept(asked, request.form.get("by")),
        asked=asked,
        done=done,
        settled=SETTLED,
        keys=SETTLED_KEYS,
        verdicts=VERDICTS,
        values=request.form if problem else {"by": asked.by},
        errors={field.path[0]: field.detail for field in reversed(fields)},
        problem=problem,
    )


def _again(id: str, fingerprint: str, asked: ReviewRequest, error: Exception) -> tuple[str, int]:
    problem = problem_of(error)
    return _page(id, fingerprint, asked, problem), problem.type.status


def _on(review: Review, fingerprint: str, asked: ReviewRequest, by: str | None) -> BaseResponse:
    """Lead to the finding after the one that was decided about; behind the last one, to the audit."""
    chosen = selected(review, asked.verdict, asked.state)
    places = {one.then.fingerprint: number for number, one in enumerate(review.findings)}
    after = [one for one in chosen if places[one.then.fingerprint] > places[fingerprint]]
    kept = {**_kept(asked, by), "done": fingerprint}
    if after:
        address = url_for("review_pages.finding", id=review.report.id, fingerprint=after[0].then.fingerprint, **kept)
        return redirect(address + "#review", 303)
    kept.pop("by", None)
    return redirect(url_for("audit_pages.audit", id=review.report.id, **kept) + "#findings", 303)


def _review(id: str) -> Review:
    require_report(id)
    return current_service().review(id)


def _asked() -> ReviewRequest:
    return ReviewRequest.from_form(given(request.args.to_dict()))


def _kept(asked: ReviewRequest, by: str | None) -> dict[str, Any]:
    """Return what leads from finding to finding: the filters, and the name of who decides."""
    return {
        name: value
        for name, value in (("verdict", asked.verdict), ("state", asked.state), ("by", by or asked.by))
        if value
    }
