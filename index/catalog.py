"""The catalogue: which sources, files and segments make up the index, in SQL, changed in whole transactions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from index.collection import EVERY_COLLECTION, Collection
from index.entries import AdmittedSource, Refusal, SourceName, WrittenSegment
from index.errors import UnknownOptOut
from index.holdings import Holdings
from index.lsh import IndexParams
from index.opt_outs import OptedOut, OptOut, OptOuts, as_utc
from index.purls import covers
from index.queries import CatalogQueries, opt_outs_of
from index.rows import (
    delete_files_holding,
    delete_source,
    insert_contents,
    insert_refusals,
    insert_segment,
    insert_source,
    is_source,
    mark_incomplete,
    next_revision,
    recount,
)
from index.segment import ContentEntry
from index.source_queries import unknown_source
from index.tables import (
    CatalogState,
    ContentRow,
    LegalFileRow,
    LegalTextRow,
    OptOutRow,
    RefusalRow,
    SegmentRow,
    SourceRow,
)


class Catalog(CatalogQueries):
    """The catalogue of one index; safe to use from several threads and processes."""

    def __init__(self, engine: Engine, params: IndexParams) -> None:
        """Open the catalogue, raising IncompatibleParameters when it belongs to an index of other parameters."""
        super().__init__(engine)
        self.holdings = Holdings(engine)
        # A transaction that reads before it writes must own SQLite's write lock from its start, or it may fail midway.
        self._writing = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._params = params
        with Session(engine) as session:
            state = session.get(CatalogState, 1)
            if state is not None:
                params.require_same(state.parameters, "the index")

    def commit(
        self, segments: Iterable[WrittenSegment], sources: Iterable[AdmittedSource], refusals: Iterable[Refusal]
    ) -> None:
        """Make segments and sources part of the index at once, replacing sources of the same purl and collection.

        Segments and sources are asked for one by one, so there may be more of them than memory holds.
        What was opted out is refused here once more: it may have been so while the sources were read.
        """
        now = datetime.now(UTC)
        with self._change() as session:
            for segment in segments:
                insert_contents(session, insert_segment(session, segment, now), segment)
            opt_outs = OptOuts(opt_outs_of(session))
            refused = list(refusals)
            for source in sources:
                delete_source(session, SourceName(source.purl, source.collection))
                reason = opt_outs.refusal(source.purl)
                if reason is not None:
                    refused.append(Refusal(source.purl, "", reason, source.collection))
                    continue
                admitted, files = _without_opted_out(source, opt_outs)
                refused += files
                insert_source(session, admitted, now)
            insert_refusals(session, refused)

    def remove(self, purl: str, collections: Sequence[Collection] = EVERY_COLLECTION) -> int:
        """Remove a source of these collections from every later answer and return how many files it had.

        Raises UnknownSource, naming sources that look like it.
        """
        named = select(SourceRow.collection, SourceRow.files).where(
            SourceRow.purl == purl, SourceRow.collection.in_(collections)
        )
        with self._change() as session:
            rows = session.execute(named).all()
            if not rows:
                raise unknown_source(session, purl, collections)
            for row in rows:
                delete_source(session, SourceName(purl, row.collection))
            return sum(row.files for row in rows)

    def opt_out(self, pattern: str, reason: str) -> OptedOut:
        """Take all that a pattern covers from every later answer, never to be admitted again.

        `pattern` is as `opt_out_pattern` returns it. Opting out again keeps the first date and takes the new reason.
        """
        with self._change() as session:
            row = session.get(OptOutRow, pattern)
            if row is not None:
                _forget_refusals(session, _opt_out(row))
                row.reason = reason
            else:
                row = OptOutRow(pattern=pattern, reason=reason, since=datetime.now(UTC))
                session.add(row)
            session.flush()
            opt_out = _opt_out(row)
            if opt_out.names_content:
                held = session.scalars(select(ContentRow.id).where(ContentRow.swhid == pattern)).all()
                gone = delete_files_holding(session, held)
                insert_refusals(
                    session,
                    [Refusal(source.purl, path, opt_out.refusal, source.collection) for source, path in gone],
                )
                return OptedOut(opt_out, (), len(gone))
            every = select(SourceRow.purl, SourceRow.collection, SourceRow.files)
            rows = session.execute(every.order_by(SourceRow.purl, SourceRow.collection))
            covered = [row for row in rows if covers(pattern, row.purl)]
            insert_refusals(session, [Refusal(row.purl, "", opt_out.refusal, row.collection) for row in covered])
            purls = tuple(dict.fromkeys(row.purl for row in covered))
            return OptedOut(opt_out, purls, sum(row.files for row in covered))

    def undo_opt_out(self, pattern: str) -> None:
        """Let what a pattern covers be admitted again, from the next time it is added; raises UnknownOptOut."""
        with self._change() as session:
            row = session.get(OptOutRow, pattern)
            if row is None:
                raise UnknownOptOut(f"{pattern} is not opted out: `attrib index opt-out --list` shows what is.")
            mark_incomplete(session, _forget_refusals(session, _opt_out(row)))
            session.delete(row)

    def replace_segments(
        self,
        old: Sequence[int],
        new: WrittenSegment | None,
        moved: Mapping[int, ContentEntry],
        lost: Sequence[int] = (),
    ) -> None:
        """Put one segment, or none, in the place of others of the same collection.

        `moved` says by content row id where each content stands in the new segment. Contents in `lost` vanish from
        their sources, and those are read anew when they are next added. What is neither moved nor lost must be held
        by no source, and vanishes; so do legal texts that no source ships.
        """
        with self._change() as session:
            mark_incomplete(session, {source for source, _ in delete_files_holding(session, lost)})
            # What is written anew from the same contents has the same name.
            session.execute(
                update(SegmentRow).where(SegmentRow.id.in_(old)).values(name=SegmentRow.name.concat(".old"))
            )
            if new is not None:
                segment_id = insert_segment(session, new, datetime.now(UTC))
                rows = [
                    {
                        "id": row,
                        "segment_id": segment_id,
                        "ordinal": at.ordinal,
                        "lexemes": at.lexemes,
                        "bytes": at.bytes,
                    }
                    for row, at in moved.items()
                ]
                session.execute(update(ContentRow), rows)
            session.execute(delete(ContentRow).where(ContentRow.segment_id.in_(old)))
            session.execute(delete(SegmentRow).where(SegmentRow.id.in_(old)))
            shipped = select(LegalFileRow.sha256).where(LegalFileRow.sha256 == LegalTextRow.sha256).exists()
            session.execute(delete(LegalTextRow).where(~shipped))

    def recount(self, sources: Sequence[SourceName]) -> None:
        """Bring the number of files and lexemes of sources in line with the files they have."""
        with self._change() as session:
            for source in sources:
                recount(session, session.scalars(select(SourceRow.id).where(*is_source(source))).all())

    @contextmanager
    def _change(self) -> Iterator[Session]:
        with Session(self._writing) as session, session.begin():
            next_revision(session, self._params)
            yield session


def _opt_out(row: OptOutRow) -> OptOut:
    return OptOut(row.pattern, row.reason, as_utc(row.since))


def _forget_refusals(session: Session, opt_out: OptOut) -> list[SourceName]:
    """Delete what an opt-out had refused and return the sources that lack files for it."""
    noted = session.scalars(select(RefusalRow).where(RefusalRow.reason == opt_out.refusal)).all()
    # Two opt-outs of one day may give the same reason.
    own = [row for row in noted if row.path or covers(opt_out.pattern, row.purl)]
    for row in own:
        session.delete(row)
    return [SourceName(row.purl, row.collection) for row in own if row.path]


def _without_opted_out(source: AdmittedSource, opt_outs: OptOuts) -> tuple[AdmittedSource, list[Refusal]]:
    reasons = [(file, opt_outs.refusal(file.swhid)) for file in source.files]
    refused = [(file.path, reason) for file, reason in reasons if reason is not None]
    files = tuple(file for file, reason in reasons if reason is None)
    admitted = replace(source, files=files, left_out=(*source.left_out, *refused))
    return admitted, [Refusal(source.purl, path, reason, source.collection) for path, reason in refused]
