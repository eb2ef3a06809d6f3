"""Merging: small segments become larger ones, and contents that no source holds any more vanish with their bytes.

Every content that is kept is read back, compared with its SWHID and signed anew, so a merge needs to know nothing of
what a segment looks like inside and never carries damage on. One transaction a group puts the new segment in the
place of the old ones; files are deleted only after it. So a merge that is interrupted, however it is, leaves the
index whole, and what it had finished stays.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.catalog import Catalog
from index.collection import Collection
from index.entries import WrittenSegment
from index.errors import DamagedSegment
from index.holdings import SegmentLoad
from index.lock import WriterLock, delete_leftovers
from index.lsh import IndexParams
from index.segment import ContentEntry, Segment
from index.segment_builder import SegmentBuilder
from index.writer import SEGMENT_SOURCE_BYTES, content_swhid

# Each segment costs every search a look-up of all its keys; a larger one costs memory while it is built.
MERGED_SOURCE_BYTES = 4 * SEGMENT_SOURCE_BYTES
# More of these than this are merged after an add, so that adding source by source does not slow the search down.
MOST_SMALL_SEGMENTS = 16

Groups = list[tuple[SegmentLoad, ...]]
# Called with (bytes of code rewritten so far, bytes to be rewritten).
MergeProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge came to; `bytes` are those of the files, `removed_contents` vanished."""

    segments_before: int
    segments_after: int
    bytes_before: int
    bytes_after: int
    removed_contents: int
    seconds: float


def everything_due(segments: Sequence[SegmentLoad]) -> Groups:
    """Group what a merge rewrites: segments under half the target together, and any that holds what nobody needs.

    A large segment without removed contents is left as it is, and so is a small one that has nothing to join, unless
    they are of an older format.
    """
    small = [one for one in segments if 0 < one.live_bytes <= MERGED_SOURCE_BYTES // 2]
    large = [one for one in segments if one.live_bytes > MERGED_SOURCE_BYTES // 2]
    dead = tuple(one for one in segments if not one.live_bytes)
    groups = [*_packed(small), *((one,) for one in large)]
    return [group for group in groups if len(group) > 1 or not group[0].clean] + ([dead] if dead else [])


def many_small(segments: Sequence[SegmentLoad]) -> Groups:
    """Group the segments under a quarter of the target, once there are more than MOST_SMALL_SEGMENTS of them."""
    small = [one for one in segments if 0 < one.live_bytes < MERGED_SOURCE_BYTES // 4]
    return [group for group in _packed(small) if len(group) > 1] if len(small) > MOST_SMALL_SEGMENTS else []


def merge(
    folder: Path,
    catalog: Catalog,
    params: IndexParams,
    choose: Callable[[Sequence[SegmentLoad]], Groups] = everything_due,
    progress: MergeProgress | None = None,
) -> MergeReport:
    """Merge the groups of segments that are chosen, each in one step.

    Raises IndexBusy, and DamagedSegment where a segment that is to be rewritten is not as it was written.
    """
    begun = time.perf_counter()
    with WriterLock(folder):
        before = [_looked_at(folder, params, one) for one in catalog.holdings.segments()]
        delete_leftovers(folder, (one.name for one in before))
        # No segment holds code of two collections.
        groups = [group for kind in Collection for group in choose([one for one in before if one.collection is kind])]
        total = sum(one.live_bytes for group in groups for one in group)
        done = 0
        removed = 0
        for group in groups:
            if progress:
                progress(done, total)
            removed += _merge_group(folder, catalog, params, group)
            done += sum(one.live_bytes for one in group)
        if progress:
            progress(done, total)
        after = catalog.holdings.segments() if groups else before
    return MergeReport(
        len(before),
        len(after),
        sum(one.file_bytes for one in before),
        sum(one.file_bytes for one in after),
        removed,
        time.perf_counter() - begun,
    )


def _looked_at(folder: Path, params: IndexParams, load: SegmentLoad) -> SegmentLoad:
    """Say whether a segment is outdated; what is damaged is for `verify` to tell."""
    try:
        return replace(load, outdated=Segment(folder / load.name, params).nibbles is None)
    except DamagedSegment:
        return load


def write_segment(folder: Path, builder: SegmentBuilder) -> WrittenSegment:
    """Make what a builder has collected durable, not yet as part of the index."""
    name = builder.write(folder)
    return WrittenSegment(name, (folder / name).stat().st_size, builder.entries, builder.collection)


def delete_replaced(folder: Path, group: Sequence[SegmentLoad], new: WrittenSegment | None) -> None:
    """Delete the files of segments that another has replaced; who has them open goes on reading them."""
    for one in group:
        if new is None or one.name != new.name:
            (folder / one.name).unlink(missing_ok=True)


def _packed(segments: Sequence[SegmentLoad]) -> Groups:
    """Put neighbours together as long as the target holds them, so that all groups but the last come out large."""
    groups: Groups = []
    room = 0
    for one in segments:
        if groups and one.live_bytes <= room:
            groups[-1] += (one,)
        else:
            groups.append((one,))
            room = MERGED_SOURCE_BYTES
        room -= one.live_bytes
    return groups


def _merge_group(folder: Path, catalog: Catalog, params: IndexParams, group: Sequence[SegmentLoad]) -> int:
    builder = SegmentBuilder(params, group[0].collection)
    moved: dict[int, ContentEntry] = {}
    for load in group:
        live = [content for content in catalog.holdings.contents(load) if content.path is not None]
        if not live:
            continue
        segment = Segment(folder / load.name, params)
        if segment.damaged_sections():
            raise _cannot_be_merged(load)
        for content in live:
            text = segment.text(content.ordinal)
            entry = builder.add(content.swhid, text, segment.language(content.ordinal))
            if entry is None or content_swhid(text) != content.swhid:
                raise _cannot_be_merged(load)
            moved[content.row_id] = entry
    new = write_segment(folder, builder) if len(builder) else None
    catalog.replace_segments([load.row_id for load in group], new, moved)
    delete_replaced(folder, group, new)
    return sum(load.contents for load in group) - len(moved)


def _cannot_be_merged(load: SegmentLoad) -> DamagedSegment:
    return DamagedSegment(f"segment {load.name} is damaged and cannot be merged: run `attrib index verify --mend`.")
