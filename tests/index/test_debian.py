"""Debian source packages: debian/copyright, and apt over a repository made here."""

import gzip
import hashlib
import platform
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from attrib.ingest import ingest
from attrib.policy import Policy
from index.errors import UnreadableOrigin
from index.origins.apt import Apt
from index.origins.debian import DebianOrigin
from index.origins.dep5 import read_dep5
from index.origins.fetching import Fetcher
from index.reference_index import ReferenceIndex
from tests.index.packing import MIT, code, tarball

DEP5 = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: upward

Files: *
Copyright: 2024 Ann
License: Expat

Files: lib/*.py tools/?.py
Copyright: 2020 Free Software Foundation
License: GPL-3+

Files: lib/free.py
Copyright: 2021 Bob
License: other-name
 Permission is hereby granted to all.
 .
 Really.

Files: odd\\*name.py
Copyright: none
License: ISC

License: GPL-3+
 The text of the GPL.
"""


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("main.py", ["Expat"]),
        ("deep/down/main.py", ["Expat"]),
        ("lib/a.py", ["GPL-3+", "The text of the GPL."]),
        ("lib/deep/a.py", ["GPL-3+", "The text of the GPL."]),
        ("tools/a.py", ["GPL-3+", "The text of the GPL."]),
        ("tools/ab.py", ["Expat"]),
        ("lib/free.py", ["other-name", "Permission is hereby granted to all.\n\nReally."]),
        ("odd*name.py", ["ISC"]),
        ("oddXname.py", ["Expat"]),
    ],
)
def test_the_last_paragraph_that_matches_a_path_counts(path: str, names: list[str]) -> None:
    dep5 = read_dep5(DEP5)
    assert dep5 is not None
    said = [part for declared in dep5.of(path) for part in (declared.value, declared.text) if part]
    assert [" ".join(value.split()) for value in said] == [" ".join(value.split()) for value in names]


def test_free_text_says_nothing_to_a_machine() -> None:
    assert read_dep5("This package was debianized by Ann. It is under the GPL.") is None
    assert read_dep5("") is None


CHANGELOG = """upward (1:2.0-1) unstable; urgency=medium

  * New upstream version 2.0.
    -- not the last line

 -- Ann <ann@example.org>  Mon, 31 Dec 2018 23:30:00 -0500

upward (1:1.0-1) unstable; urgency=low

  * First one.

 -- Ann <ann@example.org>  Tue, 05 Jan 2010 10:00:00 +0000
"""


def repository(folder: Path, tarballs: dict[str, bytes]) -> None:
    """Write a repository that apt can read: the source package upward 1:2.0-1 with the files given."""
    folder.mkdir()
    description = b"Format: 3.0 (quilt)\nSource: upward\nVersion: 1:2.0-1\n"
    files = {"upward_2.0-1.dsc": description, **tarballs}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    lines = "".join(f"\n {digests[name]} {len(content)} {name}" for name, content in files.items())
    paragraph = f"Package: upward\nFormat: 3.0 (quilt)\nVersion: 1:2.0-1\nDirectory: .\nChecksums-Sha256:{lines}\n\n"
    (folder / "Sources.gz").write_bytes(gzip.compress(paragraph.encode()))
    (folder / "Packages.gz").write_bytes(gzip.compress(b""))


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Apt:
    """An apt whose sources list names only the binary packages of the repository in tmp_path/repo."""
    if shutil.which("apt-get") is None:
        pytest.skip("apt is not on this machine")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "sources.list").write_text(f"deb [trusted=yes] file:{tmp_path}/repo ./\n")
    (tmp_path / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{tmp_path}/etc/sources.list";\nDir::Etc::sourceparts "{tmp_path}/none";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    return Apt(tmp_path / "apt")


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[Fetcher]:
    opened = Fetcher(tmp_path / "fetched", pause=0.01)
    yield opened
    opened.close()


def here() -> str:
    return platform.freedesktop_os_release()["ID"]


ORIGINAL = {
    "upward-2.0/LICENSE": MIT,
    "upward-2.0/main.py": code("main"),
    "upward-2.0/lib/a.py": code("gnu"),
    "upward-2.0/own.py": "# SPDX-License-Identifier: GPL-2.0-only\n" + code("own"),
    "upward-2.0/lib/milder.py": "# SPDX-License-Identifier: MIT\n" + code("milder"),
}


def test_each_file_stands_under_its_own_licence(
    apt: Apt, fetcher: Fetcher, index_of_one: ReferenceIndex, tmp_path: Path
) -> None:
    repository(
        tmp_path / "repo",
        {
            "upward_2.0.orig.tar.gz": tarball(ORIGINAL),
            "upward_2.0.orig-extra.tar.gz": tarball({"extra-2.0/more.py": code("more")}),
            "upward_2.0-1.debian.tar.xz": tarball(
                {"debian/copyright": DEP5, "debian/changelog": CHANGELOG, "debian/rules.py": code("rules")}, "w:xz"
            ),
        },
    )
    origin = DebianOrigin(here(), "upward", None, apt, fetcher)
    (package,) = origin.packages()
    assert package.purl == f"pkg:deb/{here()}/upward@1:2.0-1"
    assert package.released == date(2019, 1, 1)
    report = ingest(index_of_one, [origin], Policy())
    assert report.added[0].license_expression == "MIT"
    found = index_of_one.search(code("main").encode()).matches[0]
    assert found.origins[0].file.license_expression == "MIT"
    reasons = {refusal.path: refusal.reason for refusal in report.refused}
    assert set(reasons) == {"lib/a.py", "own.py", "lib/milder.py"}
    assert "GPL-3.0-or-later is copyleft" in reasons["lib/a.py"]
    assert "GPL-2.0-only is copyleft" in reasons["own.py"]
    assert "License in debian/copyright says GPL-3.0-or-later" in reasons["lib/milder.py"]
    assert report.added[0].files == 2
    exact = DebianOrigin(here(), "upward", "1:2.0-1", apt, fetcher)
    assert ingest(index_of_one, [exact], Policy()).unchanged == (package.purl,)


def test_a_copyleft_package_is_refused_whole(
    apt: Apt, fetcher: Fetcher, index_of_one: ReferenceIndex, tmp_path: Path
) -> None:
    repository(
        tmp_path / "repo",
        {
            "upward_2.0.orig.tar.gz": tarball({"upward-2.0/main.py": code("main")}),
            "upward_2.0-1.debian.tar.gz": tarball({"debian/copyright": DEP5.replace("Expat", "GPL-2+")}),
        },
    )
    report = ingest(index_of_one, [DebianOrigin(here(), "upward", None, apt, fetcher)], Policy())
    assert report.added == ()
    assert "GPL-2.0-or-later is copyleft" in report.refused[0].reason


def test_what_apt_does_not_know_is_said(apt: Apt, fetcher: Fetcher, tmp_path: Path) -> None:
    repository(tmp_path / "repo", {"upward_2.0.orig.tar.gz": tarball(ORIGINAL)})
    for name, version, words in (
        ("downward", None, "Unable to find a source package"),
        ("upward", "9", "check the name and the version"),
        ("-o=x", None, "no Debian package"),
        ("upward", "1 -o x", "no Debian package"),
    ):
        with pytest.raises(UnreadableOrigin, match=words):
            list(DebianOrigin(here(), name, version, apt, fetcher).packages())
    with pytest.raises(UnreadableOrigin, match="serves"):
        list(DebianOrigin("elsewhere", "upward", None, apt, fetcher).packages())


def test_an_archive_that_is_not_what_the_index_says_is_refused(apt: Apt, fetcher: Fetcher, tmp_path: Path) -> None:
    repository(tmp_path / "repo", {"upward_2.0.orig.tar.gz": tarball(ORIGINAL)})
    (tmp_path / "repo" / "upward_2.0.orig.tar.gz").write_bytes(tarball({"upward-2.0/evil.py": "x"}))
    with pytest.raises(UnreadableOrigin, match="not what its index says"):
        list(DebianOrigin(here(), "upward", None, apt, fetcher).packages())


def test_a_machine_without_apt_is_told_so(fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreadableOrigin, match="apt, which is not on this machine"):
        Apt(tmp_path / "apt").source("upward", None)
