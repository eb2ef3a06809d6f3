"""Whether two indexes are the same to whoever asks them, however they were built."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from index.reference_index import ReferenceIndex
from index.tables import FileRow, LegalFileRow, RefusalRow, SourceRow

_PAGE = 1000


def catalogued(engine: Engine) -> dict[str, list[Any]]:
    """Return what a catalogue says of sources, files, legal texts and refusals; not when, and under which numbers."""
    own = [column for column in SourceRow.__table__.columns if column.name not in ("id", "added_at")]
    with Session(engine) as session:
        sources = [tuple(row) for row in session.execute(select(*own).order_by(SourceRow.purl, SourceRow.collection))]
        names = {row.id: (row.purl, row.collection) for row in session.scalars(select(SourceRow))}
        files = [
            (*names[row.source_id], row.path, row.license_expression, row.license_evidence, row.copyright)
            for row in session.scalars(select(FileRow))
        ]
        legal = [
            (*names[row.source_id], row.kind, row.path, row.sha256) for row in session.scalars(select(LegalFileRow))
        ]
        refusals = [(row.purl, row.collection, row.path, row.reason) for row in session.scalars(select(RefusalRow))]
    return {"sources": sources, "files": sorted(files), "legal": sorted(legal), "refusals": sorted(refusals)}


def held_texts(index: ReferenceIndex) -> dict[str, bytes]:
    """Return every text that a source of an index holds, by its SWHID."""
    swhids = {file.swhid for file in _held_files(index)}
    return {swhid: index.reference_text(swhid) for swhid in sorted(swhids)}


def queries_of(text: bytes) -> tuple[bytes, ...]:
    """Return what to ask with of a text: all of it, and forty lines from its middle."""
    lines = text.splitlines(keepends=True)
    return text, b"".join(lines[len(lines) // 3 : len(lines) // 3 + 40])


def _held_files(index: ReferenceIndex) -> Iterator[Any]:
    cursor = None
    while sources := index.catalog.sources(None, cursor, _PAGE):
        cursor = sources[-1].cursor
        for source in sources:
            after = None
            while files := index.catalog.files(source.purl, source.collection, after, _PAGE):
                after = files[-1].path
                yield from files
