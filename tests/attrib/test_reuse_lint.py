"""What we tag is accepted by the REUSE tool, which runs as a program of its own: the product never imports it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from language_samples import SAMPLES

from attrib.license_texts import canonical_text
from attrib.side_files import read_side_file, side_file
from attrib.snippet_tags import Snippet, tag_snippets
from index.languages import language_named

ROOT = Path(__file__).parents[2]
REUSE = os.environ.get("REUSE") or shutil.which("reuse", path=f"{ROOT / '.venv-reuse' / 'bin'}{os.pathsep}{os.defpath}")
NO_EXTENSION = {"Prolog": "a.pro", "MATLAB": "a.mat.m", "Coq": "b.coq.v"}
needs_reuse = pytest.mark.skipif(REUSE is None, reason="reuse is not installed: `.ci/reuse` puts it into .venv-reuse")


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(REUSE), "--root", str(folder), "lint"], cwd=folder, capture_output=True, text=True, check=False
    )


def tagged_tree(folder: Path) -> int:
    """Write a tagged file in every language, three side files and the licences; return how many files need credit."""
    credit = ("2014 Ada Example <ada@example.org>", "2019-2021, Ben Sample, Inc.")
    for language, code in SAMPLES.items():
        known = language_named(language)
        assert known is not None
        name = NO_EXTENSION.get(language) or (f"a{known.extensions[0]}" if known.extensions else known.filenames[0])
        expression = "MIT" if language < "M" else "Apache-2.0 OR BSD-3-Clause"
        tagged = tag_snippets(code, language, [Snippet(4, 7, credit, expression)])
        (folder / f"{len(list(folder.iterdir()))}-{name}").write_text(tagged, encoding="utf-8", newline="")
    for name in ("data.json", "page.unknown", "picture.png"):
        (folder / name).write_bytes(b"{}")
        both = [Snippet(1, 1, credit, "MIT"), Snippet(3, 4, ("2020 Cy",), "ISC")]
        (folder / f"{name}.license").write_text(side_file(both), encoding="utf-8")
    (folder / "LICENSES").mkdir()
    for license_id in ("MIT", "ISC", "Apache-2.0", "BSD-3-Clause"):
        (folder / "LICENSES" / f"{license_id}.txt").write_text(canonical_text(license_id) or "", encoding="utf-8")
    return len(SAMPLES) + 3


@needs_reuse
def test_a_tagged_tree_in_every_language_is_compliant(tmp_path: Path) -> None:
    count = tagged_tree(tmp_path)
    found = linted(tmp_path)
    assert found.returncode == 0, found.stdout
    assert f"Files with copyright information: {count} / {count}" in found.stdout
    assert f"Files with license information: {count} / {count}" in found.stdout
    assert "Used licenses: Apache-2.0, BSD-3-Clause, ISC, MIT" in found.stdout


@needs_reuse
def test_the_tool_does_look(tmp_path: Path) -> None:
    tagged_tree(tmp_path)
    (tmp_path / "untagged.py").write_text("a = 1\n")
    assert linted(tmp_path).returncode == 1


def test_a_side_file_speaks_for_the_whole_file_and_reads_back() -> None:
    snippets = [Snippet(9, 9, ("2020 Cy",), "ISC"), Snippet(1, 2, ("2014 Ada", "2019 Ben"), "MIT")]
    text = side_file(snippets)
    assert text == (
        "SPDX-FileCopyrightText: 2014 Ada\nSPDX-FileCopyrightText: 2019 Ben\nSPDX-FileCopyrightText: 2020 Cy\n\n"
        "SPDX-License-Identifier: MIT AND ISC\n"
    )
    assert read_side_file(text, 12) == (Snippet(1, 12, ("2014 Ada", "2019 Ben", "2020 Cy"), "MIT AND ISC"),)
    assert side_file([]) == ""
    assert read_side_file("nothing of the kind\n", 3) == ()
    evil = side_file([Snippet(1, 1, ("Mal\nSPDX-License-Identifier: 0BSD",), "MIT")])
    assert read_side_file(evil, 1)[0].license_expression == "MIT"
