"""`attrib audit --fix`: what is missing is added, nothing else is touched, and the REUSE tool has nothing to say."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from settled_trees import NEWEST, ROUTE, audited, decision, finding, indexed

from attrib.answers import Action
from attrib.audits.decision_file import DECISIONS_FILE, DecisionFile, written
from attrib.audits.findings import Provenance, Settled, Standing
from attrib.audits.fixing import is_mendable
from attrib.cli.main import cli
from attrib.config import Config
from attrib.service import Service

ROOT = Path(__file__).parents[2]
REUSE = os.environ.get("REUSE") or shutil.which("reuse", path=f"{ROOT / '.venv-reuse' / 'bin'}{os.pathsep}{os.defpath}")
needs_reuse = pytest.mark.skipif(REUSE is None, reason="reuse is not installed: `.ci/reuse` puts it into .venv-reuse")
HEAD = "# SPDX-FileCopyrightText: 2026 Us\n# SPDX-License-Identifier: MIT\n\n"


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Service:
    return indexed(config, tmp_path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of four files: a copy, one in a file that is no UTF-8, both codes in one file, and one of its own."""
    tree = tmp_path / "tree"
    (tree / "src").mkdir(parents=True)
    (tree / "src" / "a.py").write_text(f"{HEAD}import os\n\n\n{NEWEST}")
    (tree / "src" / "latin.py").write_bytes(f"{HEAD}# gr\xfc\xdfe\nimport os\n\n\n{NEWEST}".encode("latin-1"))
    (tree / "src" / "both.py").write_bytes(
        f"{HEAD}import os, re\n\n\n{NEWEST}\n\n{ROUTE}".replace("\n", "\r\n").encode()
    )
    (tree / "src" / "own.py").write_text(f"{HEAD}VALUE = 1\n")
    return tree


def run(config: Config, *args: object) -> Result:
    return CliRunner().invoke(cli, ["--home", str(config.home), *map(str, args)])


def contents(tree: Path) -> dict[str, bytes]:
    return {place.relative_to(tree).as_posix(): place.read_bytes() for place in tree.rglob("*") if place.is_file()}


def test_a_tree_is_mended_once_and_for_all(config: Config, service: Service, tree: Path) -> None:
    before = contents(tree)
    shown = run(config, "audit", tree, "--fix", "--dry-run", "--fail-on", "attribute")
    assert shown.exit_code == 1
    assert "+# SPDX-SnippetCopyrightText: 2019 Ada Example" in shown.stdout
    assert "+++ b/LICENSES/Apache-2.0.txt" in shown.stdout
    assert contents(tree) == before
    fixed = run(config, "audit", tree, "--fix", "--fail-on", "attribute")
    assert fixed.exit_code == 0, fixed.output
    after = contents(tree)
    assert set(after) - set(before) == {
        "LICENSES/Apache-2.0.txt", "LICENSES/MIT.txt", "THIRD-PARTY-NOTICES.txt", "THIRD-PARTY-NOTICES.txt.license",
        "src/latin.py.license",
    }  # fmt: skip
    assert {path for path in before if before[path] != after[path]} == {"src/a.py", "src/both.py"}
    assert b"\n" not in after["src/both.py"].replace(b"\r\n", b"")
    notices = after["THIRD-PARTY-NOTICES.txt"].decode()
    assert "Made for the trams of Exampletown." in notices
    assert "Copyright 2019 Ada Example" in notices
    report = audited(service, tree)
    assert {duty.met_in is None for found in report.findings for duty in found.duties} == {False}
    again = run(config, "audit", tree, "--fix")
    assert "nothing to mend" in again.stderr
    assert contents(tree) == after
    assert run(config, "audit", tree, "--fix", "--dry-run").stdout.strip() == ""


@needs_reuse
def test_the_reuse_tool_accepts_a_mended_tree(config: Config, service: Service, tree: Path) -> None:
    run(config, "audit", tree, "--fix")
    linted = subprocess.run(
        [str(REUSE), "--root", str(tree), "lint"], cwd=tree, capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout
    assert "Used licenses: Apache-2.0, MIT" in linted.stdout


def test_what_people_wrote_stays(config: Config, service: Service, tree: Path) -> None:
    (tree / "THIRD-PARTY-NOTICES.md").write_text("# Ours\n\nWe thank Cy.\n")
    (tree / "src" / "latin.py.license").write_text("SPDX-FileCopyrightText: 2026 Us\n\nSPDX-License-Identifier: MIT")
    (tree / "LICENSES").mkdir()
    (tree / "LICENSES" / "MIT.txt").write_text("ours\n")
    run(config, "audit", tree, "--fix")
    notices = (tree / "THIRD-PARTY-NOTICES.md").read_text()
    assert notices.startswith("# Ours\n\nWe thank Cy.\n\n")
    assert "Ada Example" in notices
    assert not (tree / "THIRD-PARTY-NOTICES.txt").exists()
    assert (tree / "LICENSES" / "MIT.txt").read_text() == "ours\n"
    beside = (tree / "src" / "latin.py.license").read_text()
    assert beside.startswith("SPDX-FileCopyrightText: 2026 Us\n\nSPDX-License-Identifier: MIT\n")
    assert "SPDX-FileCopyrightText: 2019 Ada Example" in beside
    after = contents(tree)
    run(config, "audit", tree, "--fix")
    assert contents(tree) == after


def test_only_what_asks_for_credit_is_mended() -> None:
    allowed = {
        Action.ALLOW: False, Action.ATTRIBUTE: True, Action.REVIEW: False, Action.BLOCK: False
    }  # fmt: skip
    for action, mendable in allowed.items():
        found = finding(action=action)
        assert is_mendable(found) is mendable
        wanted = replace(found, decision=decision(found, Settled.ATTRIBUTED))
        assert is_mendable(wanted) is (action in (Action.ATTRIBUTE, Action.REVIEW))
        for settled in (Settled.ACCEPTED, Settled.FALSE_POSITIVE, Settled.WAIVED, Settled.REWRITTEN):
            assert not is_mendable(replace(found, decision=decision(found, settled)))
    declared = Provenance(Standing.VENDORED, "pkg:generic/newest@1", "vendor.txt")
    assert not is_mendable(replace(finding(), provenance=declared))


def test_what_was_accepted_stays_untouched(config: Config, service: Service, tree: Path) -> None:
    for path in ("latin.py", "both.py", "own.py"):
        (tree / "src" / path).unlink()
    (found,) = audited(service, tree).findings
    (tree / DECISIONS_FILE).write_text(written(DecisionFile(), [decision(found)]))
    before = contents(tree)
    assert "nothing to mend" in run(config, "audit", tree, "--fix").stderr
    assert contents(tree) == before


@pytest.mark.parametrize(
    ("args", "said"),
    [(("tree/src/a.py", "--fix"), "mends a folder"), (("tree", "--dry-run"), "goes with --fix")],
)
def test_wrong_use_is_one_line(config: Config, service: Service, tree: Path, args: tuple[str, ...], said: str) -> None:
    result = run(config, "audit", tree.parent / args[0], *args[1:])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert said in result.stderr
