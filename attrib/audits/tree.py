"""What is audited: the files of a tree, how each is read, and why some are not."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from attrib.audits.documents import LARGEST_DOCUMENT, is_document
from attrib.audits.ignoring import Rules, no_rules
from attrib.errors import UnreadableInput
from attrib.side_files import side_file_beside
from index.languages import HEAD, LARGEST_FILE, exclusion_reason, language_of_file
from index.origins.packed import is_archive

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
_MOST_DOCUMENT_BYTES = 64 * 1024 * 1024

# Called with how many files are done, and how many there are.
AuditProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a file on disk is known not to have changed: bytes, nanoseconds, and its number on its device."""

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, about: os.stat_result) -> "Stamp":
        """Return the stamp of what `stat` says."""
        return cls(about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino)


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a tree, by its path below the root, in posix form; `left_out` says why it is not read.

    `place` is where it lies, for the globs of a policy. `content` gives its bytes and raises OSError; `side_file` the
    text of the FILE.license beside it. Both work until the next file of the tree is asked for. `stamp` is None where it
    is no file on disk. `before` is what git called its content at the revision since which changes are looked for.
    """

    path: str
    place: Path
    left_out: str | None
    content: Callable[[], bytes]
    side_file: Callable[[], str]
    stamp: Stamp | None = None
    before: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """What is audited: `root` is what it is called, `count` how many files and left-out folders it has.

    `scope` says which part or state of it that is, '' for all as it stands. `documents` are the files, by path, in
    which a tree says what it is and what it needs.
    """

    root: str
    count: int
    files: Iterable[TreeFile]
    documents: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""


def folder_tree(root: Path, rules: Rules = no_rules) -> Tree:
    """Return what stands in a folder, or the one file that `root` is; raises UnreadableInput as `walk` does."""
    files = walk(root, rules)
    return Tree(str(root), len(files), files, documents_on_disk(files))


def walk(root: Path, rules: Rules = no_rules) -> list[TreeFile]:
    """Return every file of a tree, or the one file that `root` is, in the order of their paths; links are not followed.

    Raises UnreadableInput where there is nothing to read.
    """
    if root.is_file():
        return [_on_disk(root.name, root, *_at_sight(root))]
    if not root.is_dir():
        raise UnreadableInput(f"{root}: there is no such folder or file: give the path of what is to be audited.")
    if not os.access(root, os.R_OK | os.X_OK):
        raise UnreadableInput(f"{root}: may not be read: change its permissions, or run as who may.")
    return sorted(_walk(root, rules), key=lambda file: file.path)


def read(file: TreeFile) -> tuple[bytes, str | None]:
    """Return a file's bytes and the reason to leave it out once they are known; an unreadable file has none."""
    try:
        content = file.content()
    except OSError as error:
        return b"", f"cannot be read: {error.strerror or error}"
    return content, None if file.language is not None else exclusion_reason(file.path, content)


def shown_path(raw: str) -> str:
    """Return a path as text: of a name that is not UTF-8 the odd bytes are escaped."""
    return os.fsencode(raw).decode(errors="backslashreplace")


def documents_on_disk(files: Iterable[TreeFile]) -> dict[str, str]:
    """Return the documents among the files of a walk, those of one tree no more than so many bytes together."""
    found: dict[str, str] = {}
    left = _MOST_DOCUMENT_BYTES
    for file in files:
        if file.stamp is None or file.stamp.size > min(left, LARGEST_DOCUMENT) or not is_document(file.path):
            continue
        left -= file.stamp.size
        try:
            found[file.path] = read_regular(file.place, LARGEST_DOCUMENT).decode(errors="replace")
        except OSError:
            continue
    return found


def _walk(root: Path, rules: Rules) -> Iterator[TreeFile]:
    unreadable: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unreadable.append):
        here = Path(folder)
        prefix = "" if here == root else here.relative_to(root).as_posix() + "/"
        for name in sorted(folders):
            place = here / name
            below = f"{prefix}{name}/"
            reason = SKIPPED_FOLDERS.get(name) or ("a link" if place.is_symlink() else rules(below))
            if reason:
                folders.remove(name)
                yield _on_disk(shown_path(below), place, reason)
        for name in names:
            place = here / name
            reason = rules(prefix + name)
            known = (reason, None) if reason else _at_sight(place)
            yield _on_disk(shown_path(prefix + name), place, *known)
    for error in unreadable:
        place = Path(os.fsdecode(error.filename))
        below = shown_path(place.relative_to(root).as_posix() + "/")
        yield _on_disk(below, place, f"cannot be read: {error.strerror}")


def _on_disk(path: str, place: Path, left_out: str | None, stamp: Stamp | None = None) -> TreeFile:
    content = partial(read_regular, place, LARGEST_FILE + 1)
    return TreeFile(path, place, left_out, content, partial(side_file_beside, place), stamp)


def _at_sight(place: Path) -> tuple[str | None, Stamp | None]:
    """Say why a file is not worth reading, by its name and size, and by its head where the name says nothing."""
    stamp = None
    try:
        about = place.lstat()
        if stat.S_ISLNK(about.st_mode):
            return "a link", None
        if not stat.S_ISREG(about.st_mode):
            return "not a regular file", None
        stamp = Stamp.of(about)
        if language_of_file(place.name, partial(read_regular, place, HEAD)) is None:
            archive = "an archive: audit it by itself" if is_archive(place.name) else None
            return archive or exclusion_reason(place.name, b""), stamp
    except OSError as error:
        return f"cannot be read: {error.strerror or error}", stamp
    if about.st_size > LARGEST_FILE:
        return f"larger than {LARGEST_FILE // (1024 * 1024)} MB", stamp
    return None, stamp


def read_regular(place: Path, most: int) -> bytes:
    """Return the first bytes of a regular file; raises OSError, also where it is none, or a link."""
    # What was a file when it was listed may be a link or a pipe by now, and neither is followed or waited for.
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("no regular file any more")
        return file.read(most)
