"""How segments, sources and contents become rows and cease to be, inside a transaction that the catalogue began."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

import zstandard
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from index.entries import AdmittedFile, AdmittedSource, Refusal, WrittenSegment
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
        }
        for entry in segment.contents
    ]
    if rows:
        session.execute(insert(ContentRow), rows)


def insert_source(session: Session, source: AdmittedSource, now: datetime) -> None:
    """Enter a source whose contents are all there, with its files and legal texts."""
    contents: dict[str, tuple[int, int]] = {}
    for chunk in chunks(sorted({file.swhid for file in source.files})):
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
        released=source.released,
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


def delete_source(session: Session, purl: str) -> None:
    """Take a source out with its files and what was refused of it; its contents stay until segments are merged."""
    source_id = session.scalar(select(SourceRow.id).where(SourceRow.purl == purl))
    if source_id is not None:
        session.execute(delete(FileRow).where(FileRow.source_id == source_id))
        session.execute(delete(LegalFileRow).where(LegalFileRow.source_id == source_id))
        session.execute(delete(SourceRow).where(SourceRow.id == source_id))
    session.execute(delete(RefusalRow).where(RefusalRow.purl == purl))


def insert_refusals(session: Session, refusals: Sequence[Refusal]) -> None:
    """Note what was not admitted; a whole source that is refused goes from the index if it was there."""
    for refusal in refusals:
        if not refusal.path:
            delete_source(session, refusal.purl)
        session.execute(delete(RefusalRow).where(RefusalRow.purl == refusal.purl, RefusalRow.path == refusal.path))
    session.add_all(RefusalRow(purl=r.purl, path=r.path, reason=r.reason, whole_source=not r.path) for r in refusals)


def delete_files_holding(session: Session, content_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Take contents out of every source that holds them and return (purl, path) of what went."""
    gone: list[tuple[str, str]] = []
    sources: set[int] = set()
    for chunk in chunks(content_ids):
        held = (
            select(FileRow.source_id, FileRow.path, SourceRow.purl)
            .join(SourceRow, SourceRow.id == FileRow.source_id)
            .where(FileRow.content_id.in_(chunk))
            .order_by(FileRow.id)
        )
        for row in session.execute(held):
            gone.append((row.purl, row.path))
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


def mark_incomplete(session: Session, purls: Iterable[str]) -> None:
    """Forget what sources were added from, so that the next time they are added they are read anew."""
    for chunk in chunks(purls):
        session.execute(update(SourceRow).where(SourceRow.purl.in_(chunk)).values(digest=""))


def _file_row(source_id: int, content_id: int, file: AdmittedFile) -> dict[str, object]:
    return {
        "source_id": source_id,
        "content_id": content_id,
        "path": file.path,
        "license_expression": file.license_expression,
        "license_evidence": file.license_evidence,
        "copyright": list(file.copyright),
    }
