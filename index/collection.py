"""Collections: the parts of an index that are kept apart, each in segments of its own."""

from enum import StrEnum


class Collection(StrEnum):
    """Code that may be used by whoever ships its notice, and code that is held so that a copy of it can be told."""

    PERMISSIVE = "permissive"
    RESTRICTED = "restricted"


EVERY_COLLECTION = tuple(Collection)
