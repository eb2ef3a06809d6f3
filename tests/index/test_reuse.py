"""REUSE: which statement beside a file counts, by the precedence rules of the specification."""

from pathlib import Path

import pytest

from index.origins.base import Precedence, SourceFile
from index.origins.folder import FolderOrigin
from index.origins.reuse import reuse_statements, states_licenses

OUTER = """
version = 1

[[annotations]]
path = "**"
SPDX-License-Identifier = "Apache-2.0"

[[annotations]]
path = ["lib/*.py", "odd\\\\*name.py"]
precedence = "aggregate"
SPDX-License-Identifier = ["MIT", "ISC"]

[[annotations]]
path = "given/**"
precedence = "override"
SPDX-License-Identifier = "0BSD"
"""
INNER = """
version = 1
[[annotations]]
path = "a.py"
SPDX-License-Identifier = "Zlib"
"""
STATEMENTS = reuse_statements(
    {
        "sub/REUSE.toml": INNER,
        "REUSE.toml": OUTER,
        "given/REUSE.toml": INNER,
        "beside.py.license": "SPDX-License-Identifier: BSL-1.0\n",
        "given/b.py.license": "SPDX-License-Identifier: BSL-1.0\n",
    }
)


@pytest.mark.parametrize(
    ("path", "expression", "precedence"),
    [
        ("main.py", "Apache-2.0", Precedence.CLOSEST),
        ("lib/a.py", "(MIT) AND (ISC)", Precedence.AGGREGATE),
        ("lib/deep/a.py", "Apache-2.0", Precedence.CLOSEST),
        ("odd*name.py", "(MIT) AND (ISC)", Precedence.AGGREGATE),
        ("oddXname.py", "Apache-2.0", Precedence.CLOSEST),
        ("sub/a.py", "Zlib", Precedence.CLOSEST),
        ("sub/b.py", "Apache-2.0", Precedence.CLOSEST),
        ("beside.py", "BSL-1.0", Precedence.OVERRIDE),
        # An override further out counts more than anything further in.
        ("given/a.py", "0BSD", Precedence.OVERRIDE),
        ("given/b.py", "0BSD", Precedence.OVERRIDE),
    ],
)
def test_the_closest_statement_counts_unless_an_outer_one_overrides(
    path: str, expression: str, precedence: Precedence
) -> None:
    (said,) = STATEMENTS.of(path)
    assert (said.value, said.precedence) == (expression, precedence)


def test_broken_statements_say_nothing() -> None:
    broken = {"REUSE.toml": "annotations = [", "sub/REUSE.toml": "annotations = 3", "a.py.license": "no tag"}
    assert reuse_statements(broken).of("sub/a.py") == ()
    unknown = 'version = 1\n[[annotations]]\npath = "**"\nprecedence = "perhaps"\nSPDX-License-Identifier = "MIT"\n'
    assert reuse_statements({"REUSE.toml": unknown}).of("a.py") == ()


def test_old_dep5_is_read() -> None:
    text = (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
        "Files: *\nCopyright: Ann\nLicense: MIT\n"
    )
    (said,) = reuse_statements({".reuse/dep5": text}).of("deep/a.py")
    assert (said.value, said.field) == ("MIT", "License in .reuse/dep5")


def test_names_that_hold_statements() -> None:
    assert states_licenses("a/REUSE.toml")
    assert states_licenses(".reuse/dep5")
    assert states_licenses("a/b.py.license")
    assert not states_licenses("MIT.license")
    assert not states_licenses("LICENSE")


def test_a_folders_files_carry_what_is_said_of_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("main.py", "beside.py", "sub/a.py"):
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "REUSE.toml").write_text(OUTER)
    (tmp_path / "sub" / "REUSE.toml").write_text(INNER)
    (tmp_path / "beside.py.license").write_text("SPDX-License-Identifier: BSL-1.0\n")
    (package,) = FolderOrigin(tmp_path).packages()
    said = {file.path: file.declared[0].value for file in package.files() if isinstance(file, SourceFile)}
    assert said == {"main.py": "Apache-2.0", "beside.py": "BSL-1.0", "sub/a.py": "Zlib"}
    assert package.legal == ()
