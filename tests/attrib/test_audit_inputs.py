"""What may be audited: folders, archives, revisions, changes, what is staged, standard input; and what is ignored."""

import io
import os
import socket
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from attrib.audits.opening import Reading
from attrib.audits.report import AuditReport
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import Config
from attrib.errors import UnreadableInput
from attrib.service import Service
from index.errors import UnreadableOrigin
from tests.attrib.audited import COPIED, OWN, PURL, add_reference, git, write


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Iterator[Service]:
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference")
        yield service


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A work tree with one commit: own code, and notes."""
    folder = write(tmp_path / "work", {"src/account.py": OWN, "notes.md": "# Notes\n"})
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "begun")
    return folder


def found(report: AuditReport) -> list[tuple[str, str]]:
    return [(finding.path, finding.match.origins[0].purl) for finding in report.findings]


def left_out(report: AuditReport) -> dict[str, str]:
    return dict(report.left_out)


def test_an_archive_is_audited_as_its_folder_is(service: Service, tmp_path: Path) -> None:
    tree = write(tmp_path / "mine-1.0", {"src/copied.py": COPIED, "src/own.py": OWN, ".attribignore": "own.py\n"})
    with tarfile.open(tmp_path / "mine.tar.gz", "w:gz") as archive:
        archive.add(tree, "mine-1.0")
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for path in ("src/copied.py", "src/own.py", ".attribignore"):
            archive.write(tree / path, path)
    before = set(tmp_path.rglob("*"))
    for name in ("mine-1.0", "mine.tar.gz", "mine.zip"):
        report = service.audit(tmp_path / name)
        assert found(report) == [("src/copied.py", PURL)], name
        assert left_out(report)["src/own.py"] == "left out by .attribignore", name
    unpacked = {place for place in set(tmp_path.rglob("*")) - before if place.suffix == ".py"}
    assert unpacked == set()


def test_an_archive_inside_a_folder_is_named_and_one_that_explodes_is_refused(service: Service, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.py", b"0" * (8 << 20))
    report = service.audit(write(tmp_path / "tree", {"a.py": OWN}))
    assert report.left_out == ()
    bomb.rename(tmp_path / "tree" / "bomb.zip")
    assert left_out(service.audit(tmp_path / "tree")) == {"bomb.zip": "an archive: audit it by itself"}
    with pytest.raises(UnreadableOrigin, match="unpacks to more than"):
        service.audit(tmp_path / "tree" / "bomb.zip")


def test_a_revision_is_read_from_git_whatever_stands_in_the_folder(service: Service, work: Path) -> None:
    write(work, {"src/copied.py": COPIED})
    git(work, "add", "-A")
    git(work, "commit", "-qm", "copied")
    (work / "src/copied.py").write_text(OWN)
    assert found(service.audit(work, reading=Reading(rev="HEAD"))) == [("src/copied.py", PURL)]
    assert found(service.audit(work / "src", reading=Reading(rev="HEAD"))) == [("copied.py", PURL)]
    assert found(service.audit(work, reading=Reading(rev="HEAD~1"))) == []
    assert found(service.audit(work)) == []
    assert service.audit(work, reading=Reading(rev="HEAD")).scope == f"revision {git(work, 'rev-parse', 'HEAD')}"


def test_since_a_revision_only_changed_and_new_files_are_audited(service: Service, work: Path) -> None:
    write(work, {"old.py": COPIED})
    git(work, "add", "-A")
    git(work, "commit", "-qm", "copied long ago")
    git(work, "checkout", "-qb", "topic")
    write(work, {"src/account.py": OWN + "\n\n" + COPIED, "new/file.py": COPIED})
    report = service.audit(work, reading=Reading(since="main"))
    assert found(report) == [("new/file.py", PURL), ("src/account.py", PURL)]
    assert left_out(report)["old.py"] == "not changed since the revision"
    # What came to the other branch since is no change of this one's.
    git(work, "add", "-A")
    git(work, "commit", "-qm", "topic")
    git(work, "checkout", "-q", "main")
    write(work, {"main.py": COPIED})
    git(work, "add", "-A")
    git(work, "commit", "-qm", "meanwhile")
    git(work, "checkout", "-q", "topic")
    again = service.audit(work, reading=Reading(since="main"))
    assert {file.path for file in again.files} == {"new/file.py", "src/account.py"}


def test_what_is_staged_is_audited_as_it_is_staged(service: Service, work: Path) -> None:
    write(work, {"staged.py": COPIED, "unstaged.py": COPIED})
    git(work, "add", "staged.py")
    (work / "staged.py").write_text(OWN)
    report = service.audit(work, reading=Reading(staged=True))
    assert found(report) == [("staged.py", PURL)]
    assert [file.path for file in report.files] == ["staged.py"]


@pytest.mark.parametrize("reading", [Reading(rev="nowhere"), Reading(since="nowhere"), Reading(rev="--help")])
def test_a_revision_that_is_none_is_refused(service: Service, work: Path, reading: Reading) -> None:
    with pytest.raises(UnreadableInput, match="git says"):
        service.audit(work, reading=reading)


def test_outside_git_there_is_no_revision_and_two_kinds_are_one_too_many(service: Service, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"a.py": OWN})
    with pytest.raises(UnreadableInput, match="git says"):
        service.audit(tree, reading=Reading(staged=True))
    with pytest.raises(UnreadableInput, match="ask for one"):
        service.audit(tree, reading=Reading(staged=True, rev="HEAD"))
    with pytest.raises(UnreadableInput, match="no folder"):
        service.audit(tree / "a.py", reading=Reading(rev="HEAD"))


def test_git_runs_nothing_of_a_repository(service: Service, work: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    script = f"touch {trap}"
    for key in ("core.fsmonitor", "filter.trap.clean", "filter.trap.smudge", "diff.external", "core.sshCommand"):
        git(work, "config", key, script)
    write(work, {".gitattributes": "*.py filter=trap\n", "new.py": COPIED})
    for reading in (Reading(), Reading(rev="HEAD"), Reading(since="HEAD"), Reading(staged=True)):
        service.audit(work, reading=reading)
    assert not trap.exists()


IGNORING = {
    ".gitignore": "build/\n*.tmp.py\n!kept.tmp.py\n",
    "build/out.py": COPIED,
    "a.tmp.py": COPIED,
    "kept.tmp.py": COPIED,
    "sub/.gitignore": "!b.tmp.py\n/only.py\n",
    "sub/b.tmp.py": COPIED,
    "sub/only.py": COPIED,
    "sub/deeper/only.py": COPIED,
    ".attribignore": "examples/\n",
    "examples/one.py": COPIED,
    "given/two.py": COPIED,
}


@pytest.mark.parametrize("by_git", [True, False])
def test_ignored_files_are_left_out_each_with_its_reason(service: Service, tmp_path: Path, by_git: bool) -> None:
    tree = write(tmp_path / "tree", IGNORING)
    if by_git:
        git(tree, "init", "-q")
    report = service.audit(tree, reading=Reading(ignore=("given/",)))
    assert {path for path, _ in found(report)} == {"kept.tmp.py", "sub/b.tmp.py", "sub/deeper/only.py"}
    reasons = {path: reason for path, reason in report.left_out if not path.endswith("ignore") and path != ".git/"}
    assert reasons == {
        "build/": "ignored by git (.gitignore)",
        "a.tmp.py": "ignored by git (.gitignore)",
        "sub/only.py": "ignored by git (.gitignore)",
        "examples/": "left out by .attribignore",
        "given/": "left out by --ignore or the settings",
    }


def test_a_folder_that_the_repository_around_it_ignores_is_audited_when_it_is_asked_for(
    service: Service, work: Path
) -> None:
    write(work, {".gitignore": "out/\n", "out/copied.py": COPIED})
    assert found(service.audit(work)) == []
    assert found(service.audit(work / "out")) == [("copied.py", PURL)]


def test_a_broken_repository_is_audited_by_its_files(service: Service, work: Path) -> None:
    write(work, {"copied.py": COPIED, ".gitignore": "ignored.py\n", "ignored.py": COPIED})
    (work / ".git" / "HEAD").write_bytes(b"\xff\0nothing")
    (work / ".git" / "index").write_bytes(b"DIRC\xff\xff")
    report = service.audit(work)
    assert found(report) == [("copied.py", PURL)]
    assert left_out(report)["ignored.py"] == "ignored by git (.gitignore)"
    with pytest.raises(UnreadableInput, match="git says"):
        service.audit(work, reading=Reading(since="HEAD"))


def test_a_hostile_tree_is_reported_file_by_file(service: Service, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"copied.py": COPIED, "sub/own.py": OWN})
    (tree / "loop").symlink_to(tree)
    (tree / "sub" / "up").symlink_to("..")
    (tree / "self.py").symlink_to("self.py")
    (tree / "out.py").symlink_to("/etc/passwd")
    os.mkfifo(tree / "pipe.py")
    bound = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tree)
    try:
        bound.bind("sock.py")
    finally:
        os.chdir(here)
    with (tree / "huge.py").open("wb") as huge:
        huge.truncate(1 << 40)
    (tree / os.fsdecode(b"caf\xe9.py")).write_text(COPIED)
    (tree / "zero.py").write_bytes(b"\0" * 4096)
    (tree / "line\nbreak.py").write_text(COPIED)
    (tree / "package-lock.json").write_text("[" * 100_000)
    (tree / "pom.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><project>&b;</project>')
    (tree / "pyproject.toml").write_bytes(b"\xff\xfe[project")
    report = service.audit(tree)
    bound.close()
    assert {path for path, _ in found(report)} == {"copied.py", "caf\\xe9.py", "line\nbreak.py"}
    assert {path: reason for path, reason in report.left_out if path.endswith((".py", "/"))} == {
        "loop/": "a link",
        "sub/up/": "a link",
        "self.py": "a link",
        "out.py": "a link",
        "pipe.py": "not a regular file",
        "sock.py": "not a regular file",
        "huge.py": "larger than 2 MB",
        "zero.py": "binary",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_reported(service: Service, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"copied.py": COPIED, "secret.py": OWN, "closed/in.py": OWN})
    (tree / "secret.py").chmod(0)
    (tree / "closed").chmod(0)
    try:
        report = service.audit(tree)
    finally:
        (tree / "closed").chmod(0o700)
    assert left_out(report) == {
        "closed/": "cannot be read: Permission denied",
        "secret.py": "cannot be read: Permission denied",
    }


def test_an_archive_with_odd_members_is_reported_member_by_member(service: Service, tmp_path: Path) -> None:
    place = tmp_path / "odd.tar"
    with tarfile.open(place, "w") as archive:
        for name, content in (("top/copied.py", COPIED.encode()), ("top/zero.py", b"\0" * 100)):
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
        link = tarfile.TarInfo("top/link.py")
        link.type, link.linkname = tarfile.SYMTYPE, "copied.py"
        archive.addfile(link)
    report = service.audit(place)
    assert found(report) == [("copied.py", PURL)]
    assert left_out(report) == {"zero.py": "binary", "link.py": "a link"}


def test_standard_input_and_the_options_reach_the_audit(service: Service, config: Config, work: Path) -> None:
    def run(*arguments: str, given: str | None = None) -> tuple[int, str]:
        ran = CliRunner().invoke(cli, ["--home", str(config.home), "audit", *arguments], input=given)
        return ran.exit_code, ran.output

    write(work, {"copied.py": COPIED})
    git(work, "add", "copied.py")
    assert run("-", "--language", "python", "--fail-on", "attribute", given=COPIED)[0] == 1
    assert run("-", "--fail-on", "attribute", given=OWN)[0] == 0
    for options in (("--staged",), ("--since", "HEAD"), ("--jobs", "1", "--no-cache")):
        assert run(str(work), "--fail-on", "attribute", *options)[0] == 1, options
    for options in (("--rev", "HEAD"), ("--ignore", "copied.py")):
        assert run(str(work), "--fail-on", "attribute", *options)[0] == 0, options
    status, said = run(str(work), "--rev", "nowhere")
    assert status == 2
    assert "git says" in said
