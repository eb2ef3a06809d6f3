"""Code that was tagged is not accused again, by a check or an audit; tags that are wrong do not help."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Verdict
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import Config
from attrib.licenses import Category
from attrib.policy import Policy
from attrib.policy_trial import rejudged
from attrib.service import Service
from attrib.side_files import side_file
from attrib.snippet_tags import Snippet, tag_snippets
from attrib.stored_matches import stored_matches
from attrib.tagged_attribution import credited
from index.matches import MatchKind, Span

CODE = """def newest(folder, ending):
    found, moment = None, 0.0
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            if not name.endswith(ending):
                continue
            changed = os.stat(os.path.join(place, name)).st_mtime
            if changed > moment:
                found, moment = os.path.join(place, name), changed
    return found
"""
LICENSE = "SPDX-License-Identifier: MIT\nCopyright (c) 2019 Ada Example\n"


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Service:
    """The real service over an index of one small source."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "newest.py").write_text(CODE)
    (source / "LICENSE").write_text(LICENSE)
    service = build_service(config)
    service.add([str(source)], purl="pkg:generic/newest@1", license="MIT")
    return service


def tagged(*copyright: str, license: str = "MIT") -> str:
    return "import os\n\n\n" + tag_snippets(CODE, "Python", [Snippet(1, 10, copyright, license)])


def test_a_tree_that_was_tagged_is_not_accused_again(service: Service, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "plain.py").write_text("import os\n\n\n" + CODE)
    (tree / "tagged.py").write_text(tagged("2019 Ada Example"))
    (tree / "beside.py").write_text(CODE)
    (tree / "beside.py.license").write_text(side_file([Snippet(1, 10, ("2019 Ada Example",), "MIT")]))
    (tree / "wrong.py").write_text(tagged("2019 Ada Example", license="ISC"))
    (tree / "forgotten.py").write_text(tagged("2020 Somebody Else"))
    report = service.audit(tree)
    found = {finding.path: finding.match for finding in report.findings}
    assert {path: match.verdict.action.value for path, match in found.items()} == {
        "plain.py": "attribute", "tagged.py": "allow", "beside.py": "allow", "wrong.py": "attribute",
        "forgotten.py": "attribute",
    }  # fmt: skip
    assert [path for path, match in found.items() if match.attributed] == ["beside.py", "tagged.py"]
    assert found["tagged.py"].verdict.reasons == ("attributed by its REUSE tags at lines 7-16",)
    assert "say ISC, the source says MIT, so they do not help" in found["wrong.py"].verdict.reasons[-1]
    assert "do not name the copyright '2019 Ada Example'" in found["forgotten.py"].verdict.reasons[-1]
    assert next(f for f in report.as_json()["findings"] if f["path"] == "tagged.py")["attributed"] is True
    for path in ("plain.py", "wrong.py", "forgotten.py", "beside.py"):
        (tree / path).unlink()
    alone = service.audit(tree)
    assert alone.verdict is Action.ALLOW
    # The tags do not hold the licence's text, so the notice still has to.
    assert "Copyright 2019 Ada Example" in alone.notice


def test_the_answer_says_when_a_side_file_is_needed(service: Service) -> None:
    needed = service.check(CODE.encode(), path="a.unknown").attribution.side_file
    assert needed == "SPDX-FileCopyrightText: 2019 Ada Example\n\nSPDX-License-Identifier: MIT\n"
    assert service.check(CODE.encode(), path="a.py").attribution.side_file is None
    assert service.check(CODE.encode()).attribution.side_file is None
    assert service.check(CODE.encode(), language="json").as_json()["attribution"]["side_file"] == needed


