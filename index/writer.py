"""Adding to the index: contents into segments, sources into the catalogue, each source whole or not at all."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from index.catalog import Catalog
from index.collection import Collection
from index.entries import AdmittedSource, Refusal, WrittenSegment
from index.lock import WriterLock, delete_leftovers
from index.lsh import IndexParams
from index.opt_outs import OptOuts
from index.segment_builder import SegmentBuilder

SEGMENT_SOURCE_BYTES = 48 * 1024 * 1024


def content_swhid(content: bytes) -> str:
    """Return the SWHID of a content: the SHA-1 of a git blob (SWHID specification v1.2, section 5)."""
    blob = b"blob %d\0" % len(content) + content
    return f"swh:1:cnt:{hashlib.sha1(blob, usedforsecurity=False).hexdigest()}"


class IndexWriter:
    """The one process that may write to an index, here to one collection of it; use as a context manager.

    Sources are kept back until their segment is full or `commit` is called. What was not committed when the writer
    ends, however it ends, leaves nothing behind but files that the next writer deletes.
    """

    def __init__(
        self, folder: Path, catalog: Catalog, params: IndexParams, collection: Collection = Collection.PERMISSIVE
    ) -> None:
        self.collection = collection
        self.folder = folder
        self._catalog = catalog
        self._params = params
        self._builder = SegmentBuilder(params, collection)
        self._written: list[WrittenSegment] = []
        self._sources: list[AdmittedSource] = []
        self._refusals: list[Refusal] = []
        self._lexemes: dict[str, int] = {}
        self._lock = WriterLock(folder)
        self._opt_outs = OptOuts(())
        self._refused: set[Refusal] = set()

    def __enter__(self) -> Self:
        """Take the writer's lock, raising IndexBusy when another process has it."""
        self._lock.acquire()
        try:
            delete_leftovers(self.folder, (name for _, name in self._catalog.segments()))
            self._opt_outs = OptOuts(self._catalog.opt_outs())
            self._refused = set(self._catalog.refusals())
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Commit what is whole unless an error ended the block, then let others write."""
        try:
            if kind is None:
                self.commit()
        finally:
            self._lock.release()

    def opted_out(self, name: str) -> str | None:
        """Return the reason that a purl, or a content by its SWHID, is refused with; None when it may be added."""
        return self._opt_outs.refusal(name)

    def missing(self, swhids: Iterable[str]) -> set[str]:
        """Return those of the contents that are neither in the collection nor waiting to be."""
        wanted = set(swhids)
        self._lexemes.update(self._catalog.known_contents(wanted - self._lexemes.keys(), self.collection))
        return wanted - self._lexemes.keys()

    def add_content(self, swhid: str, text: bytes, language: str) -> bool:
        """Sign a content that is not there yet; False when it is too short to be searched for."""
        entry = self._builder.add(swhid, text, language)
        if entry is None:
            return False
        self._lexemes[swhid] = entry.lexemes
        if self._builder.full(SEGMENT_SOURCE_BYTES):
            self._write_segment()
        return True

    def add_source(self, source: AdmittedSource, refusals: tuple[Refusal, ...] = ()) -> int:
        """Enter a source whose contents have all been added, and return how many lexemes it has."""
        lexemes = sum(self._lexemes[file.swhid] for file in source.files)
        self._sources.append(source)
        self._refusals.extend(refusals)
        if self._written:
            self.commit()
        return lexemes

    def refuse(self, refusal: Refusal) -> None:
        """Note that a whole source was not admitted, unless that is known; if it was there before, it goes."""
        if not self.known_refusal(refusal):
            self._refusals.append(refusal)

    def adopt(
        self, segments: Iterable[WrittenSegment], sources: Iterable[AdmittedSource], refusals: Iterable[Refusal]
    ) -> None:
        """Make segments that lie in the folder already, and sources of them, part of the index in one transaction."""
        self._catalog.commit(segments, sources, refusals)

    def known_refusal(self, refusal: Refusal) -> bool:
        """Tell whether a refusal is noted already."""
        return refusal in self._refused

    def commit(self) -> None:
        """Make everything added so far durable and part of the index in one transaction."""
        if len(self._builder):
            self._write_segment()
        if self._written or self._sources or self._refusals:
            self._catalog.commit(self._written, self._sources, self._refusals)
        self._written, self._sources, self._refusals = [], [], []
        self._lexemes = {}

    def _write_segment(self) -> None:
        name = self._builder.write(self.folder)
        size = (self.folder / name).stat().st_size
        self._written.append(WrittenSegment(name, size, self._builder.entries, self.collection))
        self._builder = SegmentBuilder(self._params, self.collection)
