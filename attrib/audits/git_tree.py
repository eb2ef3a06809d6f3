"""What git keeps as a tree that is audited: a revision, or what is staged; read from its objects alone."""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from attrib.audits.documents import LARGEST_DOCUMENT, is_document
from attrib.audits.git_work_tree import LINK, SUBMODULE, GitEntry, blobs, entries_at, resolved, staged_entries
from attrib.audits.tree import SKIPPED_FOLDERS, Tree, TreeFile, shown_path, unread_reason_of_whole
from attrib.side_files import SIDE_FILE_SUFFIX
from index.origins.git_commands import BlobReader


def revision_tree(root: Path, revision: str) -> Tree:
    """Return what stands in a folder at a revision; raises UnreadableInput where there is none, or no git."""
    commit = resolved(root, revision)
    return _tree(root, entries_at(root, commit), entries_at(root, commit), f"revision {commit}")


def staged_tree(root: Path) -> Tree:
    """Return what is staged in a folder and differs from HEAD, as it is staged; raises UnreadableInput."""
    changed, every = staged_entries(root)
    return _tree(root, changed, every, "staged")


def _tree(root: Path, entries: Sequence[GitEntry], around: Sequence[GitEntry], scope: str) -> Tree:
    """Return the tree of some entries; its documents and side files come from all that stand `around` them."""
    with blobs(root) as objects:
        try:
            read = _reading(objects, root)
            documents = {
                shown_path(entry.path): read(entry)().decode(errors="replace")
                for entry in around
                if is_document(entry.path) and _reason_by_mode(entry) is None and entry.size <= LARGEST_DOCUMENT
            }
        finally:
            objects.kill()
    ordered = sorted(entries, key=lambda entry: entry.path)
    side_files = {entry.path: entry for entry in around if entry.path.endswith(SIDE_FILE_SUFFIX)}
    return Tree(str(root), len(ordered), _files(root, ordered, side_files), documents, scope)


def _files(root: Path, entries: Sequence[GitEntry], side_files: Mapping[str, GitEntry]) -> Iterator[TreeFile]:
    with blobs(root) as objects:
        try:
            read = _reading(objects, root)
            for entry in entries:
                content = read(entry)
                beside = side_files.get(entry.path + SIDE_FILE_SUFFIX)
                yield TreeFile(
                    shown_path(entry.path),
                    root / entry.path,
                    _reason(entry, content),
                    content,
                    (lambda: "") if beside is None else _text(read(beside)),
                )
        finally:
            objects.kill()


def _reading(objects: "subprocess.Popen[bytes]", root: Path) -> Callable[[GitEntry], Callable[[], bytes]]:
    return lambda entry: cache(BlobReader(objects, entry.object_id, str(root)))


def _text(read: Callable[[], bytes]) -> Callable[[], str]:
    return lambda: read().decode(errors="replace")


def _reason(entry: GitEntry, content: Callable[[], bytes]) -> str | None:
    """Say why an entry is not worth reading, by its mode, or as of any file."""
    return _reason_by_mode(entry) or unread_reason_of_whole(entry.path, entry.size, content)


def _reason_by_mode(entry: GitEntry) -> str | None:
    if entry.mode == LINK:
        return "a link"
    if entry.mode == SUBMODULE:
        return "a submodule"
    folders = entry.path.split("/")[:-1]
    return next((SKIPPED_FOLDERS[folder] for folder in folders if folder in SKIPPED_FOLDERS), None)
