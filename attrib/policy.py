"""What is to be done about a match: an action for its licence's category, unless the match says too little."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from attrib.answers import Action, Verdict, strictest
from attrib.errors import UnknownLicense
from attrib.licenses import Category, base_id, category_of, license_ids, resolve_choice
from attrib.obligations import obligations_of
from index.ranking import COMMON_SOURCES

DEFAULT_ACTIONS: Final = MappingProxyType(
    {
        Category.PUBLIC_DOMAIN: Action.ALLOW,
        Category.PERMISSIVE: Action.ATTRIBUTE,
        Category.WEAK_COPYLEFT: Action.REVIEW,
        Category.UNKNOWN: Action.REVIEW,
        Category.COPYLEFT: Action.BLOCK,
        Category.RESTRICTED: Action.BLOCK,
    }
)
_ADMITTED: Final = (Category.PUBLIC_DOMAIN, Category.PERMISSIVE)


@dataclass(frozen=True, slots=True)
class Policy:
    """Actions by category, and by SPDX id where `overrides` names one; the default suits most projects.

    `actions` replaces the default for the categories it names. A common match, which stands in very many sources or
    says too little to be a copy, never raises the verdict.
    """

    actions: tuple[tuple[Category, Action], ...] = ()
    overrides: tuple[tuple[str, Action], ...] = ()

    def action_of(self, license_id: str) -> Action:
        """Return the action for one licence id; a `WITH` pair may be named whole or by its licence."""
        named = dict(self.overrides)
        for name in (license_id, base_id(license_id)):
            if name in named:
                return named[name]
        category = category_of(license_id)
        return dict(self.actions).get(category, DEFAULT_ACTIONS[category])

    def judge(
        self, common: bool, sources: int, unrelated_sources: int, information_bits: float, license_expression: str
    ) -> Verdict:
        """Return what is to be done about a match under that licence, with the reasons in plain words."""
        if not common:
            return self.verdict_on(license_expression)
        if unrelated_sources >= COMMON_SOURCES:
            return Verdict(Action.ALLOW, (f"stands in {unrelated_sources:,} unrelated sources, so it is common",))
        where = "in 1 source" if sources == 1 else f"in {sources:,} sources"
        return Verdict(Action.ALLOW, (f"says too little to tell a copy ({int(information_bits)} bits, {where})",))

    def verdict_on(self, license_expression: str) -> Verdict:
        """Return what the licence alone leads to when its code is reproduced."""
        try:
            choice = resolve_choice(license_expression, self._severity)
        except UnknownLicense:
            return Verdict(
                self.action_of(license_expression),
                (f"the licence is not known ({license_expression}); a person has to find it out",),
            )
        action = self._action(choice.expression)
        reasons = [] if choice.said is None else [choice.said]
        for license_id in license_ids(choice.expression):
            reasons += self._reasons(license_id)
        return Verdict(action, tuple(dict.fromkeys(reasons)))

    def admits(self, expression: str) -> bool:
        """Whether code under this expression may be indexed by default: public domain and permissive only."""
        return category_of(expression) in _ADMITTED

    def _severity(self, expression: str) -> int:
        return self._action(expression).severity * 10 + category_of(expression).strictness

    def _action(self, expression: str) -> Action:
        return strictest([self.action_of(license_id) for license_id in license_ids(expression)])

    def _reasons(self, license_id: str) -> list[str]:
        action, category = self.action_of(license_id), category_of(license_id)
        asked = list(obligations_of(license_id).sentences)
        if action is Action.BLOCK:
            return [f"{license_id} is {category.value}, which the policy blocks", *asked]
        if action is Action.REVIEW:
            what = "is not on our lists of licences" if category is Category.UNKNOWN else f"is {category.value}"
            return [f"{license_id} {what}; a person has to decide", *asked]
        return asked
