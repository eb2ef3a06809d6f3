"""The policy in the settings: read once, in any spelling, and every mistake told at once with where it stands."""

import re
from contextlib import suppress
from dataclasses import FrozenInstanceError, fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from attrib.answers import Action
from attrib.compatibility import compatibility
from attrib.config import load_config
from attrib.errors import ConfigurationError
from attrib.licenses import Category
from attrib.policy import DEFAULT_ACTIONS, KindRule, Policy, Thresholds
from attrib.policy_exceptions import PolicyException
from attrib.policy_settings import PolicyMistakes, read_policy
from index.matches import MatchKind

WHOLE = """
[policy]
project_license = "Apache 2.0 or MIT"

[policy.categories]
weak-copyleft = "block"

[policy.licenses]
"Mozilla Public License 2.0" = "review"
"GPL-2.0+ with classpath-exception-2.0" = "attribute"

[policy.kinds.renamed]
permissive = "review"
copyleft = { at_most = "review" }

[policy.thresholds]
lexemes = 40
information_bits = 120
similarity = 0.8
common_sources = 4

[[policy.exceptions]]
license = "GPLv2+"
source = "pkg:PyPI/Our_Tool"
path = "tools/**"
swhid = "swh:1:cnt:0123456789012345678901234567890123456789"
action = "attribute"
owner = "legal@example.org"
reason = "our own code"
expires = 2027-03-31
"""


def read(folder: Path, text: str) -> Policy:
    (folder / "attrib.toml").write_text(text, encoding="utf-8")
    return load_config({}, {}, folder).policy


def mistakes(folder: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as raised:
        read(folder, text)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_without_a_table_everything_is_as_before(tmp_path: Path) -> None:
    assert load_config({}, {}, tmp_path).policy == Policy()


def test_a_whole_policy_is_read_in_canonical_form(tmp_path: Path) -> None:
    policy = read(tmp_path, WHOLE)
    assert policy == Policy(
        project_license="Apache-2.0 OR MIT",
        categories=((Category.WEAK_COPYLEFT, Action.BLOCK),),
        licenses=(
            ("MPL-2.0", Action.REVIEW),
            ("GPL-2.0-or-later WITH Classpath-exception-2.0", Action.ATTRIBUTE),
        ),
        kinds=(
            KindRule(MatchKind.RENAMED, Category.PERMISSIVE, Action.REVIEW),
            KindRule(MatchKind.RENAMED, Category.COPYLEFT, at_most=Action.REVIEW),
        ),
        thresholds=Thresholds(40, 120.0, 0.8, 4),
        exceptions=(
            PolicyException(
                "policy.exceptions[1]",
                Action.ATTRIBUTE,
                "legal@example.org",
                "our own code",
                date(2027, 3, 31),
                "GPL-2.0-or-later",
                "pkg:pypi/our-tool",
                "tools/**",
                "swh:1:cnt:0123456789012345678901234567890123456789",
            ),
        ),
        folder=tmp_path,
    )
    with pytest.raises(FrozenInstanceError):
        policy.project_license = "MIT"  # type: ignore[misc]


def test_all_mistakes_are_told_together_with_the_others_of_the_file(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path,
        """
        retension = "full"
        [policy]
        projekt_license = "MIT"
        project_license = "propietary"
        [policy.categories]
        permisive = "attribute"
        copyleft = "blok"
        [policy.licenses]
        "MITT" = "allow"
        "MIT OR ISC" = "allow"
        "Apache-2.0" = "allow"
        "Apache 2" = "block"
        [policy.kinds.renmed]
        permissive = "review"
        [policy.kinds.near]
        copyleft = { at_mst = "review" }
        restricted = { at_least = "block", at_most = "review" }
        [policy.thresholds]
        lexeme = 3
        lexemes = -1
        similarity = 80
        common_sources = 1.5
        [[policy.exceptions]]
        license = "GPL-3.0-only"
        action = "allow"
        [[policy.exceptions]]
        action = "allow"
        owner = " "
        reason = "x"
        expires = "2027-01-01"
        [[policy.exceptions]]
        sorce = "pkg:pypi/x"
        source = "flask"
        path = "../up"
        swhid = "swh:1:dir:0"
        action = "allow"
        owner = "me"
        reason = "x"
        expires = 2027-01-01T00:00:00
        """,
    )
    for part in (
        "attrib.toml: unknown setting 'retension' (did you mean 'retention'?)",
        "attrib.toml: policy: unknown setting 'projekt_license' (did you mean 'project_license'?)",
        "policy.project_license is wrong: 'propietary' is no licence on the SPDX list",
        "(did you mean 'proprietary'?)",
        "policy.categories.permisive is no category",
        "(did you mean 'permissive'?)",
        "policy.categories.copyleft must be allow, attribute, review or block, not 'blok' (did you mean 'block'?)",
        "policy.licenses.\"MITT\" is wrong: 'MITT' is no licence on the SPDX list",
        "(did you mean 'MIT'?)",
        'policy.licenses."MIT OR ISC" must name one licence, or one WITH its exception, not MIT OR ISC',
        'policy.licenses."Apache 2" is Apache-2.0, which is named twice',
        "policy.kinds.renmed is no kind of match, which are exact, near, renamed (did you mean 'renamed'?)",
        "policy.kinds.near.copyleft: unknown setting 'at_mst' (did you mean 'at_most'?)",
        "policy.kinds.near.restricted asks for at least block and at most review",
        "policy.thresholds: unknown setting 'lexeme' (did you mean 'lexemes'?)",
        "policy.thresholds.lexemes must be a whole number from 0 on, not -1",
        "policy.thresholds.similarity must be a number from 0 to 1, not 80",
        "policy.thresholds.common_sources must be a whole number from 2 on, not 1.5",
        "policy.exceptions[1] has no owner, reason, expires: each exception needs action, owner, reason, expires",
        "policy.exceptions[2] says not what it is for: give license, source, path, swhid, or several of them",
        "policy.exceptions[2].owner must be a text, not ' '",
        "policy.exceptions[2].expires must be a date without quotes such as 2027-03-31, not '2027-01-01'",
        "policy.exceptions[3]: unknown setting 'sorce' (did you mean 'source'?)",
        "policy.exceptions[3].source must be a purl such as pkg:pypi/flask or pkg:npm/@us/*, not 'flask'",
        "policy.exceptions[3].path must be a path below the folder of the settings",
        "policy.exceptions[3].swhid must be a SWHID",
        "policy.exceptions[3].expires must be a date without quotes",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("policy = 3", "policy must be a text, not 3"),
        (
            "policy = 'nowhere.toml'",
            "policy must be a table, or name a file that has one, and 'nowhere.toml' is no file",
        ),
        ("[policy]\ncategories = 1", "policy.categories must be a table, not 1"),
        ("[policy]\nlicenses = ['MIT']", "policy.licenses must be a table"),
        ("[policy]\nkinds = { near = 'review' }", "policy.kinds.near must be a table"),
        ("[policy]\nkinds = { near = { copyleft = {} } }", "policy.kinds.near.copyleft must say at_least or at_most"),
        ("[policy]\nexceptions = { license = 'MIT' }", "policy.exceptions must be written as [[policy.exceptions]]"),
        ("[policy]\nexceptions = [1]", "policy.exceptions[1] must be a table, not 1"),
        ("[policy]\nproject_license = 'NOASSERTION'", "policy.project_license is wrong"),
        ("[policy.thresholds]\nlexemes = true", "policy.thresholds.lexemes must be a whole number"),
        ("[policy.thresholds]\ninformation_bits = nan", "policy.thresholds.information_bits must be a number"),
        ("[policy.categories]\npermissive = ['review']", "policy.categories.permissive must be allow, attribute"),
    ],
)
def test_a_mistake_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    assert said in mistakes(tmp_path, text)


