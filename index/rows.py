"""How segments, sources and contents become rows and cease to be, inside a transaction that the catalogue began."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

import zstandard
from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from index.entries import AdmittedFile, AdmittedSource, Refusal, SourceName, WrittenSegment
from index.lsh import IndexParams
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


def chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield the items in lists short enough for the variables of one statement."""
    listed = list(items)
    for begin in range(0, len(listed), _MOST_VARIABLES):
        yield listed[begin : begin + _MOST_VARIABLES]


def next_revision(session: Session, params: IndexParams) -> None:
    """Count one change; done first, it makes every other change wait for this transaction."""
    changed = session.execute(update(CatalogState).values(revision=CatalogState.revision + 1))
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.add(CatalogState(id=1, revision=1, parameters=params.as_json()))


def insert_segment(session: Session, segment: WrittenSegment, now: datetime) -> int:
    """Enter a segment without its contents and return its row id."""
    row = SegmentRow(
        name=segment.name,
        contents=len(segment.contents),
        lexemes=sum(entry.lexemes for entry in segment.contents),
        bytes=segment.bytes,
        added_at=now,
        collection=segment.collection,
    )
    session.add(row)
    session.flush()
    return row.id


def insert_contents(session: Session, segment_id: int, segment: WrittenSegment) -> None:
    """Enter the contents of a new segment."""
    rows = [
        {
            "swhid": entry.swhid,
            "segment_id": segment_id,
            "ordinal": entry.ordinal,
            "lexemes": entry.lexemes,
            "bytes": entry.bytes,
            "collection": segment.collection,
        }
        for entry in segment.contents
    ]
    if rows:
        session.execute(insert(ContentRow), rows)


def insert_source(session: Session, source: AdmittedSource, now: datetime) -> None:
    """Enter a source whose contents are all there, with its files and legal texts."""
    contents: dict[str, tuple[int, int]] = {}
    for chunk in chunks(sorted({file.swhid for file in source.files})):
        query = select(ContentRow.swhid, ContentRow.id, ContentRow.lexemes).where(
            ContentRow.swhid.in_(chunk), ContentRow.collection == source.collection
        )
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
        released=source.released,
        collection=source.collection,
    )
    session.add(row)
    session.flush()
    if source.files:
        rows = [_file_row(row.id, contents[file.swhid][0], file) for file in source.files]
        session.execute(insert(FileRow), rows)
    for legal in source.legal:
        data = legal.text.encode(errors="replace")
        digest = sha256(data).hexdigest()
        if session.get(LegalTextRow, digest) is None:
            session.add(LegalTextRow(sha256=digest, compressed=zstandard.compress(data)))
            session.flush()
        session.add(LegalFileRow(source_id=row.id, kind=legal.kind.value, path=legal.path, sha256=digest))


def delete_source(session: Session, source: SourceName) -> None:
    """Take a source out with its files and what was refused of it; its contents stay until segments are merged."""
    source_id = session.scalar(select(SourceRow.id).where(*is_source(source)))
    if source_id is not None:
        session.execute(delete(FileRow).where(FileRow.source_id == source_id))
        session.execute(delete(LegalFileRow).where(LegalFileRow.source_id == source_id))
        session.execute(delete(SourceRow).where(SourceRow.id == source_id))
    session.execute(
        delete(RefusalRow).where(RefusalRow.purl == source.purl, RefusalRow.collection == source.collection)
    )


def insert_refusals(session: Session, refusals: Sequence[Refusal]) -> None:
    """Note what was not admitted; a whole source that is refused goes from the index if it was there."""
    for refusal in refusals:
        if not refusal.path:
            delete_source(session, SourceName(refusal.purl, refusal.collection))
        session.execute(
            delete(RefusalRow).where(
                RefusalRow.purl == refusal.purl,
                RefusalRow.path == refusal.path,
                RefusalRow.collection == refusal.collection,
            )
        )
    session.add_all(
        RefusalRow(purl=r.purl, path=r.path, reason=r.reason, whole_source=not r.path, collection=r.collection)
        for r in refusals
    )


def delete_files_holding(session: Session, content_ids: Iterable[int]) -> list[tuple[SourceName, str]]:
    """Take contents out of every source that holds them and return source and path of what went."""
    gone: list[tuple[SourceName, str]] = []
    sources: set[int] = set()
    for chunk in chunks(content_ids):
        held = (
            select(FileRow.source_id, FileRow.path, SourceRow.purl, SourceRow.collection)
            .join(SourceRow, SourceRow.id == FileRow.source_id)
            .where(FileRow.content_id.in_(chunk))
            .order_by(FileRow.id)
        )
        for row in session.execute(held):
            gone.append((SourceName(row.purl, row.collection), row.path))
            sources.add(row.source_id)
        session.execute(delete(FileRow).where(FileRow.content_id.in_(chunk)))
    recount(session, sources)
    return gone


def recount(session: Session, source_ids: Iterable[int]) -> None:
    """Bring the number of files and lexemes of sources in line with the files they have."""
    held = (
        select(func.count(), func.coalesce(func.sum(ContentRow.lexemes), 0))
        .select_from(FileRow)
        .join(ContentRow, ContentRow.id == FileRow.content_id)
    )
    for source_id in source_ids:
        files, lexemes = session.execute(held.where(FileRow.source_id == source_id)).one()
        session.execute(update(SourceRow).where(SourceRow.id == source_id).values(files=files, lexemes=lexemes))


def mark_incomplete(session: Session, sources: Iterable[SourceName]) -> None:
    """Forget what sources were added from, so that the next time they are added they are read anew."""
    for source in sources:
        session.execute(update(SourceRow).where(*is_source(source)).values(digest=""))


def is_source(source: SourceName) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that only the row of this source meets."""
    return SourceRow.purl == source.purl, SourceRow.collection == source.collection


def _file_row(source_id: int, content_id: int, file: AdmittedFile) -> dict[str, object]:
    return {
        "source_id": source_id,
        "content_id": content_id,
        "path": file.path,
        "license_expression": file.license_expression,
        "license_evidence": file.license_evidence,
        "copyright": list(file.copyright),
    }
