"""Reads the two forms: text fields in, checked requests out."""

from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from web.errors import FieldError, Problem
from web.schemas import CheckOptions, GenerateRequest

Form = MultiDict[str, str]

GENERATE_DEFAULTS: dict[str, str] = {
    name: str(GenerateRequest.model_fields[name].default)
    for name in ("max_new_tokens", "n", "temperature", "top_p", "top_k")
}
"""What the generate form shows before anybody has changed it."""


def read_check_form(form: Form, file: FileStorage | None) -> tuple[bytes, CheckOptions]:
    """Return the code of the check form, pasted or uploaded, and its options; raises Problem naming the fields."""
    pasted = _line_feeds(form.get("code", "")).encode()
    uploaded = file is not None and bool(file.filename)
    if uploaded and pasted:
        raise _wrong("file", "give either a file or pasted code, not both")
    if not uploaded and not pasted:
        raise _wrong("code", "paste some code, or choose a file below")
    fields = _given(form, "path", "language") | {"exclude": _lines(form, "exclude")}
    if uploaded and file is not None:
        fields.setdefault("path", file.filename)
        return file.read(), CheckOptions.from_form(fields)
    return pasted, CheckOptions.from_form(fields)


def read_generate_form(form: Form) -> GenerateRequest:
    """Return the request of the generate form; raises Problem naming the fields."""
    if not form.get("prompt"):
        raise _wrong("prompt", "write the beginning of some code")
    numbers = ("max_new_tokens", "n", "temperature", "top_p", "top_k", "seed")
    fields = {name: value.strip() for name, value in _given(form, *numbers).items()} | _given(form, "language")
    texts = {name: _line_feeds(value) for name, value in _given(form, "prompt", "suffix").items()}
    lists = {"stop": _lines(form, "stop"), "exclude": _lines(form, "exclude")}
    return GenerateRequest.from_form(fields | texts | lists)


def _given(form: Form, *names: str) -> dict[str, Any]:
    """Return the fields that were filled in."""
    return {name: form[name] for name in names if form.get(name, "").strip()}


def _lines(form: Form, name: str) -> list[str]:
    return [line.strip() for line in form.get(name, "").splitlines() if line.strip()]


def _line_feeds(text: str) -> str:
    # Browsers send every line of a text area with CRLF, whatever was pasted.
    return text.replace("\r\n", "\n")


def _wrong(field: str, detail: str) -> Problem:
    return Problem("invalid-fields", f"Wrong: {field}.", fields=[FieldError((field,), detail)])
