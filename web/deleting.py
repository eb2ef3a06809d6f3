"""Deletes records, for programs and from the page of a record."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.current import current_service
from web.operations import operation
from web.records import title_of

blueprint = Blueprint("deleting", __name__)


@blueprint.delete("/api/v1/records/<id>")
@operation("Records", status=204, refuses=("no-such-record", "gone"))
def record(id: str) -> None:
    """Delete a record for good."""
    current_service().delete_record(id)


@blueprint.get("/records/<id>/delete")
def ask(id: str) -> str:
    """Ask whether a record is to be deleted."""
    found = current_service().record(id)
    return render_template("delete.html", record=found, title=title_of(found))


@blueprint.post("/records/<id>/delete")
def record_sent(id: str) -> BaseResponse:
    """Delete a record for good and lead to the start."""
    current_service().delete_record(id)
    return redirect(url_for("pages.start"), 303)
