"""Whether code under one licence may be included in a project under another: our own table, read as data."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from attrib.answers import Action
from attrib.errors import UnknownLicense
from attrib.licenses import base_id, category_of, has_linking_exception, license_ids

PROPRIETARY: Final = "proprietary"


@dataclass(frozen=True, slots=True)
class Compatibility:
    """What the table says of one licence in one project, in a sentence, and where the licences say so.

    `permits` tells that the licences themselves allow it, if need be at a price that a person has to weigh: then what
    the code's category leads to no longer matters.
    """

    action: Action
    reason: str
    section: str
    permits: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    code: frozenset[str]
    into: frozenset[str]
    answer: Compatibility


@dataclass(frozen=True, slots=True)
class _Table:
    groups: dict[str, frozenset[str]]
    rules: tuple[_Rule, ...]

    def terms_of(self, license_id: str) -> set[str]:
        """Return every name that a rule may have for a licence."""
        if license_id == PROPRIETARY:
            return {"any", PROPRIETARY}
        base = base_id(license_id)
        named = {group for group, members in self.groups.items() if base in members}
        return {"any", license_id, base, category_of(license_id).value} | named


@lru_cache(maxsize=4096)
def compatibility(license_id: str, project_license: str) -> Compatibility | None:
    """Return what the table says of code under one licence id in a project under an expression, or "proprietary".

    A project under several licences has to keep all of them, so the strictest of their answers counts. None where the
    table says nothing, which is so for licences that are not on our lists.
    """
    try:
        projects = (PROPRIETARY,) if project_license == PROPRIETARY else license_ids(project_license)
    except UnknownLicense:
        projects = (project_license,)
    answers = [answer for project in projects if (answer := _answer(license_id, project)) is not None]
    return max(answers, key=lambda answer: (answer.action.severity, not answer.permits), default=None)


def _answer(license_id: str, project: str) -> Compatibility | None:
    table = _table()
    code, into = table.terms_of(license_id), table.terms_of(project)
    # An exception on the code is a permission more, which need not be passed on.
    if base_id(license_id) == base_id(project):
        into.add("same")
    if has_linking_exception(license_id):
        code.add("linking-exception")
    for rule in table.rules:
        if rule.code & code and rule.into & into:
            told = rule.answer
            answer = Compatibility(
                told.action, told.reason.format(code=license_id, project=project), told.section, told.permits
            )
            return _loses_exception(answer, license_id, project) or answer
    return None


def _loses_exception(answer: Compatibility, license_id: str, project: str) -> Compatibility | None:
    """Say where a project could no longer offer its exception: the code's owners did not grant it."""
    exception = project.partition(" WITH ")[2]
    taken_over = answer.permits or base_id(license_id) == base_id(project)
    if not (exception and taken_over) or license_id.endswith(f" WITH {exception}"):
        return None
    reason = f"the project's {exception} would not hold for {license_id} code, whose owners did not grant it"
    return Compatibility(Action.REVIEW, reason, f"the exception; 7 of GPL-3.0; {answer.section}", permits=True)


@lru_cache(maxsize=1)
def _table() -> _Table:
    table = tomllib.loads(files("attrib").joinpath("compatibility.toml").read_text(encoding="utf-8"))
    return _Table(
        groups={name: frozenset(members) for name, members in table["groups"].items()},
        rules=tuple(
            _Rule(
                frozenset(rule["code"]),
                frozenset(rule["into"]),
                Compatibility(Action(rule["action"]), rule["reason"], rule["section"], rule.get("permits", False)),
            )
            for rule in table["rule"]
        ),
    )
