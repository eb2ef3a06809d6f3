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

from index.errors import UnreadableOrigin
from index.origins.base import SkippedFile
from index.origins.git_commands import BlobReader, complaint, git_command, git_environment, records
from index.origins.members import Guard, Member

_SECONDS = 1800
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./+-]*")
_ABBREVIATED = re.compile(r"[0-9a-f]{4,63}")
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
                for record in records(listing.stdout):
                    about, _, raw = record.partition(b"\t")
                    mode, _, object_id, size = about.decode().split()
                    path = guard.path(os.fsdecode(raw))
                    if mode == _SUBMODULE:
                        yield SkippedFile(path, "a submodule")
                    elif mode == _LINK:
                        yield SkippedFile(os.fsencode(path).decode("utf-8", "replace"), "a link")
                    else:
                        reader = BlobReader(objects, object_id, self._name)
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
        raise UnreadableOrigin(f"{self._name}: git says: {complaint(answer.stderr)}: check address and revision.")

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
                git_command(arguments),
                cwd=self._folder,
                env=git_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise UnreadableOrigin(f"{self._name}: git took longer than {_SECONDS} s: try again later.") from error
        if check and answer.returncode != 0:
            raise UnreadableOrigin(f"{self._name}: git says: {complaint(answer.stderr)}.")
        return answer

    def _started(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            git_command(arguments),
            cwd=self._folder,
            env=git_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
