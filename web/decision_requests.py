"""What may be asked about the findings of an audit: decisions, their withdrawal, and which findings are shown."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from attrib.answers import Action
from attrib.audits.findings import Settled
from attrib.policy_exceptions import today
from web.authentication import current_asker
from web.errors import FieldError, Problem
from web.list_requests import Day, Word
from web.schemas import NO_CONTROL, NO_NUL, Asked, _one_line, _text

LONGEST_REASON = 2_000

Name = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra={"pattern": NO_CONTROL, "examples": ["Ada Example"]}),
    AfterValidator(_one_line),
]
Reason = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_REASON, json_schema_extra={"pattern": NO_NUL}),
    AfterValidator(_text),
]


class ReviewState(StrEnum):
    """Which findings are meant: those that somebody is to decide about, or those that somebody has."""

    OPEN = "open"
    DECIDED = "decided"


class DecisionRequest(Asked):
    """What is decided about a finding; `until` is the last day of a waiver, and of nothing else.

    `by` is named where nobody is asked who they are; elsewhere it is whoever asks.
    """

    decision: Settled
    reason: Reason
    until: Day | None = None
    by: Name | None = None


class WithdrawalRequest(Asked):
    """Why a decision is withdrawn, and by whom where nobody is asked who they are."""

    reason: Reason
    by: Name | None = None


class ReviewRequest(Asked):
    """Which findings are gone through: those that an audit gave a verdict, and those in a state.

    `done` is the finding that was decided about just now, `by` the name that was given for it.
    """

    verdict: Action | None = None
    state: ReviewState | None = None
    done: Word = ""
    by: Annotated[str, Field(max_length=200)] = ""


def decider(given: str | None) -> str:
    """Return who decides: the key or the login that asks, or who is named where nobody is asked who they are.

    Raises Problem naming the field.
    """
    principal = current_asker().principal
    if principal is None:
        if given is None or not given.strip():
            raise _wrong("by", "is missing: say who decides")
        return given
    if given not in (None, "", principal.name):
        raise _wrong("by", f"is {principal.name}, who asks: leave it out")
    return principal.name


def require_end(settled: Settled, until: date | None) -> None:
    """Hold that a waiver, and nothing else, has an end that is still to come; raises Problem naming the field."""
    if settled is Settled.WAIVED and until is None:
        raise _wrong("until", "is missing: say until which day it is waived")
    if settled is not Settled.WAIVED and until is not None:
        raise _wrong("until", f"is of waivers only: what is {settled.value} has no end")
    if until is not None and until < today():
        raise _wrong("until", "is over already: give a day to come")


def _wrong(field: str, detail: str) -> Problem:
    return Problem("invalid-fields", f"Wrong: {field}.", fields=[FieldError((field,), detail)])
