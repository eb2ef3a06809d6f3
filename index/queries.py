"""What is read from the catalogue: for a search, for adding, and for the lists that people look at."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from index.collection import EVERY_COLLECTION, Collection
from index.entries import CatalogTotals, Refusal, SourceName
from index.matches import ReferenceFile
from index.opt_outs import OptOut, as_utc
from index.purls import covers
from index.rows import chunks, is_source
from index.source_queries import SourceQueries
from index.tables import (
    CatalogState,
    ContentRow,
    FileRow,
    OptOutRow,
    RefusalRow,
    SegmentRow,
    SourceRow,
)
from index.vendoring import VENDOR_FOLDERS

# A content may stand in hundreds of thousands of files, and what stands in so many is remembered for each of them.
MOST_FILES_OF_A_CONTENT = 1000

# Asked several times a search, so it is built once.
_REVISION = select(CatalogState.revision)


class CatalogQueries(SourceQueries):
    """Everything that only reads."""

    def revision(self) -> int:
        """Return the number that grows with every change; 0 for an index that never had anything in it."""
        with self._engine.connect() as connection:
            return connection.execute(_REVISION).scalar() or 0

    def segments(self, collections: Sequence[Collection] = EVERY_COLLECTION) -> list[tuple[int, str]]:
        """Return row id and name of the segments that belong to the collections, oldest first."""
        query = select(SegmentRow.id, SegmentRow.name).where(SegmentRow.collection.in_(collections))
        with self._engine.connect() as connection:
            return [(row.id, row.name) for row in connection.execute(query.order_by(SegmentRow.id))]

    def digest(self, source: SourceName) -> str | None:
        """Return the digest a source was added with; None when it is not there."""
        with self._engine.connect() as connection:
            return connection.execute(select(SourceRow.digest).where(*is_source(source))).scalar()

    def known_contents(self, swhids: Iterable[str], collection: Collection = Collection.PERMISSIVE) -> dict[str, int]:
        """Return those of the contents that a collection holds already, with their number of lexemes."""
        known: dict[str, int] = {}
        query = select(ContentRow.swhid, ContentRow.lexemes).where(ContentRow.collection == collection)
        with self._engine.connect() as connection:
            for chunk in chunks(swhids):
                rows = connection.execute(query.where(ContentRow.swhid.in_(chunk)))
                known.update((row.swhid, row.lexemes) for row in rows)
        return known

    def files_of(
        self, swhids: Iterable[str], collections: Sequence[Collection] = EVERY_COLLECTION
    ) -> dict[str, tuple[ReferenceFile, ...]]:
        """Return the files that hold each content in the collections; a removed one has none.

        Of each collection there are at most MOST_FILES_OF_A_CONTENT. Those outside vendor folders are kept first, then
        those that were released, and of these the earliest.
        """
        found: dict[str, list[ReferenceFile]] = {swhid: [] for swhid in swhids}
        with self._engine.connect() as connection:
            for chunk in chunks(found):
                for row in connection.execute(_FILES_OF.params(swhids=chunk, collections=collections)):
                    found[row.swhid].append(
                        ReferenceFile(
                            purl=row.purl,
                            path=row.path,
                            swhid=row.swhid,
                            license_expression=row.license_expression,
                            license_evidence=row.license_evidence,
                            copyright=_copyright(row),
                            url=row.url,
                            released=row.released,
                            collection=row.collection,
                        )
                    )
        return {swhid: tuple(files) for swhid, files in found.items()}

    def removed_contents(self) -> list[tuple[str, int]]:
        """Return segment name and ordinal of the contents that no source holds any more."""
        held = select(FileRow.id).where(FileRow.content_id == ContentRow.id).exists()
        with self._engine.connect() as connection:
            names = _segment_names(connection)
            rows = connection.execute(select(ContentRow.segment_id, ContentRow.ordinal).where(~held))
            return [(names[row.segment_id], row.ordinal) for row in rows]

    def contents_only_in(self, patterns: Iterable[str]) -> list[tuple[str, int]]:
        """Return segment name and ordinal of the contents that only sources covered by the patterns hold."""
        patterns = tuple(patterns)
        everywhere = aliased(FileRow)
        holders = select(func.count()).where(everywhere.content_id == FileRow.content_id).scalar_subquery()
        query = (
            select(FileRow.content_id, ContentRow.segment_id, ContentRow.ordinal, func.count(), holders)
            .join(ContentRow, ContentRow.id == FileRow.content_id)
            .group_by(FileRow.content_id, ContentRow.segment_id, ContentRow.ordinal)
        )
        left: dict[int, int] = {}
        places: dict[int, tuple[str, int]] = {}
        with self._engine.connect() as connection:
            names = _segment_names(connection)
            sources = connection.execute(select(SourceRow.id, SourceRow.purl))
            covered = [row.id for row in sources if any(covers(pattern, row.purl) for pattern in patterns)]
            # Counting what is left once the covered ones are taken off needs no list of all the others.
            for chunk in chunks(covered):
                for content, segment, ordinal, here, all_holders in connection.execute(
                    query.where(FileRow.source_id.in_(chunk))
                ):
                    left[content] = left.get(content, all_holders) - here
                    places[content] = (names[segment], ordinal)
        return [places[content] for content, holders_left in left.items() if not holders_left]

    def place_of(self, swhid: str, collections: Sequence[Collection] = EVERY_COLLECTION) -> tuple[str, int] | None:
        """Return segment name and ordinal of a content that some source of the collections still holds."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(SegmentRow.name, ContentRow.ordinal)
                .join(ContentRow, ContentRow.segment_id == SegmentRow.id)
                .where(ContentRow.swhid == swhid, ContentRow.collection.in_(collections))
                .where(exists().where(FileRow.content_id == ContentRow.id))
            ).first()
            return (row.name, row.ordinal) if row else None

    def refusals(self) -> list[Refusal]:
        """Return everything that was refused, in the order of purl, path and collection."""
        with Session(self._engine) as session:
            rows = session.scalars(select(RefusalRow).order_by(RefusalRow.purl, RefusalRow.path, RefusalRow.collection))
            return [Refusal(row.purl, row.path, row.reason, row.collection) for row in rows]

    def opt_outs(self) -> list[OptOut]:
        """Return every opt-out, in the order of the patterns."""
        with Session(self._engine) as session:
            return opt_outs_of(session)

    def license_expressions(self, collections: Sequence[Collection] = EVERY_COLLECTION) -> tuple[str, ...]:
        """Return every expression that a file of the collections stands under."""
        query = select(FileRow.license_expression).join(SourceRow, FileRow.source_id == SourceRow.id)
        with Session(self._engine) as session:
            return tuple(session.scalars(query.where(SourceRow.collection.in_(collections)).distinct()))

    def totals(self, collections: Sequence[Collection] = EVERY_COLLECTION) -> CatalogTotals:
        """Return how much the collections hold, and which of them hold anything."""
        with self._engine.connect() as connection:
            held = connection.scalars(select(SourceRow.collection).distinct().order_by(SourceRow.collection)).all()
            sources, files, lexemes = connection.execute(
                select(
                    func.count(),
                    func.coalesce(func.sum(SourceRow.files), 0),
                    func.coalesce(func.sum(SourceRow.lexemes), 0),
                ).where(SourceRow.collection.in_(collections))
            ).one()
            segments, size = connection.execute(
                select(func.count(), func.coalesce(func.sum(SegmentRow.bytes), 0)).where(
                    SegmentRow.collection.in_(collections)
                )
            ).one()
            source_bytes = connection.execute(
                select(func.coalesce(func.sum(ContentRow.bytes), 0)).where(ContentRow.collection.in_(collections))
            ).scalar_one()
        return CatalogTotals(
            sources,
            int(files),
            int(lexemes),
            segments,
            int(size),
            int(source_bytes),
            self.revision(),
            tuple(one for one in held if one in collections),
        )


