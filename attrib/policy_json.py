"""A policy as JSON: the types that `policy_json` returns."""

from typing import Annotated, Literal

from typing_extensions import Doc, TypedDict

from attrib.actions import Action
from attrib.licenses import Category
from index.matches import MatchKind


class KindRuleJson(TypedDict):
    """What one kind of match changes for one category."""

    kind: MatchKind
    category: Category
    action: Annotated[Action | None, Doc("In place of the category's action.")]
    at_least: Action
    at_most: Action


class ThresholdsJson(TypedDict):
    """What a match must reach to raise a verdict."""

    lexemes: int
    information_bits: float
    similarity: float
    common_sources: Annotated[int, Doc("In how many unrelated sources code is common.")]


class PolicyExceptionJson(TypedDict):
    """What is allowed or forbidden besides the rules, and how it stands today."""

    line: Annotated[str, Doc("Its place in the settings.")]
    license: str | None
    source: str | None
    path: str | None
    swhid: str | None
    action: Action
    owner: str
    reason: str
    expires: Annotated[str, Doc("The last day on which it counts.")]
    state: Literal["counts", "ends soon", "ended"]


class PolicyJson(TypedDict):
    """The rules in force, defaults included."""

    project_license: str | None
    categories: dict[Category, Action]
    licenses: dict[str, Action]
    kinds: list[KindRuleJson]
    thresholds: ThresholdsJson
    exceptions: list[PolicyExceptionJson]
