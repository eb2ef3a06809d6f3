"""What the catalogue knows of sources: the lists that people look at, one source, and the legal texts it ships."""

import difflib
from collections.abc import Sequence

import zstandard
from sqlalchemy import Engine, String, bindparam, func, or_, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from index.collection import EVERY_COLLECTION, Collection
from index.entries import HeldFile, HeldSource, SourceSummary
from index.errors import UnknownSource
from index.opt_outs import as_utc
from index.origins.base import LegalFile, LegalKind
from index.snapshots import of_one_moment
from index.tables import ContentRow, FileRow, LegalFileRow, LegalTextRow, SourceRow

_NEAR_MISSES = 3
# Likeness is only looked for after a mistake, so it may take a moment, but not a minute.
_MOST_COMPARED = 5000

# Asked with every answer that has a notice: built once.
_LEGAL_FILES = (
    select(LegalFileRow.path, LegalFileRow.kind, LegalTextRow.compressed)
    .join(LegalTextRow, LegalTextRow.sha256 == LegalFileRow.sha256)
    .join(SourceRow, SourceRow.id == LegalFileRow.source_id)
    .where(SourceRow.purl == bindparam("purl"))
    .order_by(LegalFileRow.path, SourceRow.collection)
)


class SourceQueries:
    """Reads sources by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = of_one_moment(engine)

    def sources(
        self,
        text: str | None,
        after: str | None,
        limit: int,
        collections: Sequence[Collection] = EVERY_COLLECTION,
        ecosystem: str | None = None,
        licenses: Sequence[str] | None = None,
    ) -> list[SourceSummary]:
        """Return sources in the order of their purls, those containing `text`, after the one whose `cursor` is given.

        A purl alone stands before all sources that it names. `ecosystem` is a purl's type, such as `pypi`; `licenses`
        are the whole expressions that sources may stand under.
        """
        query = select(SourceRow).where(SourceRow.collection.in_(collections)).limit(limit)
        query = query.order_by(SourceRow.purl, SourceRow.collection)
        if text:
            pattern = SourceRow.purl.icontains(text, autoescape=True)
            query = query.where(or_(pattern, SourceRow.license_expression.icontains(text, autoescape=True)))
        if ecosystem is not None:
            query = query.where(SourceRow.purl.startswith(f"pkg:{ecosystem}/", autoescape=True))
        if licenses is not None:
            query = query.where(SourceRow.license_expression.in_(licenses))
        if after:
            purl, _, collection = after.partition(" ")
            query = query.where(tuple_(SourceRow.purl, type_coerce(SourceRow.collection, String)) > (purl, collection))
        with Session(self._engine) as session:
            return [_summary(row) for row in session.scalars(query)]

    def held_sources(self, collections: Sequence[Collection] = EVERY_COLLECTION) -> list[HeldSource]:
        """Return what each source of the collections holds, in the order of their purls."""
        columns = (
            SourceRow.purl,
            SourceRow.collection,
            SourceRow.license_expression,
            SourceRow.files,
            SourceRow.lexemes,
        )
        query = select(*columns).where(SourceRow.collection.in_(collections)).order_by(SourceRow.purl)
        with self._engine.connect() as connection:
            return [HeldSource(*row) for row in connection.execute(query)]

    def files(self, purl: str, collection: Collection, after: str | None, limit: int) -> list[HeldFile]:
        """Return files of a source in the order of their paths, after the path that is given."""
        query = (
            select(
                FileRow.path, ContentRow.swhid, FileRow.license_expression, FileRow.license_evidence, ContentRow.lexemes
            )
            .join(SourceRow, SourceRow.id == FileRow.source_id)
            .join(ContentRow, ContentRow.id == FileRow.content_id)
            .where(SourceRow.purl == purl, SourceRow.collection == collection)
            .order_by(FileRow.path)
            .limit(limit)
        )
        if after is not None:
            query = query.where(FileRow.path > after)
        with self._engine.connect() as connection:
            return [HeldFile(*row) for row in connection.execute(query)]

    def file_licenses(self, purl: str, collection: Collection) -> list[tuple[str, int]]:
        """Return the licences that the files of a source stand under, each with how many do, the commonest first."""
        files = func.count().label("files")
        query = (
            select(FileRow.license_expression, files)
            .join(SourceRow, SourceRow.id == FileRow.source_id)
            .where(SourceRow.purl == purl, SourceRow.collection == collection)
            .group_by(FileRow.license_expression)
            .order_by(files.desc(), FileRow.license_expression)
        )
        with self._engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def source(self, purl: str, collections: Sequence[Collection] = EVERY_COLLECTION) -> SourceSummary:
        """Return one source, as the first of the collections that has it; raises UnknownSource."""
        query = select(SourceRow).where(SourceRow.purl == purl, SourceRow.collection.in_(collections))
        with Session(self._engine) as session:
            row = session.scalars(query.order_by(SourceRow.collection)).first()
            if row is None:
                raise unknown_source(session, purl, collections)
            return _summary(row)

    def legal_files(self, purl: str) -> tuple[LegalFile, ...]:
        """Return the licence, NOTICE and AUTHORS files of a source as it ships them, whatever collection has it."""
        with self._engine.connect() as connection:
            rows = connection.execute(_LEGAL_FILES, {"purl": purl}).all()
        # A source in two collections ships one set of them.
        shipped = {row.path: row for row in reversed(rows)}
        return tuple(
            LegalFile(row.path, LegalKind(row.kind), zstandard.decompress(row.compressed).decode())
            for row in reversed(shipped.values())
        )


def unknown_source(session: Session, purl: str, collections: Sequence[Collection]) -> UnknownSource:
    """Return the error for a purl that the collections do not hold, naming those that look like it."""
    elsewhere = session.scalar(select(SourceRow.collection).where(SourceRow.purl == purl))
    if elsewhere is not None:
        where = " or ".join(collections)
        return UnknownSource(f"{purl} is not in the {where} collection: it is in the {elsewhere} one.")
    kind = purl[: purl.find("/") + 1] or "pkg:"
    known = session.scalars(
        select(SourceRow.purl).where(SourceRow.purl.startswith(kind, autoescape=True)).distinct().limit(_MOST_COMPARED)
    )
    near = difflib.get_close_matches(purl, known.all(), n=_NEAR_MISSES)
    hint = f"did you mean {' or '.join(near)}?" if near else "`attrib index list` shows what is."
    return UnknownSource(f"{purl} is not in the index: {hint}")


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
        released=row.released,
        collection=row.collection,
        added_at=as_utc(row.added_at),
    )
