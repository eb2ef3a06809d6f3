import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from index.errors import UnreadableOrigin
from index.origins.base import DeclaredLicense, LegalKind, SkippedFile, SourceFile
from index.origins.folder import FolderOrigin
from index.origins.installed import InstalledOrigin
from index.origins.legal import legal_kind


def test_an_installed_package_brings_identity_metadata_legal_files_and_code() -> None:
    (click,) = InstalledOrigin(["Click"]).packages()
    assert click.purl == f"pkg:pypi/click@{version('click')}"
    assert DeclaredLicense("License-Expression in METADATA", "BSD-3-Clause") in click.declared
    (license,) = [file for file in click.legal if file.kind is LegalKind.LICENSE]
    assert "Redistribution and use" in license.text
    files = {file.path: file for file in click.files()}
    core = files["click/core.py"]
    assert isinstance(core, SourceFile)
    assert core.size == len(core.read())
    assert b"class Command" in core.read()
    assert list(files) == sorted(files)
    assert not any("dist-info" in path or path.endswith(".pyc") for path in files)


def test_every_purl_is_there_once_in_order_and_without_ourselves() -> None:
    purls = [package.purl for package in InstalledOrigin().packages()]
    names = [purl.split("@")[0] for purl in purls]
    assert len(names) == len(set(names))
    assert names == sorted(names)
    assert "pkg:pypi/license-expression" in names
    assert "pkg:pypi/attrib" not in names


def test_notices_and_authors_are_told_from_licences() -> None:
    (requests,) = InstalledOrigin(["requests"]).packages()
    assert {file.kind for file in requests.legal} == {LegalKind.LICENSE, LegalKind.NOTICE}
    (pygments,) = InstalledOrigin(["pygments"]).packages()
    assert LegalKind.AUTHORS in {file.kind for file in pygments.legal}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("LICENSE", LegalKind.LICENSE),
        ("x/COPYING.LESSER", LegalKind.LICENSE),
        ("apache-2.0.LICENSE", LegalKind.LICENSE),
        ("LICENCE.md", LegalKind.LICENSE),
        ("LICENSE-MIT", LegalKind.LICENSE),
        ("NOTICE.txt", LegalKind.NOTICE),
        ("LICENSES.third-party", LegalKind.NOTICE),
        ("AUTHORS.rst", LegalKind.AUTHORS),
        ("license.py", None),
        ("licensing_guide.txt", None),
        ("license_key_index.json.ABOUT", None),
        ("notices.js", None),
    ],
)
def test_legal_files_are_known_by_name(path: str, kind: LegalKind | None) -> None:
    assert legal_kind(path) is kind


def test_editable_installs_are_left_out_and_missing_files_are_said(tmp_path: Path) -> None:
    for name, direct in (("mine", '{"url": "file:///x", "dir_info": {"editable": true}}'), ("yours", "{}")):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"{name}.py,,\n../../bin/{name}.py,,\n{name}-1.0.dist-info/METADATA,,\n")
        (info / "direct_url.json").write_text(direct)
    (yours,) = InstalledOrigin(paths=[str(tmp_path)]).packages()
    assert yours.purl == "pkg:pypi/yours@1.0"
    assert list(yours.files()) == [SkippedFile("yours.py", "listed in RECORD but not there")]


def test_installed_scripts_are_known_by_their_first_line(tmp_path: Path) -> None:
    info = tmp_path / "yours-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: yours\nVersion: 1.0\n")
    (tmp_path / "yours").mkdir()
    (tmp_path / "yours" / "tool").write_text("#!/usr/bin/env python3\nx = 1\n")
    (tmp_path / "yours" / "words").write_text("all kinds\nof words\n")
    names = ("yours/gone", "yours/tool", "yours/words")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    (yours,) = InstalledOrigin(paths=[str(tmp_path)]).packages()
    gone, tool = yours.files()
    assert gone == SkippedFile("yours/gone", "listed in RECORD but not there")
    assert isinstance(tool, SourceFile)
    assert (tool.path, tool.read()) == ("yours/tool", b"#!/usr/bin/env python3\nx = 1\n")


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(UnreadableOrigin, match="no-such-thing"):
        list(InstalledOrigin(["click", "no-such-thing"]).packages())
    with pytest.raises(UnreadableOrigin, match="no folder"):
        list(InstalledOrigin(paths=["/nowhere/at/all"]).packages())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "my project"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_bytes(b"x = 1\r\n")
    (root / "src" / "notes.txt").write_text("no code")
    (root / "LICENSE").write_text("MIT License")
    (root / "pyproject.toml").write_text(
        '[project]\nname = "p"\nlicense = "MIT"\nauthors = [{name = "Ann"}]\nclassifiers = ["License :: OSI '
        'Approved :: MIT License"]\n'
    )
    (root / "package.json").write_text('{"license": {"type": "ISC"}, "author": "Bob"}')
    for passed_over in (".git", "node_modules", "__pycache__", ".venv"):
        (root / passed_over).mkdir()
        (root / passed_over / "b.py").write_text("y = 2")
    return root