def _files_of() -> Select[Any]:
    """Return the statement behind `files_of`, whose parameters `swhids` and `collections` are lists."""
    lowered = func.lower(literal("/").concat(FileRow.path))
    vendored = or_(*(lowered.contains(f"/{folder}/", autoescape=True) for folder in sorted(VENDOR_FOLDERS)))
    place = (
        func.row_number()
        .over(
            partition_by=FileRow.content_id,
            order_by=(case((vendored, 1), else_=0), SourceRow.released.is_(None), SourceRow.released, FileRow.id),
        )
        .label("place")
    )
    standing = (
        select(
            ContentRow.swhid,
            FileRow.path,
            FileRow.license_expression,
            FileRow.license_evidence,
            FileRow.copyright,
            SourceRow.purl,
            SourceRow.url,
            SourceRow.released,
            SourceRow.collection,
            SourceRow.license_expression.label("source_license"),
            SourceRow.copyright.label("source_copyright"),
            place,
        )
        .join(FileRow, FileRow.content_id == ContentRow.id)
        .join(SourceRow, SourceRow.id == FileRow.source_id)
        .where(ContentRow.swhid.in_(bindparam("swhids", expanding=True)))
        .where(ContentRow.collection.in_(bindparam("collections", expanding=True)))
        .subquery()
    )
    return (
        select(standing)
        .where(standing.c.place <= MOST_FILES_OF_A_CONTENT)
        .order_by(standing.c.place, standing.c.collection)
    )


_FILES_OF = _files_of()


def opt_outs_of(session: Session) -> list[OptOut]:
    """Return every opt-out that a transaction sees, in the order of the patterns."""
    rows = session.scalars(select(OptOutRow).order_by(OptOutRow.pattern))
    return [OptOut(row.pattern, row.reason, as_utc(row.since)) for row in rows]


def _segment_names(connection: Connection) -> dict[int, str]:
    """Return the segments' names; a row id may be given again once its segment is gone, a name never is."""
    return {row.id: row.name for row in connection.execute(select(SegmentRow.id, SegmentRow.name))}


def _copyright(row: Any) -> tuple[str, ...]:
    """Return a file's own statements, then its source's: those of a file under a licence of its own stand alone."""
    if row.copyright and row.license_expression != row.source_license:
        return tuple(row.copyright)
    return tuple(dict.fromkeys((*row.copyright, *row.source_copyright)))
