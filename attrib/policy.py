"""What is to be done about code under a licence: by exception, licence and category, and by the project's licence."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from attrib.answers import Action, Verdict, strictest
from attrib.compatibility import Compatibility, compatibility
from attrib.errors import UnknownLicense
from attrib.licenses import Category, Choice, base_id, category_of, license_ids, resolve_choice
from attrib.obligations import obligations_of
from attrib.policy_exceptions import Circumstances, PolicyException
from index.matches import MatchKind

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
DEFAULT_LINE: Final = "default"
_ADMITTED: Final = (Category.PUBLIC_DOMAIN, Category.PERMISSIVE)


@dataclass(frozen=True, slots=True)
class KindRule:
    """What one kind of match changes for one category.

    `action` stands in for the category's action; `at_least` and `at_most` bound whatever was decided before.
    """

    kind: MatchKind
    category: Category
    action: Action | None = None
    at_least: Action = Action.ALLOW
    at_most: Action = Action.BLOCK

    @property
    def line(self) -> str:
        """The line of the settings it comes from."""
        return f"policy.kinds.{self.kind.value}.{self.category.value}"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a match must reach to raise a verdict: equal lexemes, bits of information, similarity from 0 to 1.

    `common_sources` is in how many unrelated sources code is common; None leaves it as the index measured it.
    """

    lexemes: int = 0
    information_bits: float = 0.0
    similarity: float = 0.0
    common_sources: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about one licence's code, which line of the settings decided, and why."""

    license: str
    action: Action
    line: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a project; without any, what suits most projects.

    For one licence the first of these decides: an exception that covers it, its entry in `licenses`, its category.
    With a `project_license` (an SPDX expression, or "proprietary") a category's action is made as strict as the table
    of compatibility is, and gives way where that says that the licences allow it. `folder` is where the settings
    stand, and paths are taken from.
    """

    project_license: str | None = None
    categories: tuple[tuple[Category, Action], ...] = ()
    licenses: tuple[tuple[str, Action], ...] = ()
    kinds: tuple[KindRule, ...] = ()
    thresholds: Thresholds = Thresholds()
    exceptions: tuple[PolicyException, ...] = ()
    folder: Path | None = None

    def verdict_on(self, license_expression: str, where: Circumstances | None = None) -> Verdict:
        """Return what code under an expression leads to when it is reproduced there.

        Of a choice the licence is taken that leads to least, and that is said; what AND joins counts together.
        """
        there = where or Circumstances()
        choice = self.choice(license_expression, there)
        decisions = self.decisions(choice.expression, there)
        reasons = [] if choice.said is None else [choice.said]
        reasons += [reason for decision in decisions for reason in decision.reasons]
        action = strictest([decision.action for decision in decisions])
        return Verdict(action, tuple(dict.fromkeys(reasons)), None if choice.said is None else choice)

    def choice(self, license_expression: str, where: Circumstances) -> Choice:
        """Return what is left once every choice is made, and the sentence that says so; what cannot be read stays."""
        if len(_ids(license_expression)) == 1:
            return Choice(_ids(license_expression)[0], None)
        choice = resolve_choice(license_expression, lambda branch: self._severity(branch, where))
        if choice.said is None or self.project_license is None:
            return choice
        return replace(choice, said=f"{choice.said}: it suits a project under {self.project_license} best")

    def decisions(self, license_expression: str, where: Circumstances) -> tuple[Decision, ...]:
        """Return one decision for each licence of an expression that offers no choice."""
        return tuple(self.decide(license_id, where) for license_id in _ids(license_expression))

    def decide(self, license_id: str, where: Circumstances) -> Decision:
        """Return what is done about code under one licence; one that cannot be read is unknown."""
        covering = [exception for exception in self.exceptions if exception.covers(license_id, where)]
        counting = next((exception for exception in covering if not exception.ended(where.on)), None)
        if counting is not None:
            return _excepted(license_id, counting)
        decision = self._bounded(self._named(license_id) or self._by_category(license_id, where), where)
        ended = tuple(_ended(exception) for exception in covering)
        asked = _asked(license_id) if _readable(license_id) else ()
        return Decision(license_id, decision.action, decision.line, (*decision.reasons, *ended, *asked))

    def admits(self, expression: str) -> bool:
        """Whether code under this expression may be indexed by default: public domain and permissive only."""
        return category_of(expression) in _ADMITTED

    def _named(self, license_id: str) -> Decision | None:
        """Decide by the entry of a licence; a `WITH` pair may be named whole or by its licence."""
        named = dict(self.licenses)
        name = next((name for name in (license_id, base_id(license_id)) if name in named), None)
        if name is None:
            return None
        action = named[name]
        reasons = [f"the policy names {name} and says {action.value}"]
        compatible = self._compatible(license_id)
        if compatible is not None and compatible.action.severity > action.severity:
            reasons.append(f"otherwise it would be {compatible.action.value}: {compatible.reason}")
        return Decision(license_id, action, f'policy.licenses."{name}"', tuple(reasons))

    def _by_category(self, license_id: str, where: Circumstances) -> Decision:
        decision = self._of_category(license_id, where)
        compatible = self._compatible(license_id)
        if compatible is None:
            return decision
        said = f"{compatible.reason} ({compatible.section})"
        if compatible.permits or compatible.action.severity > decision.action.severity:
            return Decision(license_id, compatible.action, "policy.project_license", (said,))
        if compatible.action is decision.action and decision.action.severity >= Action.REVIEW.severity:
            return replace(decision, reasons=(*decision.reasons, said))
        return decision

    def _of_category(self, license_id: str, where: Circumstances) -> Decision:
        category = category_of(license_id)
        rule = self._kind_rule(category, where)
        if rule is not None and rule.action is not None:
            said = f"the policy says {rule.action.value} to a {rule.kind.value} copy of {category.value} code"
            return Decision(license_id, rule.action, rule.line, (said,))
        given = dict(self.categories)
        action = given.get(category, DEFAULT_ACTIONS[category])
        line = f"policy.categories.{category.value}" if category in given else DEFAULT_LINE
        return Decision(license_id, action, line, _of_category(license_id, category, action))

    def _bounded(self, decision: Decision, where: Circumstances) -> Decision:
        """Keep a decision within the bounds that the kind of match sets."""
        rule = self._kind_rule(category_of(decision.license), where)
        if rule is None:
            return decision
        if decision.action.severity < rule.at_least.severity:
            bound, word = rule.at_least, "no less"
        elif decision.action.severity > rule.at_most.severity:
            bound, word = rule.at_most, "no more"
        else:
            return decision
        said = f"the policy asks for {word} than {bound.value} where the copy is {rule.kind.value}"
        return Decision(decision.license, bound, rule.line, (*decision.reasons, said))

    def _kind_rule(self, category: Category, where: Circumstances) -> KindRule | None:
        return next((rule for rule in self.kinds if rule.kind is where.kind and rule.category is category), None)

    def _compatible(self, license_id: str) -> Compatibility | None:
        return None if self.project_license is None else compatibility(license_id, self.project_license)

    def _severity(self, expression: str, where: Circumstances) -> int:
        actions = [self.decide(license_id, where).action for license_id in _ids(expression)]
        return strictest(actions).severity * 10 + category_of(expression).strictness


def _of_category(license_id: str, category: Category, action: Action) -> tuple[str, ...]:
    if not _readable(license_id):
        return (f"the licence is not known ({license_id}); a person has to find it out",)
    if action is Action.BLOCK:
        return (f"{license_id} is {category.value}, which the policy blocks",)
    if action is Action.REVIEW:
        what = "is not on our lists of licences" if category is Category.UNKNOWN else f"is {category.value}"
        return (f"{license_id} {what}; a person has to decide",)
    return ()


def _asked(license_id: str) -> tuple[str, ...]:
    return obligations_of(license_id).sentences


def _excepted(license_id: str, exception: PolicyException) -> Decision:
    said = (
        f"an exception for {exception.what} makes it {exception.action.value} until {exception.expires.isoformat()} "
        f"({exception.owner}: {exception.reason})"
    )
    asked = _asked(license_id) if exception.action is not Action.ALLOW else ()
    return Decision(license_id, exception.action, exception.line, (said, *asked))


def _ended(exception: PolicyException) -> str:
    return (
        f"the exception for {exception.what} ended on {exception.expires.isoformat()} and no longer counts "
        f"(ask {exception.owner})"
    )


def _ids(expression: str) -> tuple[str, ...]:
    try:
        return license_ids(expression)
    except UnknownLicense:
        return (expression,)


def _readable(license_id: str) -> bool:
    try:
        license_ids(license_id)
    except UnknownLicense:
        return False
    return True