def test_a_team_may_keep_its_policy_in_one_file(tmp_path: Path) -> None:
    shared, work = tmp_path / "shared", tmp_path / "work"
    shared.mkdir()
    work.mkdir()
    (shared / "policy.toml").write_text(WHOLE, encoding="utf-8")
    own = "[policy]\nproject_license = 'MIT'\n"
    (work / "attrib.toml").write_text(own, encoding="utf-8")
    from_file = load_config({}, {"ATTRIB_POLICY": str(shared / "policy.toml")}, work).policy
    assert (from_file.project_license, from_file.folder) == ("Apache-2.0 OR MIT", work)
    assert read(work, 'policy = "../shared/policy.toml"') == from_file
    (shared / "policy.toml").write_text("[policy]\nproject = 1\n[policy.categories]\nx = 1\n", encoding="utf-8")
    said = mistakes(work, 'policy = "../shared/policy.toml"')
    assert "attrib.toml: policy.toml: policy: unknown setting 'project'" in said
    assert "policy.toml: policy.categories.x is no category" in said
    (shared / "policy.toml").write_text("policy = 1", encoding="utf-8")
    assert "policy.toml: policy must be a table, not 1" in mistakes(work, 'policy = "../shared/policy.toml"')
    (shared / "policy.toml").write_text("[[[", encoding="utf-8")
    assert "policy.toml: is not valid TOML" in mistakes(work, 'policy = "../shared/policy.toml"')


@pytest.mark.parametrize("value", [1, "x", [], {}, True, 1.5, None, date(2027, 1, 1), [{}], {"x": {}}])
@pytest.mark.parametrize("part", ["project_license", "categories", "licenses", "kinds", "thresholds", "exceptions"])
def test_whatever_stands_there_is_read_or_refused(part: str, value: Any) -> None:
    with suppress(PolicyMistakes):
        assert isinstance(read_policy({part: value}), Policy)


PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_is_valid_and_shows_every_part(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    policy = read(tmp_path, example)
    assert [part.name for part in fields(Policy) if getattr(policy, part.name) == getattr(Policy(), part.name)] == []
    assert all(getattr(policy.thresholds, part.name) for part in fields(Thresholds))
    assert len(policy.exceptions) == 2
    kinds = {
        (rule.action is None, rule.at_least is Action.ALLOW, rule.at_most is Action.BLOCK) for rule in policy.kinds
    }
    assert kinds == {(False, True, True), (True, True, False), (True, False, True)}


def test_the_categories_of_the_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| ", PAGE, re.MULTILINE)
    assert rows == [(category.value, action.value) for category, action in DEFAULT_ACTIONS.items()]


def test_the_table_of_the_page_is_that_of_the_code() -> None:
    head, *rows = re.findall(r"^\| (?:code|[A-Z]+[\w.-]+) .*\|$", PAGE, re.MULTILINE)
    projects = head.strip("| ").split(" | ")[1:]
    assert len(rows) == 11
    for row in rows:
        code, *actions = row.strip("| ").split(" | ")
        for project, action in zip(projects, actions, strict=True):
            answer = compatibility(code, project)
            assert answer is not None
            assert (code, project, action) == (code, project, answer.action.value)