def test_the_notice_of_a_record_in_every_format(service: Service, config: Config, tmp_path: Path) -> None:
    checked = service.check(CODE.encode(), path="a.py")
    home = ["--home", str(config.home)]

    def written(*more: str) -> str:
        result = CliRunner().invoke(cli, [*home, "notice", *more])
        assert result.exit_code == 0, result.output
        return result.stdout

    record = ("--record", checked.id)
    assert written(*record) == checked.attribution.notice
    assert written(*record, "--format", "markdown").startswith("# Third-party notices\n")
    page = written(*record, "--format", "html")
    assert "<h2" in page
    assert "newest.py, lines 1-10" in page
    written(*record, "--format", "html", "-o", str(tmp_path / "N.html"))
    assert (tmp_path / "N.html").read_text() == page
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text(CODE)
    assert written(str(tmp_path / "tree")) == checked.attribution.notice
    assert written(str(tmp_path / "tree"), "--format", "html") == page
    audit = CliRunner().invoke(cli, [*home, "audit", str(tmp_path / "tree"), "--format", "json"])
    assert written("--record", json.loads(audit.stdout)["id"], "--format", "html") == page
    # What was answered stays, also when the source is gone.
    service.remove("pkg:generic/newest@1")
    assert written(*record) == checked.attribution.notice
    assert "newest.py, lines 1-10" in written(*record, "--format", "html")
    assert written(*record, "--format", "markdown").count("```") == 2


@pytest.mark.parametrize("arguments", [[], ["a", "--record", "b"], ["--record", "b", "--exclude", "pkg:pypi/a"]])
def test_wrong_use_is_said_in_one_line(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, ["notice", *arguments])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def match_of(license: str, action: Action) -> AttributedMatch:
    span = Span(2, 3, 0, 1)
    origin = AttributedOrigin(
        "pkg:a/b@1", "b.c", "s", span, 1.0, license, "its header", "permissive", ("2020 Ada",), None
    )
    return AttributedMatch(MatchKind.EXACT, span, 1.0, 80, 200.0, False, 1, (origin,), Verdict(action, ("it asks",)))


@pytest.mark.parametrize(
    ("license", "tag", "helps"),
    [
        ("MIT", "MIT", True),
        ("MIT", "mit", True),
        ("MIT", "MIT AND ISC", True),
        ("MIT", "MIT OR ISC", False),
        ("MIT", "ISC", False),
        ("MIT", "", False),
        ("MIT AND ISC", "MIT", False),
        ("MIT AND ISC", "ISC AND MIT", True),
        ("MIT OR GPL-3.0-only", "MIT", True),
        ("MIT OR GPL-3.0-only", "MIT OR GPL-3.0-only", True),
        ("MIT OR GPL-3.0-only", "(MIT OR GPL-3.0-only) AND ISC", True),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception", True),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0", False),
        ("NOASSERTION", "NOASSERTION", False),
    ],
)
def test_which_expression_gives_credit_for_which(license: str, tag: str, helps: bool) -> None:
    named = f"// SPDX-License-Identifier: {tag}\n" if tag else ""
    code = f"// SPDX-SnippetBegin\n// SPDX-SnippetCopyrightText: 2020 Ada\n{named}a;\nb;\nc;\n// SPDX-SnippetEnd\n"
    (match,) = credited([match_of(license, Action.ATTRIBUTE)], code.encode())
    assert match.attributed is helps
    assert (match.verdict.action is Action.ALLOW) is helps


@pytest.mark.parametrize("action", [Action.REVIEW, Action.BLOCK])
def test_tags_settle_nothing_that_a_person_or_the_policy_has_to(action: Action) -> None:
    code = b"// SPDX-SnippetBegin\n// SPDX-SnippetCopyrightText: 2020 Ada\n// SPDX-License-Identifier: MIT\na;\nb;\n"
    (match,) = credited([match_of("MIT", action)], code + b"// SPDX-SnippetEnd\n")
    assert (match.verdict.action, match.attributed) == (action, True)
    assert match.verdict.reasons[0] == "it asks"
    assert "does not settle this" in match.verdict.reasons[1]
    assert credited([match_of("MIT", action)], b"a;\nb;\nc;\n")[0].attributed is False


def test_a_stored_answer_that_is_judged_anew_keeps_its_credit(service: Service) -> None:
    checked = service.check(tagged("2019 Ada Example").encode(), path="a.py")
    stored = stored_matches(checked.as_json(), "a.py", None)
    (again,) = rejudged(stored, Policy(), date(2026, 11, 24))
    assert (again.changed, again.now.attributed) == (False, True)
    strict = Policy(categories=((Category.PERMISSIVE, Action.BLOCK),))
    (blocked,) = rejudged(stored, strict, date(2026, 11, 24))
    assert blocked.now.verdict.action is Action.BLOCK
