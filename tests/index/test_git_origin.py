"""Git at a revision, from real repositories made here."""

import hashlib
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.errors import UnreadableOrigin
from index.origins.base import SkippedFile, SourceFile, SourcePackage
from index.origins.git import GitOrigin, split_revision
from index.writer import content_swhid
from tests.index.packing import MIT, code

if shutil.which("git") is None:
    pytest.skip("git is not on this machine", allow_module_level=True)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    answer = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True, env=clean
    )
    return answer.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits, tagged v1 and on a branch; with links, an attribute that would alter files, and a bad config."""
    folder = tmp_path / "upward"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "LICENSE").write_text(MIT)
    (folder / "pyproject.toml").write_text('[project]\nname = "upward"\nlicense = "MIT"\n')
    (folder / "one.py").write_bytes(b"# $Id$\r\n" + code("one").encode())
    (folder / "late.py").write_text("first = 1\n")
    (folder / "link.py").symlink_to("/etc/passwd")
    (folder / ".gitattributes").write_text("*.py filter=mark ident eol=lf export-ignore\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "one")
    git(folder, "tag", "v1")
    (folder / "late.py").write_text("second = 2\n")
    git(folder, "commit", "--quiet", "-a", "-m", "two")
    git(folder, "branch", "topic/late")
    mark = f"touch {tmp_path}/ran"
    for setting in ("filter.mark.smudge", "core.fsmonitor", "uploadpack.packObjectsHook", "core.sshCommand"):
        git(folder, "config", setting, mark)
    for hook in ("post-checkout", "post-merge", "pre-auto-gc", "reference-transaction"):
        place = folder / ".git" / "hooks" / hook
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\n{mark}\n")
        place.chmod(0o755)
    return folder


def only(origin: GitOrigin) -> SourcePackage:
    (package,) = origin.packages()
    return package


def contents(package: SourcePackage) -> dict[str, bytes]:
    return {file.path: file.read() for file in package.files() if isinstance(file, SourceFile)}


def test_a_repository_is_read_as_it_is_kept_and_nothing_of_it_is_run(repository: Path, tmp_path: Path) -> None:
    package = only(GitOrigin(str(repository)))
    commit = git(repository, "rev-parse", "HEAD")
    assert package.purl == f"pkg:generic/upward@{commit}"
    assert package.url is None
    committed = datetime.fromisoformat(git(repository, "log", "-1", "--format=%cI"))
    assert package.released == committed.astimezone(UTC).date()
    assert [file.path for file in package.legal] == ["LICENSE"]
    files = contents(package)
    assert files["late.py"] == b"second = 2\n"
    for path in ("one.py", "late.py"):
        assert content_swhid(files[path]).endswith(git(repository, "rev-parse", f"HEAD:{path}"))
    assert [one for one in package.files() if isinstance(one, SkippedFile)] == [SkippedFile("link.py", "a link")]
    assert not (tmp_path / "ran").exists()


def test_every_way_to_name_a_commit_leads_to_it(repository: Path) -> None:
    first = git(repository, "rev-parse", "v1")
    for revision in ("v1", first, first[:9]):
        package = only(GitOrigin(str(repository), revision))
        assert package.purl.endswith(first)
        assert contents(package)["late.py"] == b"first = 1\n"
    assert contents(only(GitOrigin(repository.as_uri(), "topic/late")))["late.py"] == b"second = 2\n"


def test_the_fetched_objects_go_when_nobody_holds_them(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    package = only(GitOrigin(str(repository)))
    iterator = package.files()
    next(iterator)
    assert len(list(place.iterdir())) == 1
    del package, iterator
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "revision"),
    [
        ("--upload-pack=touch ran", None),
        ("ext::sh -c touch% ran", None),
        ("ext://x", None),
        (".", "--upload-pack=touch ran"),
        (".", "+refs/heads/main:refs/heads/x"),
        (".", "a..b"),
    ],
)
def test_an_address_or_revision_is_never_taken_for_an_option(
    repository: Path, address: str, revision: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    with pytest.raises(UnreadableOrigin):
        only(GitOrigin(address, revision))
    assert not (repository / "ran").exists()


def test_what_is_not_there_is_said(repository: Path, tmp_path: Path) -> None:
    for address, revision in ((str(repository), "v9"), (str(repository), "0123456"), (str(tmp_path / "no"), None)):
        with pytest.raises(UnreadableOrigin) as refusal:
            only(GitOrigin(address, revision))
        assert "\n" not in str(refusal.value)
        assert Path(address).name in str(refusal.value)


def test_a_damaged_repository_is_refused(repository: Path) -> None:
    blob = git(repository, "rev-parse", "HEAD:one.py")
    place = repository / ".git" / "objects" / blob[:2] / blob[2:]
    place.chmod(0o644)
    place.write_bytes(hashlib.sha256(b"noise").digest())
    with pytest.raises(UnreadableOrigin):
        contents(only(GitOrigin(str(repository))))


@pytest.mark.parametrize(
    ("written", "address", "revision"),
    [
        ("https://host/owner/name", "https://host/owner/name", None),
        ("https://host/owner/name.git@v1.2", "https://host/owner/name.git", "v1.2"),
        ("https://ann@host/owner/name", "https://ann@host/owner/name", None),
        ("ssh://git@host/name@main", "ssh://git@host/name", "main"),
        ("git@host:owner/name.git", "git@host:owner/name.git", None),
        ("git@host:owner/name.git@v1", "git@host:owner/name.git", "v1"),
        ("/a/folder@v1", "/a/folder", "v1"),
    ],
)
def test_address_and_revision_are_told_apart(written: str, address: str, revision: str | None) -> None:
    assert split_revision(written) == (address, revision)


def test_a_package_url_names_the_hosts_repository() -> None:
    from index.origins.git import _identity

    assert _identity("https://github.com/o/n.git", "abc") == "pkg:github/o/n@abc"
    assert _identity("git@github.com:o/n.git", "abc") == "pkg:github/o/n@abc"
    other = _identity("https://ann:secret@code.example/o/n", "abc")
    assert other == "pkg:generic/n@abc?vcs_url=git%2Bhttps://code.example/o/n%40abc"
