"""What a policy makes of a licence, and of a match; each rule beside the ones it wins over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from attrib.answers import Action, AttributedMatch
from attrib.attribution import attribute
from attrib.licenses import Category, category_of
from attrib.policy import DEFAULT_ACTIONS, Policy
from attrib.policy_exceptions import Circumstances
from attrib.policy_settings import read_policy
from index.matches import Match, MatchKind, MatchOrigin, Span
from tests.index.places import file

SPAN = Span(1, 20, 0, 600)
TODAY = date(2026, 11, 24)
OWNED = {"owner": "legal@example.org", "reason": "bought", "expires": date(2027, 3, 31)}


def match(license: str = "MIT", kind: MatchKind = MatchKind.EXACT, **changed: Any) -> Match:
    held = replace(file("pkg:pypi/a@1", "a/a.py"), license_expression=license)
    whole = Match(kind, SPAN, 1.0, 100, 300.0, False, 1, 1, (MatchOrigin(held, SPAN, 1.0, 100, kind),))
    return replace(whole, **changed)


def judged(found: Match, table: Mapping[str, Any] | None = None, path: str | None = None) -> AttributedMatch:
    return attribute(found, read_policy(table or {}), path, TODAY)


def verdict(license: str, table: Mapping[str, Any] | None = None, **where: Any) -> Action:
    return read_policy(table or {}).verdict_on(license, Circumstances(on=TODAY, **where)).action


def reasons(license: str, table: Mapping[str, Any] | None = None, **where: Any) -> str:
    return "; ".join(read_policy(table or {}).verdict_on(license, Circumstances(on=TODAY, **where)).reasons)


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
    found = judged(match(expression)).verdict
    assert found.action is action
    assert found.reasons


def test_reasons_say_what_is_asked_and_what_was_chosen() -> None:
    assert judged(match("BSD-3-Clause")).verdict.reasons == ("BSD-3-Clause asks for its copyright notice and text",)
    chosen = judged(match("GPL-2.0-only OR MIT")).verdict.reasons[0]
    assert chosen == "MIT is chosen where GPL-2.0-only OR MIT offers a choice"
    assert "which the policy blocks" in reasons("GPL-3.0-only")
    assert reasons("NOASSERTION") == "the licence is not known (NOASSERTION); a person has to find it out"


@pytest.mark.parametrize("license", ["GPL-3.0-only", "NOASSERTION", "MIT"])
def test_common_matches_never_raise_the_verdict_and_say_which_way_they_are_common(license: str) -> None:
    everywhere = judged(match(license, common=True, sources=1_500, unrelated_sources=1_400))
    assert everywhere.verdict.action is Action.ALLOW
    assert everywhere.verdict.reasons == ("stands in 1,400 unrelated sources, so it is common",)
    little = judged(match(license, common=True, information_bits=99.9))
    assert little.verdict.action is Action.ALLOW
    assert little.verdict.reasons == ("says too little to tell a copy (99 bits, in 1 source)",)


@pytest.mark.parametrize(
    ("thresholds", "changed", "said"),
    [
        ({"lexemes": 101}, {}, "has 100 lexemes, and the policy counts matches from 101 on"),
        ({"information_bits": 301}, {}, "has 300 bits of information, and the policy counts matches from 301 on"),
        ({"similarity": 0.9}, {"similarity": 0.899}, "is 89% alike, and the policy counts matches from 90% on"),
        ({"common_sources": 3}, {"unrelated_sources": 3}, "stands in 3 unrelated sources, so it is common"),
    ],
)
def test_a_match_below_a_threshold_is_told_and_raises_nothing(
    thresholds: dict[str, float], changed: dict[str, float], said: str
) -> None:
    table = {"thresholds": thresholds}
    below = judged(match("GPL-3.0-only", **changed), table)
    assert (below.verdict.action, below.verdict.reasons, below.common) == (Action.ALLOW, (said,), True)
    just = {"lexemes": 101, "information_bits": 301.0, "similarity": 0.9, "unrelated_sources": 2}
    assert judged(match("GPL-3.0-only", **just), table).verdict.action is Action.BLOCK


def test_a_policy_may_want_more_sources_than_the_index_does() -> None:
    seven = match("GPL-3.0-only", common=True, sources=7, unrelated_sources=7)
    counted = judged(seven, {"thresholds": {"common_sources": 10}})
    assert (counted.verdict.action, counted.common) == (Action.BLOCK, False)
    little = judged(replace(seven, information_bits=30.0), {"thresholds": {"common_sources": 10}})
    assert (little.verdict.action, little.common) == (Action.ALLOW, True)


# Each row has one rule more than the one before, and says which of them decides.
ORDER: list[tuple[dict[str, Any], Action, str]] = [
    ({}, Action.REVIEW, "default"),
    ({"categories": {"weak-copyleft": "attribute"}}, Action.ATTRIBUTE, "policy.categories.weak-copyleft"),
    ({"project_license": "Apache-2.0"}, Action.REVIEW, "policy.project_license"),
    ({"kinds": {"near": {"weak-copyleft": "block"}}}, Action.BLOCK, "policy.kinds.near.weak-copyleft"),
    ({"licenses": {"mpl 2.0": "allow"}}, Action.ALLOW, 'policy.licenses."MPL-2.0"'),
    ({"kinds": {"near": {"weak-copyleft": {"at_least": "review"}}}}, Action.REVIEW, "policy.kinds.near.weak-copyleft"),
    ({"exceptions": [{"license": "MPL-2.0", "action": "attribute"} | OWNED]}, Action.ATTRIBUTE, "policy.exceptions[1]"),
]


@pytest.mark.parametrize("rules", range(len(ORDER)))
def test_the_more_particular_rule_decides(rules: int) -> None:
    table: dict[str, Any] = {}
    for more, _, _ in ORDER[: rules + 1]:
        table |= more
    (decision,) = read_policy(table).decisions("MPL-2.0", Circumstances(MatchKind.NEAR, on=TODAY))
    assert (decision.action, decision.line) == ORDER[rules][1:]


def test_the_kind_of_a_match_changes_only_that_kind() -> None:
    table = {
        "kinds": {"renamed": {"permissive": "review", "copyleft": {"at_most": "review"}}},
        "licenses": {"ISC": "attribute"},
    }
    assert judged(match("MIT", MatchKind.RENAMED), table).verdict.action is Action.REVIEW
    assert judged(match("ISC", MatchKind.RENAMED), table).verdict.action is Action.ATTRIBUTE
    assert judged(match("MIT", MatchKind.EXACT), table).verdict.action is Action.ATTRIBUTE
    assert judged(match("GPL-3.0-only", MatchKind.RENAMED), table).verdict.action is Action.REVIEW
    assert judged(match("GPL-3.0-only", MatchKind.NEAR), table).verdict.action is Action.BLOCK
    assert "asks for no more than review where the copy is renamed" in reasons(
        "GPL-3.0-only", table, kind=MatchKind.RENAMED
    )


def test_licences_are_found_in_any_spelling_and_by_the_base_of_a_pair() -> None:
    table = {
        "categories": {"weak-copyleft": "block"},
        "licenses": {"The MIT License": "block", "gpl-3.0": "review", "GPL-2.0 with classpath-exception-2.0": "allow"},
    }
    assert verdict("MPL-2.0", table) is Action.BLOCK
    assert verdict("MIT", table) is Action.BLOCK
    assert verdict("MIT OR Apache-2.0", table) is Action.ATTRIBUTE
    assert verdict("GPL-3.0-only WITH GCC-exception-3.1", table) is Action.REVIEW
    assert verdict("GPL-2.0-only WITH Classpath-exception-2.0", table) is Action.ALLOW
    assert verdict("GPL-2.0-only", table) is Action.BLOCK


PROJECTS = ("MIT", "Apache-2.0", "GPL-2.0-only", "GPL-3.0-only", "proprietary")
# The verdict for code under a licence in each of the projects, and without one (last column): a t r b as in allow,
# attribute, review, block. The stricter of category and compatibility, but where the licences allow just this.
VERDICTS = """
0BSD                        a a a a a  a
MIT                         t t t t t  t
Apache-2.0                  t t b t t  t
MPL-2.0                     r r t t r  r
EPL-2.0                     r r b b r  r
LGPL-2.1-or-later           r r t t b  r
LGPL-3.0-only               r r b t b  r
GPL-2.0-only                b b t b b  b
GPL-2.0-or-later            b b t t b  b
GPL-3.0-only                b b b t b  b
AGPL-3.0-only               b b b r b  b
BSD-4-Clause                r r b b r  r
CC-BY-SA-4.0                b b b t b  b
JSON                        b b b b b  b
LicenseRef-x                r r r r r  r
GPL-3.0-only OR Apache-2.0  t t b t t  t
Apache-2.0 OR MIT           t t t t t  t
GPL-2.0-or-later OR MPL-1.1 r r t t r  r
MIT AND GPL-3.0-only        b b b t b  b
"""
VERDICT_CELLS = [
    (row[:28].strip(), project, letter)
    for row in VERDICTS.strip().splitlines()
    for project, letter in zip((*PROJECTS, None), row[28:].split(), strict=True)
]


@pytest.mark.parametrize(("code", "project", "letter"), VERDICT_CELLS)
def test_verdicts_by_the_projects_licence(code: str, project: str | None, letter: str) -> None:
    table = {} if project is None else {"project_license": project}
    assert {"a": "allow", "t": "attribute", "r": "review", "b": "block"}[letter] == verdict(code, table).value


def test_the_table_of_verdicts_is_whole() -> None:
    assert len(VERDICT_CELLS) == 19 * 6


def test_a_project_s_own_copyleft_is_taken_and_said() -> None:
    table = {"project_license": "GPLv3"}
    assert "GPL-3.0-only is the project's own licence" in reasons("GPL-3.0-only", table)
    assert "patent" in reasons("Apache-2.0", {"project_license": "GPL-2.0-only"})


def test_a_choice_is_made_for_the_project_and_said() -> None:
    two = "Apache-2.0 OR GPL-2.0-or-later"
    assert reasons(two).startswith("Apache-2.0 is chosen")
    said = reasons(two, {"project_license": "GPL-2.0-only"})
    assert said.startswith(f"GPL-2.0-or-later is chosen where {two} offers a choice: it suits a project under GPL-2.0")


def test_a_stricter_category_stays_where_the_table_merely_does_not_mind() -> None:
    table = {"project_license": "Apache-2.0", "categories": {"permissive": "review"}}
    assert verdict("MIT", table) is Action.REVIEW
    assert verdict("MIT", table | {"project_license": "MIT"}) is Action.REVIEW
    gpl = {"project_license": "GPL-3.0-only", "categories": {"copyleft": "block"}}
    assert verdict("GPL-3.0-or-later", gpl) is Action.ATTRIBUTE
    assert verdict("GPL-3.0-or-later", gpl | {"licenses": {"GPL-3.0-or-later": "block"}}) is Action.BLOCK


def test_a_licence_taken_by_name_against_the_table_says_what_it_was_taken_against() -> None:
    table = {"project_license": "MIT", "licenses": {"GPL-3.0-only": "attribute"}}
    assert verdict("GPL-3.0-only", table) is Action.ATTRIBUTE
    assert "otherwise it would be block: what contains GPL-3.0-only code" in reasons("GPL-3.0-only", table)


def exception(**given: Any) -> dict[str, Any]:
    return {"exceptions": [{"action": "attribute"} | OWNED | given]}


@pytest.mark.parametrize(
    ("scope", "where", "covered"),
    [
        ({"license": "GPL-3.0"}, {}, True),
        ({"license": "GPL-2.0-only"}, {}, False),
        ({"source": "pkg:pypi/ours"}, {"purl": "pkg:pypi/ours@2.1"}, True),
        ({"source": "pkg:pypi/ours"}, {"purl": "pkg:pypi/ours-too@2.1"}, False),
        ({"source": "pkg:npm/@us/*"}, {"purl": "pkg:npm/%40us/thing@1"}, True),
        ({"path": "tools/**"}, {"path": "tools/deep/a.py"}, True),
        ({"path": "tools/**"}, {"path": "src/tools/a.py"}, False),
        ({"path": "tools/**"}, {}, False),
        ({"path": "**/gen_*.py"}, {"path": "gen_a.py"}, True),
        ({"path": "src/*.py"}, {"path": "src/deep/a.py"}, False),
        ({"swhid": "swh:1:cnt:" + "a" * 40}, {"swhid": "swh:1:cnt:" + "a" * 40}, True),
        ({"swhid": "swh:1:cnt:" + "a" * 40}, {"swhid": "swh:1:cnt:" + "b" * 40}, False),
        ({"license": "GPL-3.0-only", "path": "tools/**"}, {"path": "src/a.py"}, False),
        ({"license": "GPL-3.0-only", "path": "tools/**"}, {"path": "tools/a.py"}, True),
    ],
)
def test_an_exception_holds_where_everything_it_names_fits(
    scope: dict[str, str], where: dict[str, str], covered: bool
) -> None:
    assert verdict("GPL-3.0-only", exception(**scope), **where) is (Action.ATTRIBUTE if covered else Action.BLOCK)


def test_an_exception_speaks_for_its_licence_only() -> None:
    table = exception(license="GPL-3.0-only")
    assert verdict("GPL-3.0-only AND MIT", table) is Action.ATTRIBUTE
    assert verdict("GPL-3.0-only AND GPL-2.0-only", table) is Action.BLOCK
    assert "an exception for GPL-3.0-only makes it attribute until 2027-03-31 (legal@example.org: bought)" in reasons(
        "GPL-3.0-only", table
    )


def test_an_exception_counts_to_the_end_of_its_last_day_and_then_is_said() -> None:
    last = exception(license="GPL-3.0-only", expires=TODAY)
    assert verdict("GPL-3.0-only", last) is Action.ATTRIBUTE
    ended = exception(license="GPL-3.0-only", expires=date(2026, 11, 23))
    assert verdict("GPL-3.0-only", ended) is Action.BLOCK
    assert "ended on 2026-11-23 and no longer counts (ask legal@example.org)" in reasons("GPL-3.0-only", ended)
    assert "ended" not in reasons("GPL-2.0-only", ended)


def test_an_exception_may_also_forbid() -> None:
    assert verdict("MIT", exception(source="pkg:pypi/theirs", action="block"), purl="pkg:pypi/theirs@1") is Action.BLOCK


@pytest.mark.parametrize("project", [None, *PROJECTS])
@pytest.mark.parametrize("license", ["MIT", "0BSD", "MPL-2.0", "GPL-3.0-only", "JSON", "LicenseRef-x", "NOASSERTION"])
def test_every_verdict_but_a_plain_permission_says_why(license: str, project: str | None) -> None:
    table = {} if project is None else {"project_license": project}
    assert reasons(license, table)
    if project is None:
        assert verdict(license, table) is DEFAULT_ACTIONS[category_of(license)]


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
def test_only_permissive_code_is_indexed_whatever_the_policy(expression: str, admitted: bool) -> None:
    assert Policy().admits(expression) is admitted
    assert Policy(categories=((Category.PERMISSIVE, Action.BLOCK),)).admits(expression) is admitted
