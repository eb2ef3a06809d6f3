"""Licences that disagree among the origins of one match are said, with the sources that have them."""

from dataclasses import replace

from attrib.attribution import attribute
from attrib.policy import Policy
from index.matches import Match, MatchKind, MatchOrigin, Span
from tests.index.places import file

SPAN = Span(1, 20, 0, 600)


def origin(
    name: str, license: str, lexemes: int = 100, similarity: float = 1.0, kind: MatchKind = MatchKind.EXACT
) -> MatchOrigin:
    held = replace(file(f"pkg:pypi/{name}@1", f"{name}/a.py"), license_expression=license)
    return MatchOrigin(held, SPAN, similarity, lexemes, kind)


def reasons(*origins: MatchOrigin) -> tuple[str, ...]:
    match = Match(MatchKind.EXACT, SPAN, 1.0, 100, 300.0, False, len(origins), len(origins), origins)
    return attribute(match, Policy()).verdict.reasons


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
