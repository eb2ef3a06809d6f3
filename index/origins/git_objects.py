"""Reads one revision of a git repository from its objects; nothing is checked out and nothing of it is run."""

import os
import re
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

from index.errors import UnreadableOrigin
from index.origins.base import SkippedFile
from index.origins.members import Guard, Member

_SECONDS = 1800
_PROTOCOLS = ("https", "http", "ssh", "git", "file")
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./+-]*")
_ABBREVIATED = re.compile(r"[0-9a-f]{4,63}")
_CHUNK = 64 * 1024
_LINK, _SUBMODULE = "120000", "160000"


class GitObjects:
    """One commit of a repository, fetched alone into a folder that goes when nobody holds this any more.

    The repository's own hooks and configuration are never looked at: its objects are asked for over git's protocol,
    also where it lies on this machine.
    """

    def __init__(self, address: str, revision: str | None) -> None:
        """Fetch the commit; `address` is a URL, ssh's `user@host:path`, or a local path.

        Raises UnreadableOrigin where there is no git, no such repository or no such revision.
        """
        if shutil.which("git") is None:
            raise UnreadableOrigin("git is not on this machine: install it, or add the unpacked folder instead.")
        if address.startswith("-") or "::" in address:
            raise UnreadableOrigin(f"{address}: is no address of a repository: give a URL or a path.")
        if revision is not None and not _REVISION.fullmatch(revision):
            raise UnreadableOrigin(f"{address}@{revision}: is no revision: give a branch, a tag or a commit's hash.")
        self._name = address if revision is None else f"{address}@{revision}"
        self._folder = tempfile.mkdtemp(prefix="attrib-git-")
        self._delete = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._run("init", "--quiet", "--bare", "--template=", ".")
        self.commit = self._fetched(address, revision)

    def members(self) -> Iterator[Member | SkippedFile]:
        """Yield the files of the commit in the order of their paths, each with the bytes that git keeps."""
        guard = Guard(self._name)
        with (
            self._started("ls-tree", "-r", "-z", "-l", "--full-tree", self.commit) as listing,
            self._started("cat-file", "--batch") as objects,
        ):
            try:
                for record in _records(listing.stdout):
                    about, _, raw = record.partition(b"\t")
                    mode, _, object_id, size = about.decode().split()
                    path = guard.path(os.fsdecode(raw))
                    if mode == _SUBMODULE:
                        yield SkippedFile(path, "a submodule")
                    elif mode == _LINK:
                        yield SkippedFile(os.fsencode(path).decode("utf-8", "replace"), "a link")
                    else:
                        reader = _Reader(objects, object_id, self._name)
                        yield guard.file(path, int(size)) or Member(path, int(size), reader)
                if listing.wait() != 0:
                    raise ValueError("the list is cut short")
            except ValueError as error:
                raise UnreadableOrigin(f"{self._name}: its list of files is damaged: run `git fsck` there.") from error
            finally:
                listing.kill()
                objects.kill()

    def committed(self) -> date | None:
        """Return the day of the commit in UTC; None where the commit states none that is in the calendar."""
        answer = self._run("log", "-1", "--no-show-signature", "--format=%ct", self.commit)
        try:
            return datetime.fromtimestamp(int(answer.stdout), UTC).date()
        except (ValueError, OverflowError, OSError):
            return None

    def _fetched(self, address: str, revision: str | None) -> str:
        place = str(Path(address).resolve()) if Path(address).is_dir() else address
        wanted = revision or "HEAD"
        answer = self._fetch("--depth=1", "--", place, wanted)
        if answer.returncode == 0:
            return self._resolved("FETCH_HEAD")
        if _ABBREVIATED.fullmatch(wanted):
            # A part of a hash means something only to who has all commits.
            answer = self._fetch("--", place, "+refs/*:refs/fetched/*")
            if answer.returncode == 0:
                return self._resolved(wanted)
        raise UnreadableOrigin(f"{self._name}: git says: {_complaint(answer.stderr)}: check address and revision.")

    def _fetch(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return self._run("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *arguments, check=False)

    def _resolved(self, revision: str) -> str:
        answer = self._run("rev-parse", "--verify", "--end-of-options", revision + "^{commit}", check=False)
        if answer.returncode != 0:
            raise UnreadableOrigin(f"{self._name}: has no such commit: give a branch, a tag or a commit's hash.")
        return answer.stdout.decode().strip()

    def _run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        try:
            answer = subprocess.run(  # noqa: S603
                _command(arguments),
                cwd=self._folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise UnreadableOrigin(f"{self._name}: git took longer than {_SECONDS} s: try again later.") from error
        if check and answer.returncode != 0:
            raise UnreadableOrigin(f"{self._name}: git says: {_complaint(answer.stderr)}.")
        return answer

    def _started(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            _command(arguments),
            cwd=self._folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


class _Reader:
    """Reads one blob through `git cat-file --batch` (gitformat: oid, type, size, newline, bytes, newline)."""

    __slots__ = ("_name", "_object_id", "_objects")

    def __init__(self, objects: subprocess.Popen[bytes], object_id: str, name: str) -> None:
        self._objects = objects
        self._object_id = object_id
        self._name = name

    def __call__(self) -> bytes:
        asked, answers = self._objects.stdin, self._objects.stdout
        if asked is None or answers is None:
            raise UnreadableOrigin(f"{self._name}: git has stopped answering.")
        asked.write(f"{self._object_id}\n".encode())
        asked.flush()
        said = answers.readline().split()
        if len(said) != 3 or said[1] != b"blob":
            raise UnreadableOrigin(f"{self._name}: an object is missing or damaged: run `git fsck` there.")
        content = answers.read(int(said[2]))
        answers.read(1)
        return content


def _command(arguments: tuple[str, ...]) -> list[str]:
    settings = {
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "gc.auto": "0",
        "maintenance.auto": "false",
        "protocol.allow": "never",
        **{f"protocol.{protocol}.allow": "always" for protocol in _PROTOCOLS},
    }
    return ["git", *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")), *arguments]


def _environment() -> dict[str, str]:
    """Return the environment without what would point git elsewhere, and without anybody to ask for a password."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        "LC_ALL": "C.UTF-8",
    }


def _records(stream: IO[bytes] | None) -> Iterator[bytes]:
    rest = b""
    while stream is not None and (chunk := stream.read(_CHUNK)):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _complaint(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "nothing")
    return said.removeprefix("fatal:").removeprefix("error:").strip().rstrip(".")
