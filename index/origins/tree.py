"""A tree of files that came packed: what it says of its licence, and its code, gone through as a stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from index.errors import UnreadableOrigin
from index.languages import LARGEST_FILE, language_of, language_of_file
from index.origins.base import LegalFile, SkippedFile, SourceFile
from index.origins.legal import LARGEST_LEGAL_FILE, legal_file, tree_legal_kind
from index.origins.members import Member, Members
from index.origins.metadata import METADATA, PACKAGE_JSON, PKG_INFO, PYPROJECT
from index.origins.reuse import LARGEST_STATEMENT, ReuseStatements, reuse_statements, states_licenses

_METADATA_FILES = frozenset({PKG_INFO, METADATA, PYPROJECT, PACKAGE_JSON})
_LARGEST_METADATA = 2 * 1024 * 1024
_MOST_LEGAL_BYTES = 64 * 1024 * 1024
_DIST_INFO = ".dist-info"


@dataclass(frozen=True, slots=True)
class Tree:
    """What one pass over a tree found: `top` is the folder all of it lies in ('' for none), `metadata` text by name."""

    top: str
    legal: tuple[LegalFile, ...]
    metadata: dict[str, str]
    reuse: ReuseStatements
    members: Members

    def files(self) -> Iterator[SourceFile | SkippedFile]:
        """Yield the code below the top folder in the archive's order; every file is read when it is yielded."""
        for member in self.members():
            path = member.path.removeprefix(self.top)
            if _within_metadata(path):
                continue
            if isinstance(member, SkippedFile) or member.size > LARGEST_FILE:
                if language_of(path) is not None:
                    too_large = f"larger than {LARGEST_FILE // 1024**2} MB"
                    yield SkippedFile(path, member.reason if isinstance(member, SkippedFile) else too_large)
                continue
            # A stream cannot go back, so the bytes are taken now, and once: one file's worth.
            read = cache(member.read)
            if language_of_file(path, read) is not None:
                read()
                yield SourceFile(path, member.size, read, self.reuse.of(path))


def survey(members: Members, name: str, one_top: bool = True) -> Tree:
    """Go through a tree once, to its end, and return what it holds beside code.

    `name` is what a refusal calls it. `one_top` takes away the folder that everything lies in, as `name-version/` of a
    source distribution.
    Raises UnreadableOrigin where the archive is hostile, damaged, or has no files at all.
    """
    tops: set[str] = set()
    legal: list[LegalFile] = []
    metadata: dict[str, str] = {}
    statements: dict[str, str] = {}
    size = 0
    for member in members():
        folder, slash, _ = member.path.partition("/")
        if len(tops) < 2:
            tops.add(folder + slash if slash else "")
        if not isinstance(member, Member):
            continue
        if states_licenses(member.path) and member.size <= LARGEST_STATEMENT:
            size += member.size
            statements[member.path] = member.read().decode("utf-8", "replace") if size <= _MOST_LEGAL_BYTES else ""
            continue
        kind = tree_legal_kind(member.path)
        if kind is not None and member.size <= LARGEST_LEGAL_FILE:
            size += member.size
            if size > _MOST_LEGAL_BYTES:
                raise UnreadableOrigin(
                    f"{name}: {member.path} and the licence files before it are larger than "
                    f"{_MOST_LEGAL_BYTES / 1e6:,.0f} MB, which no source ships: leave the archive out."
                )
            legal.append(legal_file(member.path, kind, member.read()))
        elif _may_be_metadata(member.path) and member.size <= _LARGEST_METADATA:
            metadata[member.path] = member.read().decode("utf-8", "replace")
    if not tops:
        raise UnreadableOrigin(f"{name} has no files in it: check that it is the one you mean.")
    top = next(iter(tops)) if one_top and len(tops) == 1 else ""
    return Tree(
        top=top,
        legal=tuple(LegalFile(file.path.removeprefix(top), file.kind, file.text) for file in legal),
        metadata={
            path.rsplit("/", 1)[-1]: text
            for path, text in metadata.items()
            if "/" not in (within := path.removeprefix(top)) or _within_metadata(within)
        },
        reuse=reuse_statements({path.removeprefix(top): text for path, text in statements.items()}),
        members=members,
    )


def _may_be_metadata(path: str) -> bool:
    return path.count("/") <= 1 and path.rsplit("/", 1)[-1] in _METADATA_FILES


def _within_metadata(path: str) -> bool:
    return path.partition("/")[0].endswith(_DIST_INFO)
