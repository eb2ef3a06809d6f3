import pytest

from attrib.answers import Action
from attrib.licenses import Category
from attrib.policy import Policy


def judged(
    expression: str, policy: Policy | None = None, *, common: bool = False, sources: int = 1, bits: float = 300
) -> tuple[Action, tuple[str, ...]]:
    verdict = (policy or Policy()).judge(common, sources, sources, bits, expression)
    return verdict.action, verdict.reasons


@pytest.mark.parametrize(
    ("expression", "action"),
    [
        ("MIT-0", Action.ALLOW),
        ("Unlicense", Action.ALLOW),
        ("MIT", Action.ATTRIBUTE),
        ("GPL-2.0-only OR MIT", Action.ATTRIBUTE),
        ("MIT AND 0BSD", Action.ATTRIBUTE),
        ("MPL-2.0 AND MIT", Action.REVIEW),
        ("NOASSERTION", Action.REVIEW),
        ("LicenseRef-x", Action.REVIEW),
        ("MIT AND LicenseRef-x", Action.REVIEW),
        ("GPL-3.0-only", Action.BLOCK),
        ("GPL-3.0-only AND LicenseRef-x", Action.BLOCK),
        ("CC-BY-NC-4.0", Action.BLOCK),
        ("JSON", Action.BLOCK),
    ],
)
def test_the_default_policy(expression: str, action: Action) -> None:
    found, reasons = judged(expression)
    assert found is action
    assert reasons


def test_reasons_say_what_is_asked_and_what_was_chosen() -> None:
    assert judged("BSD-3-Clause")[1] == ("BSD-3-Clause asks for its copyright notice and text",)
    assert judged("GPL-2.0-only OR MIT")[1][0] == "MIT is chosen where GPL-2.0-only OR MIT offers a choice"
    assert "which the policy blocks" in judged("GPL-3.0-only")[1][0]


@pytest.mark.parametrize("expression", ["GPL-3.0-only", "NOASSERTION", "MIT"])
def test_common_matches_never_raise_the_verdict_and_say_which_way_they_are_common(expression: str) -> None:
    assert judged(expression, common=True, sources=1_400) == (
        Action.ALLOW,
        ("stands in 1,400 unrelated sources, so it is common",),
    )
    assert judged(expression, common=True, bits=99.9) == (
        Action.ALLOW,
        ("says too little to tell a copy (99 bits, in 1 source)",),
    )


def test_overrides_and_actions_change_the_verdict_and_the_choice() -> None:
    policy = Policy(
        actions=((Category.WEAK_COPYLEFT, Action.BLOCK),),
        overrides=(("MIT", Action.BLOCK), ("GPL-3.0-only", Action.REVIEW)),
    )
    assert judged("MPL-2.0", policy)[0] is Action.BLOCK
    assert judged("MIT", policy)[0] is Action.BLOCK
    assert judged("MIT OR Apache-2.0", policy)[0] is Action.ATTRIBUTE
    assert judged("GPL-3.0-only WITH GCC-exception-3.1", policy)[0] is Action.REVIEW


@pytest.mark.parametrize(
    ("expression", "admitted"),
    [
        ("MIT", True),
        ("0BSD", True),
        ("Apache-2.0 OR GPL-2.0-only", True),
        ("MIT AND MPL-2.0", False),
        ("NOASSERTION", False),
        ("JSON", False),
        ("", False),
    ],
)
def test_only_permissive_code_is_indexed_by_default(expression: str, admitted: bool) -> None:
    assert Policy().admits(expression) is admitted
