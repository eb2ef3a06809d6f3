"""Duties: what a licence asks for is met where the tree does it, and only there; what lacks nothing is allowed."""

from pathlib import Path

import pytest
from audited import git, write
from settled_trees import MIT, NEWEST, ROUTE, audited, indexed

from attrib.answers import Action
from attrib.audits.credit_files import gives_credit
from attrib.audits.findings import Finding
from attrib.audits.opening import Reading
from attrib.config import Config
from attrib.license_texts import canonical_text
from attrib.service import Service

MIT_TEXT = canonical_text("MIT") or ""
APACHE_TEXT = canonical_text("Apache-2.0") or ""
LIMIT = "The Software shall not be sold, and not be used by governments or companies of more than ten people."
NAMING = "This program holds code of newest.\n\nCopyright (c) 2019 Ada Example\n"


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Service:
    return indexed(config, tmp_path)


def found(service: Service, tree: Path, files: dict[str, str]) -> Finding:
    """Return the finding in the one file of code that the tree holds."""
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    (finding,) = audited(service, tree).findings
    return finding


def met(finding: Finding) -> dict[str, str | None]:
    return {duty.ask.value: duty.met_in for duty in finding.duties}


@pytest.mark.parametrize(
    ("files", "copyright", "text"),
    [
        ({}, None, None),
        ({"NOTICE": NAMING}, "NOTICE", None),
        ({"THIRD-PARTY-NOTICES.md": NAMING}, "THIRD-PARTY-NOTICES.md", None),
        ({"LICENSES/MIT.txt": MIT_TEXT}, None, "LICENSES/MIT.txt"),
        ({"LICENSE": MIT_TEXT}, None, "LICENSE"),
        ({"LICENSE": MIT_TEXT, "LICENSES/MIT.txt": MIT_TEXT}, None, "LICENSES/MIT.txt"),
        ({"NOTICE": NAMING + MIT_TEXT}, "NOTICE", "NOTICE"),
        ({"src/NOTICE": NAMING, "src/LICENSE": MIT_TEXT}, "src/NOTICE", "src/LICENSE"),
        # What lies elsewhere, names another holder or only the package, or is another licence does not help.
        ({"docs/NOTICE": NAMING, "docs/LICENSE": MIT_TEXT}, None, None),
        ({"NOTICE": NAMING.replace("Ada", "Ida")}, None, None),
        ({"NOTICE": NAMING.replace("newest", "latest")}, None, None),
        ({"NOTICE": "newest\n" + "=" * 40 + "\noldest, Copyright 2019 Ada Example\n"}, None, None),
        ({"LICENSES/MIT.txt": APACHE_TEXT}, None, None),
        ({"LICENSES/MIT.txt": MIT_TEXT.replace("THE SOFTWARE IS", f"{LIMIT}\n\nTHE SOFTWARE IS")}, None, None),
        ({"notice.py.license": NAMING}, None, None),
    ],
)
def test_where_the_duties_of_mit_are_met(
    service: Service, tmp_path: Path, files: dict[str, str], copyright: str | None, text: str | None
) -> None:
    finding = found(service, tmp_path / "tree", {"src/mine.py": NEWEST} | files)
    assert met(finding) == {"include_copyright": copyright, "include_text": text}
    assert finding.verdict is (Action.ALLOW if copyright and text else Action.ATTRIBUTE)
    if finding.verdict is Action.ALLOW:
        assert finding.outcome.reasons[0].startswith("all that MIT asks for is done: see ")
    assert finding.match.verdict.action is Action.ATTRIBUTE


def test_apache_asks_for_its_notice_too_and_for_a_word_about_changes(service: Service, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    credit = "route 2\nCopyright 2021 Ben Sample\n"
    there = {"mine.py": ROUTE, "NOTICE": credit, "LICENSES/Apache-2.0.txt": APACHE_TEXT}
    exact = found(service, tree, there)
    assert met(exact) == {
        "include_copyright": "NOTICE", "include_text": "LICENSES/Apache-2.0.txt", "include_notice": None
    }  # fmt: skip
    quoted = found(service, tree, there | {"NOTICE": credit + "Route\n   Made for the trams\nof Exampletown.\n"})
    assert (met(quoted)["include_notice"], quoted.verdict) == ("NOTICE", Action.ALLOW)
    edited = {"mine.py": ROUTE.replace("return fallback(request)", "return fallback(request, self.methods)")}
    changed = found(service, tree, edited)
    assert (met(changed)["state_changes"], changed.verdict) == (None, Action.ATTRIBUTE)
    notice = (tree / "NOTICE").read_text()
    said = found(service, tree, {"NOTICE": f"{notice}The code of route was modified here.\n"})
    assert (met(said)["state_changes"], said.verdict) == ("NOTICE", Action.ALLOW)


def test_tags_keep_the_copyright_and_the_text_is_still_owed(service: Service, tmp_path: Path) -> None:
    tags = "# SPDX-SnippetBegin\n# SPDX-SnippetCopyrightText: 2019 Ada Example\n# SPDX-License-Identifier: MIT\n"
    finding = found(service, tmp_path / "tree", {"mine.py": f"{tags}{NEWEST}# SPDX-SnippetEnd\n"})
    assert met(finding) == {"include_copyright": "mine.py", "include_text": None}


@pytest.mark.parametrize(
    ("path", "gives"),
    [
        ("NOTICE", True), ("notices.md", True), ("ThirdPartyNotices.txt", True), ("THIRD_PARTY_LICENSES", True),
        ("LICENSE", True), ("LICENSE-MIT", True), ("COPYING.LESSER", True), ("a/b/LICENCE.txt", True),
        ("LICENSES/MIT.txt", True), ("LICENSES/MIT.txt.license", False), ("license.py", False), ("notice.go", False),
        ("a.py.license", False), ("README.md", False),
    ],
)  # fmt: skip
def test_which_files_give_credit(path: str, gives: bool) -> None:
    assert gives_credit(path) is gives


def test_links_give_no_credit(tmp_path: Path, service: Service) -> None:
    (tmp_path / "outside").write_text(NAMING + MIT_TEXT + MIT)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "NOTICE").symlink_to(tmp_path / "outside")
    assert set(met(found(service, tree, {"mine.py": NEWEST})).values()) == {None}


def test_credit_counts_in_a_revision_and_in_an_archive(tmp_path: Path, service: Service) -> None:
    work = write(tmp_path / "work", {"mine.py": NEWEST, "NOTICE": NAMING, "LICENSES/MIT.txt": MIT_TEXT})
    git(work, "init", "-q")
    git(work, "add", ".")
    git(work, "commit", "-qm", "first")
    git(work, "archive", "--prefix=work/", "--output", str(tmp_path / "work.zip"), "HEAD")
    (work / "NOTICE").unlink()
    for report in (service.audit(work, reading=Reading(rev="HEAD")), service.audit(tmp_path / "work.zip")):
        (one,) = report.findings
        assert (one.verdict, set(met(one).values())) == (Action.ALLOW, {"NOTICE", "LICENSES/MIT.txt"})
