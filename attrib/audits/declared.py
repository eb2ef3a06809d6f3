"""A package that a tree names in one of its files."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

# Reads a document and gives the purls it names; what it raises for a malformed one is in UNREADABLE.
ReadPurls = Callable[[str], Iterable[str]]

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Declared:
    """A package, by its purl, and the file that names it, by its path in the tree."""

    purl: str
    declared_in: str

    def as_json(self) -> dict[str, str]:
        """Return an element of the report's `own`."""
        return {"purl": self.purl, "declared_in": self.declared_in}


def purls_in(read: ReadPurls, text: str) -> tuple[str, ...]:
    """Return the different purls that a document names, none where it cannot be read: it is somebody else's."""
    try:
        return tuple(dict.fromkeys(read(text)))
    except UNREADABLE:
        return ()
