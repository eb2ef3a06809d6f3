"""A second opinion refuses what it finds less permissive, and says clearly when it cannot be had."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from attrib.errors import NoSecondOpinion
from attrib.second_opinion import ScanCode, less_permissive
from attrib.source_licenses import SourceLicenses
from index.origins.base import DeclaredLicense, SourceFile, SourcePackage

HEAD = b"# SPDX-License-Identifier: MIT\nx = 1\n"
PACKAGE = SourcePackage(
    "pkg:generic/x@1",
    None,
    (DeclaredLicense("License-Expression", "MIT"),),
    (),
    (),
    lambda: iter([SourceFile("a b/x.py", len(HEAD), lambda: HEAD)]),
)


class Says:
    def __init__(self, expression: str) -> None:
        self.expression = expression

    def of(self, package: SourcePackage) -> Mapping[str, str]:
        return {"a b/x.py": self.expression}


def test_what_is_stricter_is_refused_with_both_named() -> None:
    finding = SourceLicenses(PACKAGE, Says("MIT AND LGPL-2.1-or-later")).of("a b/x.py", HEAD)
    assert not finding.settled
    assert "MIT" in (finding.reason or "")
    assert "ScanCode says MIT AND LGPL-2.1-or-later" in (finding.reason or "")


@pytest.mark.parametrize("expression", ["MIT", "MIT OR GPL-2.0-only", "LicenseRef-scancode-unknown", "Apache-2.0"])
def test_what_is_no_stricter_changes_nothing(expression: str) -> None:
    finding = SourceLicenses(PACKAGE, Says(expression)).of("a b/x.py", HEAD)
    assert finding.expression == "MIT"
    assert finding.evidence.endswith("ScanCode asked")


def test_the_mildest_branch_is_what_is_asked_for() -> None:
    assert less_permissive("MIT AND LicenseRef-scancode-x AND LGPL-2.1-only")
    assert not less_permissive("GPL-2.0-only OR MIT")
    assert not less_permissive("no expression at all")


def program(folder: Path, answer: str) -> str:
    """Write a stand-in for `scancode` that gives one answer for every file."""
    path = folder / "scancode"
    path.write_text(
        "#!/usr/bin/env python3\nimport json, os, sys\n"
        "out, folder = sys.argv[sys.argv.index('--json') + 1], sys.argv[-1]\n"
        f"answer = {answer}\n"
        "open(out, 'w').write(json.dumps(answer))\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_the_program_is_asked_for_every_file(tmp_path: Path) -> None:
    files = "[{'path': 'asked/' + n, 'detected_license_expression_spdx': 'GPL-2.0-only'} for n in os.listdir(folder)]"
    said = ScanCode(program(tmp_path, f"{{'files': {files}}}")).of(PACKAGE)
    assert said == {"a b/x.py": "GPL-2.0-only"}


def test_without_the_program_or_with_another_answer_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoSecondOpinion, match="no program scancode"):
        ScanCode(str(tmp_path / "scancode"))
    with pytest.raises(NoSecondOpinion, match="cannot be read"):
        ScanCode(program(tmp_path, json.dumps({"other": 1}))).of(PACKAGE)
