"""Verification of a whole index, and mending: damaged segments are written anew from the texts that are still good."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from index.catalog import Catalog
from index.errors import IndexBusy
from index.integrity import (
    MEND_COUNT,
    MEND_LEFTOVER,
    ExaminedSegment,
    Flaw,
    IntegrityReport,
    examine,
    mend_incomplete,
    text_of,
)
from index.languages import language_of
from index.lock import WriterLock, delete_leftovers, leftovers
from index.lsh import IndexParams
from index.merge import delete_replaced, write_segment
from index.segment import ContentEntry, Segment
from index.segment_builder import SegmentBuilder
from index.writer import content_swhid

# Called with (bytes of segments read so far, bytes to be read).
VerifyProgress = Callable[[int, int], None]
# Where a content was found: a segment, and its ordinal there.
_Copy = tuple[Segment, int]


def verify(
    folder: Path, catalog: Catalog, params: IndexParams, mend: bool = False, progress: VerifyProgress | None = None
) -> IntegrityReport:
    """Read the whole index and say all that is wrong with it, mending what can be mended if that is asked for.

    Raises IndexBusy where mending is asked for while another process writes.
    """
    begun = time.perf_counter()
    with WriterLock(folder) if mend else nullcontext():
        loads = catalog.holdings.segments()
        examined = list(_examined(folder, catalog, params, progress))
        faulty = [one for one in examined if one.faults]
        flaws = [one.flaw for one in faulty]
        stray = _stray_files(folder, catalog, locked=mend)
        flaws += [Flaw(path.name, "belongs to no segment of the index", MEND_LEFTOVER) for path in stray]
        miscounted = catalog.holdings.miscounted_sources()
        flaws += [Flaw(one.purl, "has another number of files than it says", MEND_COUNT) for one in miscounted]
        if mend:
            _mend(folder, catalog, params, [one for one in faulty if not one.foreign])
            beyond = {one.flaw for one in faulty if one.foreign}
            flaws = [replace(flaw, mended=flaw not in beyond) for flaw in flaws]
        incomplete = catalog.holdings.incomplete_sources()
        flaws += [
            Flaw(one.purl, "lacks files that it had or may have again", mend_incomplete(one)) for one in incomplete
        ]
    return IntegrityReport(
        len(loads),
        sum(one.contents for one in loads),
        sum(one.file_bytes for one in loads),
        tuple(flaws),
        time.perf_counter() - begun,
    )


def _examined(
    folder: Path, catalog: Catalog, params: IndexParams, progress: VerifyProgress | None
) -> Iterable[ExaminedSegment]:
    loads = catalog.holdings.segments()
    total = sum(load.file_bytes for load in loads)
    done = 0
    for load in loads:
        if progress:
            progress(done, total)
        one = examine(folder, catalog, params, load)
        done += load.file_bytes
        # Nothing is wrong with a segment that was merged into another while it was read.
        if not one.faults or (load.row_id, load.name) in catalog.segments():
            yield one
    if progress:
        progress(done, total)


def _stray_files(folder: Path, catalog: Catalog, locked: bool) -> list[Path]:
    """Return the files that no row names; none while somebody writes, for they may be about to be named."""
    try:
        with nullcontext() if locked else WriterLock(folder):
            return leftovers(folder, (name for _, name in catalog.segments()))
    except IndexBusy:
        return []


def _mend(folder: Path, catalog: Catalog, params: IndexParams, damaged: Sequence[ExaminedSegment]) -> None:
    files = [folder / one.load.name for one in damaged] + _stray_files(folder, catalog, locked=True)
    copies = _copies(params, files) if damaged else {}
    for one in damaged:
        _rewrite(folder, catalog, params, one, copies)
    delete_leftovers(folder, (name for _, name in catalog.segments()))
    if miscounted := catalog.holdings.miscounted_sources():
        catalog.recount(miscounted)


def _copies(params: IndexParams, files: Iterable[Path]) -> dict[str, _Copy]:
    """Return every content that can still be read from the files, by SWHID: two files may have swapped names."""
    found: dict[str, _Copy] = {}
    for path in files:
        try:
            segment = Segment(path, params, mending=True)
        except Exception:  # noqa: S112 - what cannot be opened holds nothing that could be kept
            continue
        for ordinal in range(segment.contents):
            text = text_of(segment, ordinal)
            if text is not None:
                found[content_swhid(text)] = (segment, ordinal)
    return found


def _rewrite(
    folder: Path, catalog: Catalog, params: IndexParams, damaged: ExaminedSegment, copies: Mapping[str, _Copy]
) -> None:
    builder = SegmentBuilder(params, damaged.load.collection)
    moved: dict[int, ContentEntry] = {}
    lost: list[int] = []
    for content in catalog.holdings.contents(damaged.load):
        if content.path is None:
            continue
        entry = None
        if content.swhid in copies:
            segment, ordinal = copies[content.swhid]
            text = segment.text(ordinal)
            language = language_of(content.path, text)
            entry = builder.add(content.swhid, text, language.name if language else "")
        if entry is None:
            lost.append(content.row_id)
        else:
            moved[content.row_id] = entry
    new = write_segment(folder, builder) if len(builder) else None
    catalog.replace_segments([damaged.load.row_id], new, moved, lost)
    delete_replaced(folder, [damaged.load], new)
