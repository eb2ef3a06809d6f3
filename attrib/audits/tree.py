"""The files of a tree: which are read, and why the others are not."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from attrib.errors import UnreadableInput
from attrib.side_files import side_file_beside
from index.languages import HEAD, LARGEST_FILE, exclusion_reason, language_of_file

SKIPPED_FOLDERS = {
    ".git": "version control",
    ".hg": "version control",
    ".svn": "version control",
    "__pycache__": "compiled files",
    ".venv": "a virtual environment",
    "venv": "a virtual environment",
    "node_modules": "installed packages",
    ".tox": "a virtual environment",
    ".mypy_cache": "a cache",
    ".ruff_cache": "a cache",
    ".pytest_cache": "a cache",
}

# Called with how many files are done, and how many there are.
AuditProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a tree, by its path below the root, in posix form; `left_out` says why it is not read.

    `place` is where it lies, for the globs of a policy. `content` gives its bytes and raises OSError; `side_file` the
    text of the FILE.license beside it. Both work until the next file of the tree is asked for.
    """

    path: str
    place: Path
    left_out: str | None
    content: Callable[[], bytes]
    side_file: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Tree:
    """What is audited: `root` is what it is called, `count` how many files and left-out folders it has."""

    root: str
    count: int
    files: Iterable[TreeFile]


def walk(root: Path) -> list[TreeFile]:
    """Return every file of a tree, or the one file that `root` is, in the order of their paths; links are not followed.

    Raises UnreadableInput where there is nothing to read.
    """
    if root.is_file():
        return [_on_disk(root.name, root, _reason_at_sight(root))]
    if not root.is_dir():
        raise UnreadableInput(f"{root}: there is no such folder or file: give the path of what is to be audited.")
    if not os.access(root, os.R_OK | os.X_OK):
        raise UnreadableInput(f"{root}: may not be read: change its permissions, or run as who may.")
    return sorted(_walk(root), key=lambda file: file.path)


def read(file: TreeFile) -> tuple[bytes, str | None]:
    """Return a file's bytes and the reason to leave it out once they are known; an unreadable file has none."""
    try:
        content = file.content()
    except OSError as error:
        return b"", f"cannot be read: {error.strerror or error}"
    return content, exclusion_reason(file.path, content)


def _walk(root: Path) -> Iterator[TreeFile]:
    unreadable: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unreadable.append):
        here = Path(folder)
        for name in sorted(folders):
            reason = SKIPPED_FOLDERS.get(name) or ("a link" if (here / name).is_symlink() else None)
            if reason:
                folders.remove(name)
                yield _on_disk(_below(root, here / name) + "/", here / name, reason)
        for name in names:
            place = here / name
            yield _on_disk(_below(root, place), place, _reason_at_sight(place))
    for error in unreadable:
        place = Path(str(error.filename))
        yield _on_disk(_below(root, place) + "/", place, f"cannot be read: {error.strerror}")


def _on_disk(path: str, place: Path, left_out: str | None) -> TreeFile:
    return TreeFile(path, place, left_out, place.read_bytes, partial(side_file_beside, place))


def _reason_at_sight(place: Path) -> str | None:
    """Say why a file is not worth reading, by its name and size, and by its head where the name says nothing."""
    try:
        about = place.lstat()
        if stat.S_ISLNK(about.st_mode):
            return "a link"
        if not stat.S_ISREG(about.st_mode):
            return "not a regular file"
        if language_of_file(place.name, partial(_head, place)) is None:
            return exclusion_reason(place.name, b"")
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if about.st_size > LARGEST_FILE:
        return f"larger than {LARGEST_FILE // (1024 * 1024)} MB"
    return None


def _head(place: Path) -> bytes:
    with place.open("rb") as file:
        return file.read(HEAD)


def _below(root: Path, place: Path) -> str:
    # A name that is not UTF-8 is shown with its odd bytes escaped, so that a report is always text.
    return os.fsencode(place.relative_to(root).as_posix()).decode(errors="backslashreplace")
