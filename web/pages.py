"""The pages: plain forms in, whole pages out; nothing needs a script."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from attrib.errors import AttribError
from attrib.records import Record, RecordKind
from generator.errors import GeneratorError
from index.errors import ReferenceIndexError
from index.languages import LANGUAGES
from web import asking
from web.bundles import NOTICE, code_name
from web.bundles import bundle as packed_with_notice
from web.code_colours import style_sheet
from web.current import current_config, current_service
from web.downloads import file_response
from web.errors import Problem, problem_body, problem_of
from web.events import Event, event_stream
from web.forms import GENERATE_DEFAULTS, read_check_form, read_generate_form
from web.licenses import license_facts
from web.record_list import records_view
from web.records import ChoiceView, choices_of, title_of
from web.source_list import source_view, sources_view
from web.start import start_view
from web.wording import KINDS, STATUSES, VERDICTS

REFUSED = (Problem, AttribError, ReferenceIndexError, GeneratorError)
LANGUAGE_NAMES = sorted((language.name for language in LANGUAGES), key=str.lower)
CODE_COLOURS = style_sheet()
EVENTS = "text/event-stream"

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> str:
    """Say what this is and what the index holds, with both forms to start from."""
    return render_template("start.html", **start_view(current_service()))


@blueprint.get("/about")
def about() -> str:
    """Say what the answers mean."""
    return render_template("about.html", statuses=STATUSES, verdicts=VERDICTS, kinds=KINDS)


@blueprint.get("/check")
def check() -> str:
    """Show the form that checks code."""
    return _form("check.html", {})


@blueprint.post("/check")
def check_sent() -> BaseResponse | tuple[str, int]:
    """Check the code of the form and lead to its record, or show the form again with what is wrong."""
    try:
        code, options = read_check_form(request.form, request.files.get("file"))
        answer = asking.check(code, options)
    except REFUSED as error:
        return _form_again("check.html", error)
    return _answered(answer.id, answer.as_json(), code)


@blueprint.get("/generate")
def generate() -> str:
    """Show the form that generates code."""
    return _form("generate.html", GENERATE_DEFAULTS)


@blueprint.post("/generate")
def generate_sent() -> BaseResponse | tuple[str, int]:
    """Generate as the form asks and lead to the record, or show the form again with what is wrong.

    To a script that asks for events the answer is told while it is written, and the record's page last.
    """
    try:
        asked = read_generate_form(request.form)
        if EVENTS in request.accept_mimetypes.values():
            return event_stream(
                _told_with_page(asking.streamed(asked)), lambda problem: ("error", problem_body(problem))
            )
        answer = asking.generate(asked)
    except REFUSED as error:
        return _form_again("generate.html", error)
    return _answered(answer.id, answer.as_json(), None)


@blueprint.get("/records/<id>")
def record(id: str) -> str | BaseResponse:
    """Show a stored check or generation, or lead to the audit: the permanent link."""
    found = current_service().record(id)
    if found.kind is RecordKind.AUDIT:
        return redirect(url_for("audit_pages.audit", id=id))
    return _record_page(found)


@blueprint.get("/records/<id>/<int:number>/notice.txt")
def notice(id: str, number: int) -> Response:
    """Give the notice of one text of a record as a file."""
    return file_response(_text_of(id, number)[1].view.answer["attribution"]["notice"], NOTICE)


@blueprint.get("/records/<id>/<int:number>/code.txt")
def attributed(id: str, number: int) -> Response:
    """Give one text of a record as a file, with its attribution where it needs one."""
    record, choice = _text_of(id, number)
    code = choice.attributed or choice.code
    if code is None:
        raise Problem("no-such-record", f"The code of the record {id} was not kept.")
    return file_response(code, _name(record, choice))


@blueprint.get("/records/<id>/<int:number>/side-file.license")
def side_file(id: str, number: int) -> Response:
    """Give the side file of one text of a record, for code that cannot carry tags."""
    record, choice = _text_of(id, number)
    return file_response(choice.side_file or "", f"{_name(record, choice)}.license")


@blueprint.get("/records/<id>/<int:number>/attribution.zip")
def bundle(id: str, number: int) -> Response:
    """Give one text of a record, with its attribution, and its notice in one archive."""
    record, choice = _text_of(id, number)
    name = _name(record, choice)
    packed = packed_with_notice(choice, name, record.created_at)
    return file_response(packed, f"{name}.zip", "application/zip")


@blueprint.get("/records")
def records() -> str:
    """List the records, with a search and filters."""
    return render_template("records.html", **records_view(current_service(), request.args.to_dict()))


@blueprint.get("/sources")
def sources() -> str:
    """List the sources of the index, with a search and filters."""
    return render_template("sources.html", **sources_view(current_service(), request.args.to_dict()))


@blueprint.get("/sources/<path:purl>")
def source(purl: str) -> str:
    """Show one source of the index, with its files and legal texts."""
    return render_template("source.html", **source_view(current_service(), purl, request.args.to_dict()))


@blueprint.get("/licenses/<path:expression>")
def license(expression: str) -> str:
    """Show what a licence asks for."""
    return render_template("license.html", license=license_facts(expression))


@blueprint.get("/code-colours.css")
def code_colours() -> Response:
    """Give the colours of code, for light and for dark."""
    response = Response(CODE_COLOURS, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _form(template: str, values: Mapping[str, str], problem: Problem | None = None) -> str:
    fields = () if problem is None else problem.fields
    # A mistake in one line of a list is shown with the list.
    errors = {field.path[0]: field.detail for field in reversed(fields)}
    return render_template(
        template,
        values=values,
        errors=errors,
        problem=problem,
        languages=LANGUAGE_NAMES,
        limit=current_config().max_code_bytes,
        statuses=STATUSES,
        # Where records keep no code, only the answer itself can show it.
        streams=current_config().retention == "full",
        model_loaded=current_service().model_loaded,
    )


def _form_again(template: str, error: Exception) -> tuple[str, int]:
    problem = problem_of(error)
    return _form(template, request.form, problem), problem.type.status


def _told_with_page(events: Iterator[Event]) -> Iterator[Event]:
    for name, data in events:
        if name == "done" and isinstance(data, dict):
            data = data | {"page": url_for("pages.record", id=data["id"])}
        yield name, data


def _answered(id: str, answer: Mapping[str, Any], code: bytes | None) -> BaseResponse | tuple[str, int]:
    """Lead to the record; where records keep no code, the only time it can be shown is now."""
    if current_config().retention == "full":
        return redirect(url_for("pages.record", id=id), 303)
    return _record_page(replace(current_service().record(id), answer=answer, code=code), kept=False), 200


def _record_page(record: Record, *, kept: bool = True) -> str:
    return render_template(
        "record.html",
        record=record,
        kept=kept,
        title=title_of(record),
        choices=choices_of(record, current_service().reference_text),
    )


def _text_of(id: str, number: int) -> tuple[Record, ChoiceView]:
    """Return a record and one of its texts; raises Problem `no-such-record` where that may not be shown."""
    record = current_service().record(id)
    choices = choices_of(record, current_service().reference_text)
    if not 1 <= number <= len(choices) or choices[number - 1].withheld:
        raise Problem("no-such-record", f"The record has no text {number} that may be shown.")
    return record, choices[number - 1]


def _name(record: Record, choice: ChoiceView) -> str:
    return code_name(record.request.get("path"), choice.view.answer["language"])
