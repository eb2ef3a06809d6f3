"""An archive as a tree that is audited: read as a stream, member by member; nothing of it is unpacked to disk."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from attrib.audits.documents import LARGEST_DOCUMENT, is_document
from attrib.audits.tree import SKIPPED_FOLDERS, Tree, TreeFile, unread_reason_of_whole
from attrib.side_files import LARGEST_SIDE_FILE, SIDE_FILE_SUFFIX
from index.errors import UnreadableOrigin
from index.origins.base import SkippedFile
from index.origins.members import Limits, Member, Members
from index.origins.packed import members_of_file

AUDITED = Limits(members=100_000, unpacked=2 * 1024**3)
"""How large an archive that is sent to be audited may become."""

_MOST_TEXT_BYTES = 64 * 1024**2


def archive_tree(path: Path, name: str) -> Tree:
    """Return the files of an archive below the one folder that all of them lie in, if they do; `name` is its root.

    It is gone through once here and once more as the files are. Both raise UnreadableOrigin where it is hostile,
    damaged or empty.
    """
    members = members_of_file(path, name, AUDITED)
    tops: set[str] = set()
    counted: set[str] = set()
    texts: dict[str, str] = {}
    size = 0
    for member in members():
        folder, slash, _ = member.path.partition("/")
        tops.add(folder + slash if slash else "")
        counted.add(_skipped_folder(member.path) or member.path)
        if isinstance(member, Member) and (_is_side_file(member) or _is_document(member)):
            size += member.size
            if size > _MOST_TEXT_BYTES:
                raise UnreadableOrigin(
                    f"{name} has more than {_MOST_TEXT_BYTES / 1e6:,.0f} MB of licence, notice and lock files."
                )
            texts[member.path] = member.read().decode(errors="replace")
    if not tops:
        raise UnreadableOrigin(f"{name} has no files in it: check that it is the one you mean.")
    top = next(iter(tops)) if len(tops) == 1 else ""
    documents = {path.removeprefix(top): text for path, text in texts.items() if not path.endswith(SIDE_FILE_SUFFIX)}
    return Tree(name, len(counted), _files(members, name, top, texts), documents)


def require_archive(path: Path, name: str) -> None:
    """Hold that a file begins as an archive does; raises UnreadableOrigin where it does not."""
    for _ in members_of_file(path, name, AUDITED)():
        return
    raise UnreadableOrigin(f"{name} has no files in it: check that it is the one you mean.")


def _files(members: Members, name: str, top: str, side_files: dict[str, str]) -> Iterator[TreeFile]:
    # A path that no settings lie above, so that globs are held against the path in the archive.
    root = Path("/", name)
    passed: set[str] = set()
    for member in members():
        below = member.path.removeprefix(top)
        folder = _skipped_folder(below)
        if folder is not None:
            if folder not in passed:
                passed.add(folder)
                reason = SKIPPED_FOLDERS[folder.rstrip("/").rpartition("/")[2]]
                yield TreeFile(folder, root / folder, reason, _nothing, str)
            continue
        side_file = side_files.get(member.path + SIDE_FILE_SUFFIX, "")
        if isinstance(member, SkippedFile):
            yield TreeFile(below, root / below, member.reason, _nothing, str)
            continue
        content = cache(member.read)
        unread = unread_reason_of_whole(below, member.size, content)
        yield TreeFile(below, root / below, unread, content, _given(side_file))


def _skipped_folder(path: str) -> str | None:
    """Return the folder, ending in `/`, for which a path is left out; None where it is not."""
    parts = path.split("/")
    for depth, part in enumerate(parts[:-1], start=1):
        if part in SKIPPED_FOLDERS:
            return "/".join(parts[:depth]) + "/"
    return None


def _is_side_file(member: Member) -> bool:
    return member.path.endswith(SIDE_FILE_SUFFIX) and member.size <= LARGEST_SIDE_FILE


def _is_document(member: Member) -> bool:
    return is_document(member.path) and member.size <= LARGEST_DOCUMENT and _skipped_folder(member.path) is None


def _nothing() -> bytes:
    return b""


def _given(text: str) -> Callable[[], str]:
    return lambda: text
