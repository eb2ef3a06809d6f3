"""Licences that disagree among the origins of one match: said with the sources, and reviewed where one is not free."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from attrib.answers import Action, Verdict
from attrib.attribution import attribute
from attrib.policy_settings import read_policy
from index.matches import Match, MatchKind, MatchOrigin, Span
from tests.index.places import file

SPAN = Span(1, 20, 0, 600)


def origin(
    name: str,
    license: str,
    lexemes: int = 100,
    similarity: float = 1.0,
    kind: MatchKind = MatchKind.EXACT,
    path: str | None = None,
    released: str | None = None,
) -> MatchOrigin:
    held = replace(file(f"pkg:pypi/{name}@1", path or f"{name}/walk.py", released=released), license_expression=license)
    return MatchOrigin(held, SPAN, similarity, lexemes, kind)


def verdict(*origins: MatchOrigin, table: dict[str, Any] | None = None) -> Verdict:
    match = Match(MatchKind.EXACT, SPAN, 1.0, 100, 300.0, False, len(origins), 1, origins)
    return attribute(match, read_policy(table or {}), on=date(2026, 11, 24)).verdict


def reasons(*origins: MatchOrigin) -> tuple[str, ...]:
    return verdict(*origins).reasons


def test_each_licence_is_said_with_the_first_source_that_has_it() -> None:
    said = reasons(origin("a", "MIT"), origin("b", "Apache-2.0"), origin("c", "MIT"), origin("d", "Apache-2.0"))
    assert said[-1] == "the same code also stands under Apache-2.0 in pkg:pypi/b@1"


def test_no_more_than_a_few_are_named() -> None:
    others = ("Apache-2.0", "ISC", "0BSD", "Zlib", "BSD-2-Clause")
    said = reasons(origin("a", "MIT"), *(origin(f"o{number}", license) for number, license in enumerate(others)))
    assert said[-1] == (
        "the same code also stands under Apache-2.0 in pkg:pypi/o0@1, ISC in pkg:pypi/o1@1, 0BSD in pkg:pypi/o2@1, "
        "2 more licences elsewhere"
    )


def test_what_is_less_close_shorter_or_only_renamed_says_nothing() -> None:
    alone = reasons(origin("a", "MIT"))
    assert alone == reasons(
        origin("a", "MIT"),
        origin("b", "Apache-2.0", lexemes=80),
        origin("c", "ISC", similarity=0.8),
        origin("d", "0BSD", kind=MatchKind.RENAMED),
        origin("e", "MIT"),
    )
    assert len(reasons(origin("a", "MIT"), origin("b", "Apache-2.0", lexemes=96))) == len(alone) + 1


@pytest.mark.parametrize("license", ["GPL-3.0-only", "MPL-2.0", "NOASSERTION", "GPL-3.0-only AND MIT"])
def test_code_that_may_as_well_come_from_elsewhere_is_for_a_person_to_decide(license: str) -> None:
    found = verdict(origin("a", "MIT"), origin("b", license))
    assert found.action is Action.REVIEW
    assert f"it may as well come from pkg:pypi/b@1 under {license}, which the policy" in found.reasons[-1]


@pytest.mark.parametrize(
    "other",
    [
        origin("b", "Apache-2.0"),
        origin("b", "GPL-3.0-only OR MIT"),
        origin("b", "GPL-3.0-only", lexemes=80),
        origin("b", "GPL-3.0-only", kind=MatchKind.RENAMED),
        origin("b", "GPL-3.0-only", path="b/_vendor/other/walk.py"),
        origin("b", "GPL-3.0-only", path="b/a/walk.py"),
        origin("b", "GPL-3.0-only", released="2026-01-02"),
    ],
    ids=["permissive", "choice", "shorter", "renamed", "vendored", "a copy by its path", "later"],
)
def test_what_is_free_or_was_taken_from_the_best_raises_nothing(other: MatchOrigin) -> None:
    assert verdict(origin("a", "MIT", released="2026-01-01"), other).action is Action.ATTRIBUTE


@pytest.mark.parametrize(("best", "other"), [("2026-01-02", "2026-01-01"), ("2026-01-01", None), (None, "2026-01-02")])
def test_what_was_not_surely_later_counts(best: str | None, other: str | None) -> None:
    found = verdict(origin("a", "MIT", released=best), origin("b", "GPL-3.0-only", released=other))
    assert found.action is Action.REVIEW


def test_one_reason_a_licence_and_never_milder_than_the_best() -> None:
    found = verdict(
        origin("a", "MIT"), origin("b", "GPL-3.0-only"), origin("c", "GPL-3.0-only"), origin("d", "MPL-2.0")
    )
    assert [reason.split(" under ")[1].split(",")[0] for reason in found.reasons if "may as well" in reason] == [
        "GPL-3.0-only",
        "MPL-2.0",
    ]
    milder = verdict(origin("a", "GPL-2.0-only"), origin("b", "MPL-2.0"))
    assert milder.action is Action.BLOCK
    assert "may as well" not in " ".join(milder.reasons)
    stricter = verdict(origin("a", "MPL-2.0"), origin("b", "GPL-2.0-only"))
    assert stricter.action is Action.REVIEW
    assert "GPL-2.0-only, which the policy blocks" in stricter.reasons[-1]


def test_the_policy_decides_what_disagrees() -> None:
    two = (origin("a", "MIT"), origin("b", "GPL-3.0-only"))
    assert verdict(*two, table={"project_license": "GPL-3.0-or-later"}).action is Action.REVIEW
    assert verdict(*two, table={"project_license": "GPL-3.0-only"}).action is Action.ATTRIBUTE
    excepted = {
        "source": "pkg:pypi/b", "action": "allow", "owner": "me", "reason": "ours", "expires": date(2027, 1, 1),
    }  # fmt: skip
    assert verdict(*two, table={"exceptions": [excepted]}).action is Action.ATTRIBUTE
    assert verdict(*two, origin("c", "GPL-3.0-only"), table={"exceptions": [excepted]}).action is Action.REVIEW
