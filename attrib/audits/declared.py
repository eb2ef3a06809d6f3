"""A package that a tree names in one of its files."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from index.purls import source_name

# Reads a document and gives the purls it names; what it raises for a malformed one is in UNREADABLE.
ReadPurls = Callable[[str], Iterable[str]]

_PYPI = "pkg:pypi/"
# The specification of names, PEP 503: "Normalized Names".
_SEPARATORS = re.compile(r"[-_.]+")
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Declared:
    """A package, by its purl, and the file that names it, by its path in the tree."""

    purl: str
    declared_in: str

    def as_json(self) -> dict[str, str]:
        """Return an element of the report's `own`."""
        return {"purl": self.purl, "declared_in": self.declared_in}


def known_name(purl: str) -> str:
    """Return the name of a source by which two purls of it are one: PyPI takes `a.b`, `a-b` and `a_b` for the same."""
    name = source_name(purl)
    return _SEPARATORS.sub("-", name) if name.startswith(_PYPI) else name


def purls_in(read: ReadPurls, text: str) -> tuple[str, ...]:
    """Return the different purls that a document names, none where it cannot be read: it is somebody else's."""
    try:
        return tuple(dict.fromkeys(read(text)))
    except UNREADABLE:
        return ()
