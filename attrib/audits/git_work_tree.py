"""A git work tree as an audit meets it: what is ignored, what stands at a revision, what is staged, what changed.

Nothing of the repository runs: no hook, no filter, no helper. So what changed is told by the names that git gives to
contents (gitformat-pack, "Object IDs"), not by `git diff`.
"""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from attrib.errors import UnreadableInput
from index.origins.git_commands import complaint, git_command, git_environment

_SECONDS = 600
LINK, SUBMODULE = "120000", "160000"


@dataclass(frozen=True, slots=True)
class GitEntry:
    """A file that git knows: its path below the audited folder, its mode, and id and size of its content."""

    path: str
    mode: str
    object_id: str
    size: int


def ignored_paths(root: Path) -> frozenset[str] | None:
    """Return what git ignores below a folder, folders with a slash; None where git cannot say, or ignores all of it."""
    try:
        answer = _git(root, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    except UnreadableInput:
        return None
    paths = frozenset(os.fsdecode(record) for record in answer.split(b"\0") if record)
    return None if "./" in paths else paths


def resolved(root: Path, revision: str) -> str:
    """Return the commit that a revision names; raises UnreadableInput where it names none."""
    answer = _git(root, "rev-parse", "--verify", "--end-of-options", revision + "^{commit}")
    return answer.decode().strip()


def branching_point(root: Path, revision: str) -> str:
    """Return the commit at which the checked-out history left that of a revision; its own where that is not known.

    Raises UnreadableInput where the revision names none.
    """
    commit = resolved(root, revision)
    try:
        return _git(root, "merge-base", commit, "HEAD").decode().strip()
    except UnreadableInput:
        return commit


def entries_at(root: Path, commit: str) -> list[GitEntry]:
    """Return the files of a commit below a folder, in git's order; raises UnreadableInput."""
    answer = _git(root, "ls-tree", "-r", "-z", "-l", commit)
    found = []
    for record in answer.split(b"\0")[:-1]:
        about, _, path = record.partition(b"\t")
        mode, _, object_id, size = about.decode().split()
        found.append(GitEntry(os.fsdecode(path), mode, object_id, int(size) if size != "-" else 0))
    return found


def staged_entries(root: Path) -> tuple[list[GitEntry], list[GitEntry]]:
    """Return the files in the index that differ from HEAD (all where there is no commit), and all files in it.

    Raises UnreadableInput.
    """
    every = []
    for record in _git(root, "ls-files", "-z", "--stage").split(b"\0")[:-1]:
        about, _, path = record.partition(b"\t")
        mode, object_id, _ = about.decode().split()
        every.append((os.fsdecode(path), mode, object_id))
    sizes = _sizes(root, [object_id for _, mode, object_id in every if mode != SUBMODULE])
    entries = [GitEntry(path, mode, object_id, sizes.get(object_id, 0)) for path, mode, object_id in every]
    try:
        before = {entry.path: entry.object_id for entry in entries_at(root, resolved(root, "HEAD"))}
    except UnreadableInput:
        before = {}
    return [entry for entry in entries if before.get(entry.path) != entry.object_id], entries


def _sizes(root: Path, object_ids: list[str]) -> dict[str, int]:
    """Return the sizes of contents in bytes; what is missing has none, and is told when it is read."""
    asked = "".join(f"{object_id}\n" for object_id in dict.fromkeys(object_ids))
    answer = _git(root, "cat-file", "--batch-check=%(objectname) %(objectsize)", given=asked.encode())
    told = (line.split() for line in answer.decode().splitlines())
    return {object_id: int(size) for object_id, size in told if size.isdecimal()}


def blobs(root: Path) -> "subprocess.Popen[bytes]":
    """Start the git that gives out contents by their ids, to be used as a context manager and killed."""
    return subprocess.Popen(  # noqa: S603
        git_command(("cat-file", "--batch")),
        cwd=root,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def names_content(object_id: str, content: bytes) -> bool:
    """Tell whether git gives a content that id, by SHA-1 or SHA-256."""
    algorithm = hashlib.sha1 if len(object_id) == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(content) + content).hexdigest() == object_id


def _git(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    if shutil.which("git") is None:
        raise UnreadableInput("git is not on this machine: install it, or audit the folder as it stands.")
    folder = root if root.is_dir() else root.parent
    try:
        answer = subprocess.run(  # noqa: S603
            git_command(arguments),
            cwd=folder,
            env=_environment(),
            input=given,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnreadableInput(f"{root}: git cannot be asked ({error}).") from error
    if answer.returncode != 0:
        said = complaint(answer.stderr)
        raise UnreadableInput(f"{root}: git says: {said}: check the folder and the revision.")
    return answer.stdout


def _environment() -> dict[str, str]:
    """Return an environment in which git fetches nothing and locks nothing, and a hook's own index is the one read."""
    index = os.environ.get("GIT_INDEX_FILE")
    return {
        **git_environment(),
        **({"GIT_INDEX_FILE": os.path.abspath(index)} if index else {}),
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }
