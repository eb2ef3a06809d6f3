"""A page for every type of problem, at the address its `type` names."""

from flask import Blueprint, render_template

from web.errors import PROBLEM_TYPES, Problem

blueprint = Blueprint("problems", __name__)


@blueprint.get("/problems/<kind>")
def problem(kind: str) -> str:
    """Explain one type of problem."""
    if kind not in PROBLEM_TYPES:
        raise Problem("not-found", "There is no problem of that type.")
    return render_template("problem_type.html", kind=kind, problem_type=PROBLEM_TYPES[kind])
