"""A Parquet file of code rows as a tree that is audited: each row a file, below the name of its repository."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from attrib.audits.tree import Tree, TreeFile, unread_reason
from index.origins.stack_rows import count_rows, rows_of

SUFFIX = ".parquet"
AGAIN = "another row of the same repository and path"


def parquet_tree(path: Path) -> Tree:
    """Return the rows of a file, in their order, a few hundred at a time in memory; raises UnreadableOrigin."""
    return Tree(str(path), count_rows(path), _files(path))


def _files(path: Path) -> Iterator[TreeFile]:
    # As in an archive, no settings lie above it.
    root = Path("/", path.name)
    passed: set[str] = set()
    for row in rows_of(path):
        below = f"{row.repository}/{row.path}"
        content = partial(bytes, row.content)
        reason = AGAIN if below in passed else unread_reason(row.path, len(row.content), content)
        passed.add(below)
        yield TreeFile(below, root / below, reason, content, str)