def test_a_folder_is_one_source(project: Path) -> None:
    (package,) = FolderOrigin(project).packages()
    assert package.purl == "pkg:generic/my%20project"
    assert package.declared == (
        DeclaredLicense("license in pyproject.toml", "MIT"),
        DeclaredLicense("classifier in pyproject.toml", "License :: OSI Approved :: MIT License"),
        DeclaredLicense("license in package.json", "ISC"),
    )
    assert package.authors == ("Ann", "Bob")
    assert [file.path for file in package.legal] == ["LICENSE"]
    files = list(package.files())
    assert [file.path for file in files if isinstance(file, SourceFile)] == ["src/a.py"]
    assert [file.read() for file in files if isinstance(file, SourceFile)] == [b"x = 1\r\n"]
    assert {file.path for file in files if isinstance(file, SkippedFile)} == {
        ".git",
        "node_modules",
        "__pycache__",
        ".venv",
    }


def test_scripts_of_a_folder_are_known_by_their_first_line(project: Path) -> None:
    (project / "bin").mkdir()
    (project / "bin" / "tool").write_text("#!/bin/sh\nexec true\n")
    (project / "bin" / "words").write_text("all kinds of words\n")
    with (project / "bin" / "dump").open("wb") as dump:
        dump.truncate(1 << 36)
    (package,) = FolderOrigin(project).packages()
    files = {file.path: file for file in package.files() if isinstance(file, SourceFile)}
    assert list(files) == ["bin/tool", "src/a.py"]
    assert files["bin/tool"].read() == b"#!/bin/sh\nexec true\n"


def test_a_folder_takes_the_purl_and_licence_given(project: Path) -> None:
    (package,) = FolderOrigin(project, purl="pkg:pypi/p@1", license="Apache-2.0").packages()
    assert package.purl == "pkg:pypi/p@1"
    assert package.declared[0] == DeclaredLicense("licence given", "Apache-2.0")


def test_nothing_outside_the_folder_is_read(project: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("password = 1")
    (project / "link.py").symlink_to(secret)
    (project / "up").symlink_to(tmp_path)
    (project / "COPYING").symlink_to(secret)
    os.mkfifo(project / "pipe.py")
    (package,) = FolderOrigin(project).packages()
    skipped = {file.path: file.reason for file in package.files() if isinstance(file, SkippedFile)}
    assert skipped["link.py"] == skipped["up"] == "a symbolic link"
    assert skipped["pipe.py"] == "no regular file"
    assert [file.path for file in package.legal] == ["LICENSE"]


def test_a_link_put_in_a_files_place_later_is_refused(project: Path, tmp_path: Path) -> None:
    (package,) = FolderOrigin(project).packages()
    (file,) = [file for file in package.files() if isinstance(file, SourceFile)]
    (project / "src" / "a.py").unlink()
    (project / "src" / "a.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "secret.py").write_text("password = 1")
    with pytest.raises(OSError, match=r"."):
        file.read()


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_names_that_are_not_utf8_are_said(project: Path) -> None:
    Path(os.fsdecode(os.fsencode(project) + b"/\xff.py")).write_text("x = 1")
    (package,) = FolderOrigin(project).packages()
    assert "its name is not UTF-8" in {file.reason for file in package.files() if isinstance(file, SkippedFile)}


def test_unreadable_places_say_how_to_mend(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x")
    for place, words in ((tmp_path / "nowhere", "check the path"), (file, "name the folder")):
        with pytest.raises(UnreadableOrigin, match=words):
            list(FolderOrigin(place).packages())
    with pytest.raises(UnreadableOrigin, match="pkg:type/name@version"):
        list(FolderOrigin(tmp_path, purl="flask").packages())


def test_broken_metadata_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\n")
    (tmp_path / "package.json").write_text("[" * 100_000)
    (package,) = FolderOrigin(tmp_path).packages()
    assert package.declared == ()
