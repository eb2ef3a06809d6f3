"""What is audited: the files of a tree, how each is read, and why some are not."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from attrib.answers import IndexState
from attrib.audits.documents import LARGEST_DOCUMENT, is_document
from attrib.audits.ignoring import Rules, no_rules
from attrib.audits.report import AuditedFile
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
    which a tree says what it is and what it needs. `given` are files whose content is not there, and what is known of
    them. `memorisation` makes figures of the audited files where a model wrote them.
    """

    root: str
    count: int
    files: Iterable[TreeFile]
    documents: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    given: tuple[AuditedFile, ...] = ()
    memorisation: Callable[[Iterable[AuditedFile], IndexState], Mapping[str, Any]] | None = None


def folder_tree(root: Path, rules: Rules = no_rules) -> Tree:
    """Return what stands in a folder, or the one file that `root` is; raises UnreadableInput as `walk` does."""
    listing = _listed(root, rules)
    return Tree(str(root), len(listing.entries), listing, _documents(listing))


def walk(root: Path, rules: Rules = no_rules) -> list[TreeFile]:
    """Return every file of a tree, or the one file that `root` is, in the order of their paths; links are not followed.

    Raises UnreadableInput where there is nothing to read.
    """
    return list(_listed(root, rules))


def read(file: TreeFile) -> tuple[bytes, str | None]:
    """Return a file's bytes and the reason to leave it out once they are known; an unreadable file has none."""
    try:
        content = file.content()
    except OSError as error:
        return b"", f"cannot be read: {error.strerror or error}"
    return content, None if file.language is not None else exclusion_reason(file.path, content)


def unread_reason(path: str, size: int, head: Callable[[], bytes]) -> str | None:
    """Say why a file is not worth reading: by its name and size, and by its head where the name says nothing."""
    if language_of_file(path, head) is None:
        return exclusion_reason(path, b"")
    return f"larger than {LARGEST_FILE // (1024 * 1024)} MB" if size > LARGEST_FILE else None


def unread_reason_of_whole(path: str, size: int, content: Callable[[], bytes]) -> str | None:
    """Say the same of what can only be had whole: if it is large, its head is not looked at."""
    return unread_reason(path, size, content if size <= LARGEST_FILE else bytes)


def shown_path(raw: str) -> str:
    """Return a path as text: of a name that is not UTF-8 the odd bytes are escaped."""
    return os.fsencode(raw).decode(errors="backslashreplace")


@dataclass(frozen=True, slots=True)
class _Entry:
    """What was seen of a file or a left-out folder at `raw` below the root: little, for there may be very many."""

    raw: str
    left_out: str | None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class _Listing:
    """Everything below a folder in the order of paths, each made a file of the tree when it is its turn."""

    folder: Path
    entries: Sequence[_Entry]

    def __iter__(self) -> Iterator[TreeFile]:
        for entry in self.entries:
            place = self.folder / entry.raw
            content = partial(read_regular, place, LARGEST_FILE + 1)
            side_file = partial(side_file_beside, place)
            yield TreeFile(shown_path(entry.raw), place, entry.left_out, content, side_file, entry.stamp)


def _listed(root: Path, rules: Rules) -> _Listing:
    if root.is_file():
        return _Listing(root.parent, [_Entry(root.name, *_at_sight(root))])
    if not root.is_dir():
        raise UnreadableInput(f"{root}: there is no such folder or file: give the path of what is to be audited.")
    if not os.access(root, os.R_OK | os.X_OK):
        raise UnreadableInput(f"{root}: may not be read: change its permissions, or run as who may.")
    return _Listing(root, sorted(_walk(root, rules), key=lambda entry: entry.raw))


def _documents(listing: _Listing) -> dict[str, str]:
    """Return the documents of a tree, no more than so many bytes together."""
    found: dict[str, str] = {}
    left = _MOST_DOCUMENT_BYTES
    for entry in listing.entries:
        if entry.stamp is None or entry.stamp.size > min(left, LARGEST_DOCUMENT) or not is_document(entry.raw):
            continue
        left -= entry.stamp.size
        with suppress(OSError):
            content = read_regular(listing.folder / entry.raw, LARGEST_DOCUMENT)
            found[shown_path(entry.raw)] = content.decode(errors="replace")
    return found


def _walk(root: Path, rules: Rules) -> Iterator[_Entry]:
    unreadable: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unreadable.append):
        here = Path(folder)
        prefix = "" if here == root else here.relative_to(root).as_posix() + "/"
        for name in sorted(folders):
            below = f"{prefix}{name}/"
            reason = SKIPPED_FOLDERS.get(name) or ("a link" if (here / name).is_symlink() else rules(below))
            if reason:
                folders.remove(name)
                yield _Entry(below, reason)
        for name in names:
            reason = rules(prefix + name)
            yield _Entry(prefix + name, reason) if reason else _Entry(prefix + name, *_at_sight(here / name))
    for error in unreadable:
        below = Path(os.fsdecode(error.filename)).relative_to(root).as_posix() + "/"
        yield _Entry(below, f"cannot be read: {error.strerror}")


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
        reason = unread_reason(place.name, about.st_size, partial(read_regular, place, HEAD))
    except OSError as error:
        return f"cannot be read: {error.strerror or error}", stamp
    if reason is not None and is_archive(place.name):
        return "an archive: audit it by itself", stamp
    return reason, stamp


def read_regular(place: Path, most: int) -> bytes:
    """Return the first bytes of a regular file; raises OSError, also where it is none, or a link."""
    # What was a file when it was listed may be a link or a pipe by now, and neither is followed or waited for.
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("no regular file any more")
        return file.read(most)
