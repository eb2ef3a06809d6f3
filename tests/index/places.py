"""Places of code as tests write them down: a purl, a path, and what matters of the rest."""

import hashlib
from datetime import date

from index.matches import ReferenceFile
from index.origin_ranking import Place


def file(purl: str, path: str, content: str = "", released: str | None = None, url: str | None = None) -> ReferenceFile:
    """Return a file; those of one `content` hold the same bytes, without it each holds its own."""
    digest = hashlib.sha1((content or f"{purl} {path}").encode(), usedforsecurity=False).hexdigest()
    day = date.fromisoformat(released) if released else None
    return ReferenceFile(purl, path, f"swh:1:cnt:{digest}", "MIT", "its header", (), url, day)


def place(
    purl: str,
    path: str,
    lexemes: int = 200,
    similarity: float = 1.0,
    released: str | None = None,
    renamed: bool = False,
) -> Place:
    """Return a place of code, exact unless its similarity says otherwise."""
    return Place(file(purl, path, released=released), lexemes, similarity, similarity == 1.0 and not renamed, renamed)
