"""What an origin of reference code yields, before anybody has judged its licence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Protocol


class LegalKind(StrEnum):
    """What a legal file is for: the licence itself, a NOTICE, or a list of authors."""

    LICENSE = "license"
    NOTICE = "notice"
    AUTHORS = "authors"


@dataclass(frozen=True, slots=True)
class LegalFile:
    """A licence, NOTICE or AUTHORS file as its source ships it."""

    path: str
    kind: LegalKind
    text: str


class Precedence(StrEnum):
    """How what is said of a file beside it stands to what the file says itself (REUSE Specification 3.3)."""

    CLOSEST = "closest"
    AGGREGATE = "aggregate"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class DeclaredLicense:
    """One thing the metadata says about the licence, and in which field.

    `text` is what is given as the licence's text beside its name: what it is recognised as counts more than the name.
    """

    field: str
    value: str
    text: str = ""
    precedence: Precedence = Precedence.CLOSEST


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that may be indexed; `read` fetches its bytes when they are wanted.

    `declared` is what the source's metadata says of this one file's licence: the first that can be read counts.
    """

    path: str
    size: int
    read: Callable[[], bytes]
    declared: tuple[DeclaredLicense, ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file the origin leaves out, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourcePackage:
    """One versioned source: its identity, what it says of its licence, and its files.

    `files` yields every candidate file, one after another, in a stable order. `released` is the day on which this
    version came out, as its registry or repository says; None where nobody says it.
    """

    purl: str
    url: str | None
    declared: tuple[DeclaredLicense, ...]
    authors: tuple[str, ...]
    legal: tuple[LegalFile, ...]
    files: Callable[[], Iterator[SourceFile | SkippedFile]] = field(repr=False)
    released: date | None = None


class Origin(Protocol):
    """A place reference code comes from.

    `fetches` says that its first package takes waiting for others, so that it is worth beginning early.
    """

    fetches: ClassVar[bool]

    @property
    def name(self) -> str:
        """The place as the person named it."""
        ...

    def packages(self) -> Iterator[SourcePackage]:
        """Yield the packages found there, in a stable order; a package's files may be read until it is let go.

        Raises UnreadableOrigin where the place itself cannot be read, and so may going through a package's files.
        """
        ...
