"""Opens what is to be audited: a folder, file, archive, rows, a revision, changes, what a model wrote, one text."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from attrib.audits.archive import archive_tree
from attrib.audits.git_tree import revision_tree, staged_tree
from attrib.audits.git_work_tree import branching_point, entries_at, ignored_paths
from attrib.audits.ignoring import (
    GIT_RULES,
    LARGEST_RULES,
    OWN_RULES,
    Rules,
    first_of,
    globs,
    listed,
    no_rules,
    rule_files,
)
from attrib.audits.parquet import SUFFIX, parquet_tree
from attrib.audits.tree import Tree, TreeFile, folder_tree, read_regular
from attrib.errors import UnreadableInput
from index.origins.packed import is_archive

BY_GIT = "ignored by git (.gitignore)"
BY_OWN_RULES = f"left out by {OWN_RULES}"
BY_GLOB = "left out by --ignore or the settings"
STANDARD_INPUT = "standard input"
GENERATIONS: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
"""How files of what a model wrote are called."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a path is audited: as it stands, at the revision `rev`, what is staged, or what changed `since` one.

    `ignore` are patterns as in a .gitignore.
    """

    rev: str | None = None
    since: str | None = None
    staged: bool = False
    ignore: tuple[str, ...] = ()


EVERYTHING = Reading()


def open_tree(path: Path, reading: Reading) -> Tree:
    """Return the tree of what is at a path; nothing of an archive or of a revision is written to disk.

    Raises UnreadableInput where there is nothing of the kind, UnreadableOrigin where an archive is hostile or damaged.
    """
    if sum((reading.rev is not None, reading.since is not None, reading.staged)) > 1:
        raise UnreadableInput(
            "a revision, what changed since one, and what is staged are different audits: ask for one."
        )
    if (reading.rev is not None or reading.since is not None or reading.staged) and not path.is_dir():
        raise UnreadableInput(f"{path}: is no folder of a git work tree: give one that is.")
    if reading.rev is not None:
        return _with_rules(revision_tree(path, reading.rev), reading)
    if reading.staged:
        return _with_rules(staged_tree(path), reading)
    if reading.since is None and path.is_file() and path.name.lower().endswith(GENERATIONS):
        # Only this needs pydantic, which every command would wait for.
        from attrib.audits.generations_tree import generations_tree

        return generations_tree(path, globs(reading.ignore, BY_GLOB))
    if reading.since is None and path.is_file() and is_archive(path.name):
        return _with_rules(archive_tree(path, str(path)), reading)
    if reading.since is None and path.is_file() and path.name.endswith(SUFFIX):
        return _with_rules(parquet_tree(path), reading)
    tree = folder_tree(path, _rules_on_disk(path, reading))
    return tree if reading.since is None else _since(tree, path, reading.since)


def text_tree(content: bytes, language: str | None) -> Tree:
    """Return one text as a tree; where no language is given it is searched all the same."""
    file = TreeFile("-", Path("-"), None, lambda: content, str, language=language or "")
    return Tree(STANDARD_INPUT, 1, (file,))


def _since(tree: Tree, root: Path, revision: str) -> Tree:
    """Return a tree whose files know what they were where the history left that of a revision."""
    commit = branching_point(root, revision)
    before = {entry.path: entry.object_id for entry in entries_at(root, commit)}
    files = tuple(
        replace(file, before=before.get(raw)) if (raw := _raw_path(file, root)) in before else file
        for file in tree.files
    )
    return replace(tree, files=files, scope=f"changed since {commit}")


def _raw_path(file: TreeFile, root: Path) -> str:
    return file.place.relative_to(root if root.is_dir() else root.parent).as_posix()


def _rules_on_disk(root: Path, reading: Reading) -> Rules:
    if not root.is_dir():
        return no_rules
    text_in = partial(_text_at, root)
    ignored = ignored_paths(root)
    by_git = rule_files(GIT_RULES, text_in, BY_GIT) if ignored is None else listed(ignored, BY_GIT)
    return first_of((by_git, rule_files(OWN_RULES, text_in, BY_OWN_RULES), globs(reading.ignore, BY_GLOB)))


def _with_rules(tree: Tree, reading: Reading) -> Tree:
    """Return a tree of what is on no disk with what its own rules and the given ones leave out."""
    documents = tree.documents
    rules = first_of(
        (
            rule_files(OWN_RULES, lambda path: documents.get(path, ""), BY_OWN_RULES),
            globs(reading.ignore, BY_GLOB),
        )
    )
    files = (
        file if file.left_out or not (reason := rules(file.path)) else replace(file, left_out=reason)
        for file in tree.files
    )
    return replace(tree, files=files)


def _text_at(root: Path, path: str) -> str:
    try:
        return read_regular(root / path, LARGEST_RULES).decode(errors="replace")
    except OSError:
        return ""
