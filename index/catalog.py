"""The catalogue: which sources, files and segments make up the index, in SQL, changed in whole transactions."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

import zstandard
from sqlalchemy import Engine, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from index.entries import AdmittedSource, CatalogTotals, Refusal, SourceSummary, WrittenSegment
from index.errors import UnknownSource
from index.lsh import IndexParams
from index.matches import ReferenceFile
from index.origins.base import LegalFile, LegalKind
from index.purls import covers
from index.tables import (
    CatalogState,
    ContentRow,
    FileRow,
    LegalFileRow,
    LegalTextRow,
    RefusalRow,
    SegmentRow,
    SourceRow,
)

_MOST_VARIABLES = 400
_Item = TypeVar("_Item")


class Catalog:
    """The catalogue of one index; safe to use from several threads and processes."""

    def __init__(self, engine: Engine, params: IndexParams) -> None:
        """Open the catalogue, raising IncompatibleParameters when it belongs to an index of other parameters."""
        self._engine = engine
        # A transaction that reads before it writes must own SQLite's write lock from its start, or it may fail midway.
        self._writing = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._params = params
        with Session(engine) as session:
            state = session.get(CatalogState, 1)
            if state is not None:
                params.require_same(state.parameters, "the index")

    def revision(self) -> int:
        """Return the number that grows with every change; 0 for an index that never had anything in it."""
        with self._engine.connect() as connection:
            return connection.execute(select(CatalogState.revision)).scalar() or 0

    def segments(self) -> list[tuple[int, str]]:
        """Return row id and name of the segments that belong to the index, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(SegmentRow.id, SegmentRow.name).order_by(SegmentRow.id))
            return [(row.id, row.name) for row in rows]

    def digest(self, purl: str) -> str | None:
        """Return the digest a source was added with; None when it is not there."""
        with self._engine.connect() as connection:
            return connection.execute(select(SourceRow.digest).where(SourceRow.purl == purl)).scalar()

    def known_contents(self, swhids: Iterable[str]) -> dict[str, int]:
        """Return those of the contents that some segment holds already, with their number of lexemes."""
        known: dict[str, int] = {}
        query = select(ContentRow.swhid, ContentRow.lexemes)
        with self._engine.connect() as connection:
            for chunk in _chunks(list(swhids)):
                rows = connection.execute(query.where(ContentRow.swhid.in_(chunk)))
                known.update((row.swhid, row.lexemes) for row in rows)
        return known

    def files_of(self, swhids: Iterable[str]) -> dict[str, tuple[ReferenceFile, ...]]:
        """Return the files that hold each content, in the order they were added; a removed one has none."""
        found: dict[str, list[ReferenceFile]] = {swhid: [] for swhid in swhids}
        query = (
            select(
                ContentRow.swhid,
                FileRow.path,
                FileRow.license_expression,
                FileRow.license_evidence,
                FileRow.copyright,
                SourceRow.purl,
                SourceRow.url,
                SourceRow.license_expression.label("source_license"),
                SourceRow.copyright.label("source_copyright"),
            )
            .join(FileRow, FileRow.content_id == ContentRow.id)
            .join(SourceRow, SourceRow.id == FileRow.source_id)
            .order_by(FileRow.id)
        )
        with self._engine.connect() as connection:
            for chunk in _chunks(list(found)):
                for row in connection.execute(query.where(ContentRow.swhid.in_(chunk))):
                    found[row.swhid].append(
                        ReferenceFile(
                            purl=row.purl,
                            path=row.path,
                            swhid=row.swhid,
                            license_expression=row.license_expression,
                            license_evidence=row.license_evidence,
                            copyright=_copyright(row),
                            url=row.url,
                        )
                    )
        return {swhid: tuple(files) for swhid, files in found.items()}

    def removed_contents(self) -> list[tuple[int, int]]:
        """Return segment row id and ordinal of the contents that no source holds any more."""
        held = select(FileRow.id).where(FileRow.content_id == ContentRow.id).exists()
        with self._engine.connect() as connection:
            rows = connection.execute(select(ContentRow.segment_id, ContentRow.ordinal).where(~held))
            return [(row.segment_id, row.ordinal) for row in rows]

    def contents_only_in(self, patterns: Iterable[str]) -> list[tuple[int, int]]:
        """Return segment row id and ordinal of the contents that only sources covered by the patterns hold."""
        with self._engine.connect() as connection:
            excluded = [
                row.id
                for row in connection.execute(select(SourceRow.id, SourceRow.purl))
                if any(covers(pattern, row.purl) for pattern in patterns)
            ]
            elsewhere = (
                select(FileRow.id)
                .where(FileRow.content_id == ContentRow.id, FileRow.source_id.not_in(excluded))
                .correlate(ContentRow)
                .exists()
            )
            query = (
                select(ContentRow.segment_id, ContentRow.ordinal)
                .join(FileRow, FileRow.content_id == ContentRow.id)
                .where(FileRow.source_id.in_(excluded), ~elsewhere)
                .distinct()
            )
            return [(row.segment_id, row.ordinal) for row in connection.execute(query)]

    def place_of(self, swhid: str) -> tuple[str, int] | None:
        """Return segment name and ordinal of a content that some source still holds."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(SegmentRow.name, ContentRow.ordinal)
                .join(ContentRow, ContentRow.segment_id == SegmentRow.id)
                .where(ContentRow.swhid == swhid, ContentRow.id.in_(select(FileRow.content_id)))
            ).first()
            return (row.name, row.ordinal) if row else None

    def commit(
        self, segments: Sequence[WrittenSegment], sources: Sequence[AdmittedSource], refusals: Sequence[Refusal]
    ) -> None:
        """Make segments and sources part of the index at once, replacing sources of the same purl."""
        now = datetime.now(UTC)
        with Session(self._writing) as session, session.begin():
            for segment in segments:
                row = SegmentRow(
                    name=segment.name,
                    contents=len(segment.contents),
                    lexemes=sum(entry.lexemes for entry in segment.contents),
                    bytes=segment.bytes,
                    added_at=now,
                )
                session.add(row)
                session.flush()
                session.execute(
                    insert(ContentRow),
                    [
                        {
                            "swhid": entry.swhid,
                            "segment_id": row.id,
                            "ordinal": entry.ordinal,
                            "lexemes": entry.lexemes,
                            "bytes": entry.bytes,
                        }
                        for entry in segment.contents
                    ],
                )
            for source in sources:
                self._delete_source(session, source.purl)
                self._insert_source(session, source, now)
            for refusal in refusals:
                if not refusal.path:
                    self._delete_source(session, refusal.purl)
                session.execute(
                    delete(RefusalRow).where(RefusalRow.purl == refusal.purl, RefusalRow.path == refusal.path)
                )
            session.add_all(
                RefusalRow(purl=r.purl, path=r.path, reason=r.reason, whole_source=not r.path) for r in refusals
            )
            self._next_revision(session)

    def remove(self, purl: str) -> int:
        """Remove a source from every later answer and return how many files it had.

        Raises UnknownSource.
        """
        with Session(self._writing) as session, session.begin():
            files = session.execute(select(SourceRow.files).where(SourceRow.purl == purl)).scalar()
            if files is None:
                raise UnknownSource(f"{purl} is not in the index: `attrib index list` shows what is.")
            self._delete_source(session, purl)
            self._next_revision(session)
            return files

    def sources(self, text: str | None, after: str | None, limit: int) -> list[SourceSummary]:
        """Return sources in the order of their purls, those containing `text`, after purl `after`."""
        query = select(SourceRow).order_by(SourceRow.purl).limit(limit)
        if text:
            pattern = SourceRow.purl.icontains(text, autoescape=True)
            query = query.where(or_(pattern, SourceRow.license_expression.icontains(text, autoescape=True)))
        if after:
            query = query.where(SourceRow.purl > after)
        with Session(self._engine) as session:
            return [_summary(row) for row in session.scalars(query)]

    def source(self, purl: str) -> SourceSummary:
        """Return one source; raises UnknownSource."""
        with Session(self._engine) as session:
            row = session.scalar(select(SourceRow).where(SourceRow.purl == purl))
            if row is None:
                raise UnknownSource(f"{purl} is not in the index: `attrib index list` shows what is.")
            return _summary(row)

    def legal_files(self, purl: str) -> tuple[LegalFile, ...]:
        """Return the licence, NOTICE and AUTHORS files of a source as it ships them."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(LegalFileRow.path, LegalFileRow.kind, LegalTextRow.compressed)
                .join(LegalTextRow, LegalTextRow.sha256 == LegalFileRow.sha256)
                .join(SourceRow, SourceRow.id == LegalFileRow.source_id)
                .where(SourceRow.purl == purl)
                .order_by(LegalFileRow.path)
            ).all()
        return tuple(
            LegalFile(row.path, LegalKind(row.kind), zstandard.decompress(row.compressed).decode()) for row in rows
        )

    def refusals(self) -> list[Refusal]:
        """Return everything that was refused, in the order of purl and path."""
        with Session(self._engine) as session:
            rows = session.scalars(select(RefusalRow).order_by(RefusalRow.purl, RefusalRow.path))
            return [Refusal(row.purl, row.path, row.reason) for row in rows]

    def totals(self) -> CatalogTotals:
        """Return how much the index holds."""
        with self._engine.connect() as connection:
            sources, files, lexemes = connection.execute(
                select(
                    func.count(),
                    func.coalesce(func.sum(SourceRow.files), 0),
                    func.coalesce(func.sum(SourceRow.lexemes), 0),
                ).select_from(SourceRow)
            ).one()
            segments, size = connection.execute(
                select(func.count(), func.coalesce(func.sum(SegmentRow.bytes), 0)).select_from(SegmentRow)
            ).one()
            source_bytes = connection.execute(select(func.coalesce(func.sum(ContentRow.bytes), 0))).scalar_one()
        return CatalogTotals(sources, files, int(lexemes), segments, int(size), int(source_bytes), self.revision())

    def _next_revision(self, session: Session) -> None:
        changed = session.execute(update(CatalogState).values(revision=CatalogState.revision + 1))
        if not changed.rowcount:  # type: ignore[attr-defined]
            session.add(CatalogState(id=1, revision=1, parameters=self._params.as_json()))

    def _delete_source(self, session: Session, purl: str) -> None:
        source_id = session.scalar(select(SourceRow.id).where(SourceRow.purl == purl))
        if source_id is not None:
            session.execute(delete(FileRow).where(FileRow.source_id == source_id))
            session.execute(delete(LegalFileRow).where(LegalFileRow.source_id == source_id))
            session.execute(delete(SourceRow).where(SourceRow.id == source_id))
        session.execute(delete(RefusalRow).where(RefusalRow.purl == purl))

    def _insert_source(self, session: Session, source: AdmittedSource, now: datetime) -> None:
        contents: dict[str, tuple[int, int]] = {}
        for chunk in _chunks(sorted({file.swhid for file in source.files})):
            query = select(ContentRow.swhid, ContentRow.id, ContentRow.lexemes).where(ContentRow.swhid.in_(chunk))
            contents.update({row.swhid: (row.id, row.lexemes) for row in session.execute(query)})
        row = SourceRow(
            purl=source.purl,
            url=source.url,
            license_expression=source.license_expression,
            license_evidence=source.license_evidence,
            copyright=list(source.copyright),
            digest=source.digest,
            files=len(source.files),
            lexemes=sum(contents[file.swhid][1] for file in source.files),
            left_out=[list(pair) for pair in source.left_out],
            added_at=now,
        )
        session.add(row)
        session.flush()
        if source.files:
            session.execute(
                insert(FileRow),
                [
                    {
                        "source_id": row.id,
                        "content_id": contents[file.swhid][0],
                        "path": file.path,
                        "license_expression": file.license_expression,
                        "license_evidence": file.license_evidence,
                        "copyright": list(file.copyright),
                    }
                    for file in source.files
                ],
            )
        for legal in source.legal:
            data = legal.text.encode(errors="replace")
            digest = sha256(data).hexdigest()
            if session.get(LegalTextRow, digest) is None:
                session.add(LegalTextRow(sha256=digest, compressed=zstandard.compress(data)))
                session.flush()
            session.add(LegalFileRow(source_id=row.id, kind=legal.kind.value, path=legal.path, sha256=digest))


def _copyright(row: Any) -> tuple[str, ...]:
    """Return a file's own statements, then its source's: those of a file under a licence of its own stand alone."""
    if row.copyright and row.license_expression != row.source_license:
        return tuple(row.copyright)
    return tuple(dict.fromkeys((*row.copyright, *row.source_copyright)))


def _summary(row: SourceRow) -> SourceSummary:
    return SourceSummary(
        purl=row.purl,
        url=row.url,
        license_expression=row.license_expression,
        license_evidence=row.license_evidence,
        copyright=tuple(row.copyright),
        files=row.files,
        lexemes=row.lexemes,
        left_out=tuple((path, reason) for path, reason in row.left_out),
    )


def _chunks(items: list[_Item]) -> Iterable[list[_Item]]:
    for begin in range(0, len(items), _MOST_VARIABLES):
        yield items[begin : begin + _MOST_VARIABLES]
