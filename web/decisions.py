"""Decisions about the findings of an audit over HTTP, and audits held against one another."""

from typing import cast

from flask import Blueprint

from web.audits import AUDITS, require_report
from web.current import current_service
from web.decision_answers import ComparisonJson, ReviewedFindingJson, reviewed_json
from web.decision_requests import DecisionRequest, WithdrawalRequest, decider, require_end
from web.operations import operation

NOT_THERE = ("no-such-audit", "no-such-finding", "audit-not-done", "gone")

blueprint = Blueprint("decisions", __name__, url_prefix="/api/v1/audits")


@blueprint.get("/<id>/findings/<fingerprint>")
@operation(AUDITS, refuses=NOT_THERE)
def finding(id: str, fingerprint: str) -> ReviewedFindingJson:
    """Return a finding with what was decided about it.

    The verdict is that of the audit; `verdict_now` is what decisions made since then leave of it.
    """
    return _reviewed(id, fingerprint)


@blueprint.post("/<id>/findings/<fingerprint>/decision")
@operation(AUDITS, refuses=(*NOT_THERE, "unusable-input"))
def decide(id: str, fingerprint: str, body: DecisionRequest) -> ReviewedFindingJson:
    """Decide about a finding.

    It counts at once, for the next audit of the project too, and stands in the history of decisions, which nobody can
    rewrite unseen. A later decision about the same finding takes its place.
    """
    _reviewed(id, fingerprint)
    require_end(body.decision, body.until)
    by = decider(body.by)
    current_service().decide(id, fingerprint, body.decision, by=by, reason=body.reason, until=body.until)
    return _reviewed(id, fingerprint)


@blueprint.delete("/<id>/findings/<fingerprint>/decision")
@operation(AUDITS, refuses=(*NOT_THERE, "no-such-record", "unusable-input"))
def withdraw(id: str, fingerprint: str, query: WithdrawalRequest) -> ReviewedFindingJson:
    """Withdraw the decision about a finding.

    That, by whom and why, is another entry of the history; the decision itself stays in it.
    """
    _reviewed(id, fingerprint)
    current_service().withdraw(id, fingerprint, by=decider(query.by), reason=query.reason)
    return _reviewed(id, fingerprint)


@blueprint.get("/<id>/compare/<earlier>")
@operation(AUDITS, refuses=("no-such-audit", "audit-not-done", "gone", "unusable-input"))
def compare(id: str, earlier: str) -> ComparisonJson:
    """Hold an audit against an earlier one: which findings are new, gone and unchanged.

    Findings are matched as decisions are, so code that moved or was edited a little is unchanged. Common code is left
    out.
    """
    require_report(id)
    require_report(earlier)
    return cast(ComparisonJson, current_service().compared(id, earlier).as_json())


def _reviewed(id: str, fingerprint: str) -> ReviewedFindingJson:
    require_report(id)
    review = current_service().review(id)
    return reviewed_json(review, review.finding(fingerprint))
