"""What the segments hold of what the sources need, row by row: read by merging, verification and statistics."""

from dataclasses import dataclass

from sqlalchemy import Engine, and_, func, or_, select
from sqlalchemy.orm import aliased

from index.collection import Collection
from index.entries import SourceName
from index.snapshots import of_one_moment
from index.tables import ContentRow, FileRow, SegmentRow, SourceRow

_HELD = select(FileRow.id).where(FileRow.content_id == ContentRow.id).exists()


@dataclass(frozen=True, slots=True)
class SegmentLoad:
    """A segment and how much of it some source still holds; `live_bytes` counts the code, `file_bytes` the file.

    `outdated` says that its file is of a format before the present one, as far as anybody has looked.
    """

    row_id: int
    name: str
    contents: int
    lexemes: int
    file_bytes: int
    live_contents: int
    live_bytes: int
    collection: Collection = Collection.PERMISSIVE
    outdated: bool = False

    @property
    def clean(self) -> bool:
        """Whether it would be written anew as it is: every content in it is held by a source, and in this format."""
        return self.live_contents == self.contents and not self.outdated


@dataclass(frozen=True, slots=True)
class HeldContent:
    """A content as the catalogue knows it; `path` is one of its files', None where no source holds it any more."""

    row_id: int
    ordinal: int
    swhid: str
    lexemes: int
    bytes: int
    path: str | None


@dataclass(frozen=True, slots=True)
class LicenseCount:
    """How many sources and files stand under one licence."""

    license: str
    sources: int
    files: int


@dataclass(frozen=True, slots=True)
class CollectionCount:
    """How much one collection holds, and in how many segments; `segment_bytes` are those of the files."""

    collection: Collection
    sources: int
    files: int
    lexemes: int
    segments: int
    segment_bytes: int


class Holdings:
    """Reads the catalogue segment by segment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = of_one_moment(engine)

    def segments(self) -> list[SegmentLoad]:
        """Return every segment, oldest first."""
        query = (
            select(
                SegmentRow.id,
                SegmentRow.name,
                SegmentRow.contents,
                SegmentRow.lexemes,
                SegmentRow.bytes,
                func.count(ContentRow.id),
                func.coalesce(func.sum(ContentRow.bytes), 0),
                SegmentRow.collection,
            )
            .outerjoin(ContentRow, and_(ContentRow.segment_id == SegmentRow.id, _HELD))
            .group_by(
                SegmentRow.id,
                SegmentRow.name,
                SegmentRow.contents,
                SegmentRow.lexemes,
                SegmentRow.bytes,
                SegmentRow.collection,
            )
            .order_by(SegmentRow.id)
        )
        with self._engine.connect() as connection:
            return [SegmentLoad(*row[:-2], int(row[-2]), row[-1]) for row in connection.execute(query)]

    def contents(self, segment: SegmentLoad) -> list[HeldContent]:
        """Return the contents of one segment in the order of their ordinals."""
        holder = aliased(FileRow)
        first = select(func.min(holder.id)).where(holder.content_id == ContentRow.id).scalar_subquery()
        query = (
            select(
                ContentRow.id, ContentRow.ordinal, ContentRow.swhid, ContentRow.lexemes, ContentRow.bytes, FileRow.path
            )
            .outerjoin(FileRow, FileRow.id == first)
            .where(ContentRow.segment_id == segment.row_id)
            .order_by(ContentRow.ordinal)
        )
        with self._engine.connect() as connection:
            return [HeldContent(*row) for row in connection.execute(query)]

    def removed(self) -> tuple[int, int]:
        """Return how many contents no source holds any more, and their bytes of code."""
        query = select(func.count(), func.coalesce(func.sum(ContentRow.bytes), 0)).where(~_HELD)
        with self._engine.connect() as connection:
            contents, size = connection.execute(query).one()
            return contents, int(size)

    def incomplete_sources(self) -> list[SourceName]:
        """Return the sources that lack files which adding them again would bring back."""
        query = select(SourceRow.purl, SourceRow.collection).where(SourceRow.digest == "")
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(SourceRow.purl, SourceRow.collection))
            return [SourceName(*row) for row in rows]

    def miscounted_sources(self) -> list[SourceName]:
        """Return the sources whose number of files or lexemes is not that of the files they have."""
        files = func.count(FileRow.id)
        lexemes = func.coalesce(func.sum(ContentRow.lexemes), 0)
        query = (
            select(SourceRow.purl, SourceRow.collection)
            .outerjoin(FileRow, FileRow.source_id == SourceRow.id)
            .outerjoin(ContentRow, ContentRow.id == FileRow.content_id)
            .group_by(SourceRow.id, SourceRow.purl, SourceRow.collection, SourceRow.files, SourceRow.lexemes)
            .having(or_(files != SourceRow.files, lexemes != SourceRow.lexemes))
            .order_by(SourceRow.purl, SourceRow.collection)
        )
        with self._engine.connect() as connection:
            return [SourceName(*row) for row in connection.execute(query)]

    def collections(self) -> list[CollectionCount]:
        """Return what each collection holds, those that hold nothing left out."""
        files, lexemes = func.sum(SourceRow.files), func.sum(SourceRow.lexemes)
        query = select(SourceRow.collection, func.count(), files, lexemes).group_by(SourceRow.collection)
        sizes = select(SegmentRow.collection, func.count(), func.sum(SegmentRow.bytes)).group_by(SegmentRow.collection)
        with self._engine.connect() as connection:
            segments = {row[0]: (row[1], int(row[2])) for row in connection.execute(sizes)}
            return [
                CollectionCount(row[0], row[1], int(row[2]), int(row[3]), *segments.get(row[0], (0, 0)))
                for row in connection.execute(query.order_by(SourceRow.collection))
            ]

    def licenses(self) -> list[LicenseCount]:
        """Return the licences that files stand under, the commonest first."""
        query = (
            select(FileRow.license_expression, func.count(FileRow.source_id.distinct()), func.count())
            .group_by(FileRow.license_expression)
            .order_by(func.count().desc(), FileRow.license_expression)
        )
        with self._engine.connect() as connection:
            return [LicenseCount(*row) for row in connection.execute(query)]
