"""What goes into the catalogue and what comes out of it, as data."""

from dataclasses import dataclass
from datetime import date, datetime

from index.collection import Collection
from index.origins.base import LegalFile
from index.segment import ContentEntry


@dataclass(frozen=True, slots=True)
class AdmittedFile:
    """A file of a source that is searched, under the licence it has there."""

    path: str
    swhid: str
    license_expression: str
    license_evidence: str
    copyright: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdmittedSource:
    """All that a collection keeps of a source. `left_out` holds (path, reason)."""

    purl: str
    url: str | None
    license_expression: str
    license_evidence: str
    copyright: tuple[str, ...]
    legal: tuple[LegalFile, ...]
    files: tuple[AdmittedFile, ...]
    left_out: tuple[tuple[str, str], ...]
    digest: str
    released: date | None = None
    collection: Collection = Collection.PERMISSIVE


@dataclass(frozen=True, slots=True)
class WrittenSegment:
    """A segment file that is durable but not yet part of the index."""

    name: str
    bytes: int
    contents: tuple[ContentEntry, ...]
    collection: Collection = Collection.PERMISSIVE


@dataclass(frozen=True, slots=True)
class Refusal:
    """A source, or one file of it, that a collection did not admit; `path` is empty for the whole source."""

    purl: str
    path: str
    reason: str
    collection: Collection = Collection.PERMISSIVE


@dataclass(frozen=True, slots=True)
class SourceName:
    """What names a source in one collection."""

    purl: str
    collection: Collection


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A source as lists show it."""

    purl: str
    url: str | None
    license_expression: str
    license_evidence: str
    copyright: tuple[str, ...]
    files: int
    lexemes: int
    left_out: tuple[tuple[str, str], ...]
    released: date | None = None
    collection: Collection = Collection.PERMISSIVE
    added_at: datetime | None = None

    @property
    def cursor(self) -> str:
        """Where the source stands in a list; what follows it is asked for by this."""
        return f"{self.purl} {self.collection}"


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of a source as lists show it."""

    path: str
    swhid: str
    license_expression: str
    license_evidence: str
    lexemes: int


@dataclass(frozen=True, slots=True)
class HeldSource:
    """How much of a source a collection holds."""

    purl: str
    collection: Collection
    license_expression: str
    files: int
    lexemes: int


@dataclass(frozen=True, slots=True)
class CatalogTotals:
    """How much the index holds, in which collections, and its revision."""

    sources: int
    files: int
    lexemes: int
    segments: int
    segment_bytes: int
    source_bytes: int
    revision: int
    collections: tuple[Collection, ...] = ()
