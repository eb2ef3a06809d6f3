"""Lays out a stored record as the page of its permanent link."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attrib.answers import ANSWERED_ORIGINS
from attrib.records import Record, RecordKind
from web.attributed import attributed_code
from web.errors import FieldError, Problem
from web.results import CheckView, ReadReference, References, check_view
from web.schemas import OriginsRequest
from web.wording import FINISHES

ONLY_HASH = re.compile(r"sha256:[0-9a-f]{64}")
"""What stands in place of code where a record keeps hashes only."""

LONGEST_TITLE = 80
LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One text of a record as it is shown; a withheld one has reasons and no code at all."""

    number: int
    heading: str
    view: CheckView
    withheld: bool
    reasons: Sequence[str]
    code: str | None
    attributed: str | None
    side_file: str | None
    finish: str

    @property
    def outcome(self) -> tuple[str, str]:
        """A word or two for the choice, and the style it is shown in."""
        if self.withheld:
            return "Withheld", "block"
        if self.view.matches:
            return self.view.verdict.label, self.view.answer["verdict"]
        return self.view.status.label, self.view.answer["status"]


def title_of(record: Record) -> str:
    """Return what a record is called: the path that was checked, or the first line of the prompt."""
    if record.kind is RecordKind.CHECK:
        return str(record.request.get("path") or "Pasted code")
    prompt = _kept(record.request.get("prompt")) or ""
    first = next((line.strip() for line in prompt.splitlines() if line.strip()), "Generated code")
    return first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"


def choices_of(record: Record, read_reference: ReadReference) -> list[ChoiceView]:
    """Lay out every text of a record; raises Problem `no-such-record` where it is of another kind."""
    references = References(read_reference)
    if record.kind is RecordKind.CHECK:
        code = None if record.code is None else record.code.decode("utf-8", "replace")
        tagged, side_file = attributed_code(record.code, record.request.get("path"), record.answer)
        attributed = {"code_with_attribution": tagged, "side_file": side_file}
        return [_choice(1, "The code that was checked", record.answer, code, attributed, references)]
    if record.kind is RecordKind.GENERATION:
        return [
            _choice(number, "What the model wrote", choice["check"], _kept(choice["code"]), choice, references)
            for number, choice in enumerate(record.answer["choices"], start=1)
        ]
    raise Problem("no-such-record", f"The record {record.id} is no check and no generation.")


def record_json(record: Record) -> dict[str, Any]:
    """Return a record as the API shows it.

    What a model wrote stands in the choices only: the record's own text also holds what was withheld. Of the origins
    of a match there are as many as in the answer.
    """
    shown = record.as_json()
    shown["answer"] = _with_first_origins(shown["answer"])
    return shown | {"code": None} if record.kind is RecordKind.GENERATION else shown


def origins_json(record: Record, number: str, asked: OriginsRequest) -> dict[str, Any]:
    """Return a page of all origins that a record keeps of one match, as the API shows it.

    `number` counts from 0 through the matches of the record, those of all choices or findings in a row. Raises Problem
    `no-such-match`, and `invalid-fields` where the cursor lies behind the last origin.
    """
    matches = _matches(record)
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER and int(number) < len(matches)):
        raise Problem("no-such-match", f"The record {record.id} has {len(matches):,} matches, and no match {number!r}.")
    kept = matches[int(number)]["origins"]
    if asked.cursor >= len(kept):
        detail = f"must be below {len(kept)}, the number of origins"
        raise Problem("invalid-fields", f"Wrong: cursor: {detail}.", fields=[FieldError(("cursor",), detail)])
    end = asked.cursor + asked.limit
    return {
        "origins": kept[asked.cursor : end],
        "origins_total": matches[int(number)].get("origins_total", len(kept)),
        "cursor": str(end) if end < len(kept) else None,
    }


def _matches(record: Record) -> Sequence[Mapping[str, Any]]:
    match record.kind:
        case RecordKind.CHECK:
            return list(record.answer["matches"])
        case RecordKind.GENERATION:
            return [match for choice in record.answer["choices"] for match in choice["check"]["matches"]]
        case RecordKind.AUDIT:
            return list(record.answer["findings"])


def _with_first_origins(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: part[:ANSWERED_ORIGINS] if name == "origins" else _with_first_origins(part)
            for name, part in value.items()
        }
    return [_with_first_origins(part) for part in value] if isinstance(value, list) else value


def _choice(
    number: int,
    heading: str,
    check: Mapping[str, Any],
    code: str | None,
    choice: Mapping[str, Any],
    references: References,
) -> ChoiceView:
    return ChoiceView(
        number=number,
        heading=heading,
        view=check_view(check, code, references),
        withheld="code" in choice and choice["code"] is None,
        reasons=choice.get("reasons", ()),
        code=code,
        attributed=_kept(choice.get("code_with_attribution")),
        side_file=choice.get("side_file") or check["attribution"].get("side_file"),
        finish=FINISHES.get(choice.get("finish_reason", ""), ""),
    )


def _kept(text: str | None) -> str | None:
    return None if text is None or ONLY_HASH.fullmatch(text) else text
