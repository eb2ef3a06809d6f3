"""Contents signed where Spark runs, each group of them one segment file, and fetched from there.

Postings are never exchanged between tasks: a segment holds all keys of its own contents, sorted when it is written, and
a search looks into every segment. So contents are exchanged once, by their SWHID, which also drops the duplicates.
"""

import hashlib
import pickle
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsspec.core import url_to_fs

from index.collection import Collection
from index.entries import WrittenSegment
from index.errors import UnusablePublication
from index.lock import BUILDING
from index.lsh import IndexParams
from index.merge import MERGED_SOURCE_BYTES, write_segment
from index.publication import Part, Place, part_of
from index.segment_builder import SegmentBuilder, sync_folder
from index.spark.batches import in_batches
from index.writer import SEGMENT_SOURCE_BYTES

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql import DataFrame

# Groups are of unequal size, and what is beyond a whole segment becomes a small one of its own.
_GROUP_BYTES: Final = 3 * MERGED_SOURCE_BYTES // 4
_SEGMENT: Final = "segment binary"


@dataclass(frozen=True, slots=True)
class Signing:
    """What a task must know: how to sign, for which collection, and at which address to leave its segments."""

    params: IndexParams
    collection: Collection
    address: str


def signed_segments(contents: "DataFrame", size: int, signing: Signing) -> "DataFrame":
    """Return what becomes of contents: one row a segment, for `segment_in`; each content is in exactly one of them.

    `contents` have columns swhid, name, path, language and content; of those with one SWHID the first by name and path
    gives the language. `size` is about how many bytes they have together.
    """
    cores = contents.sparkSession.sparkContext.defaultParallelism
    groups = max(-(-size // _GROUP_BYTES), min(cores, -(-size // SEGMENT_SOURCE_BYTES)), 1)
    grouped = contents.repartition(groups, "swhid").sortWithinPartitions("name", "path")
    return grouped.mapInArrow(lambda batches: _sign(batches, signing), _SEGMENT)


def segment_in(row: bytes) -> tuple[Part, WrittenSegment]:
    """Return a segment that a task has left at the address, and what is in it."""
    # Written by our own tasks a moment ago, as Spark passes Python's objects on itself.
    part, segment = pickle.loads(row)  # noqa: S301
    return part, segment


class BuildPlace:
    """Where the tasks of one build leave their segments, until the index has them; use as a context manager."""

    def __init__(self, folder: Path, through: str | None) -> None:
        """`folder` is that of the index; `through` an address that both its machine and all of Spark's reach."""
        self._folder = folder
        named = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self.address = f"{through.rstrip('/')}/attrib-{named}" if through else str((folder / BUILDING).resolve())

    def __enter__(self) -> "BuildPlace":
        self._clear()
        return self

    def __exit__(self, *error: object) -> None:
        self._clear()

    def fetch(self, part: Part) -> None:
        """Bring a segment into the folder of the index, durably; raises UnusablePublication."""
        scratch = self._folder / BUILDING
        scratch.mkdir(exist_ok=True)
        partial = scratch / part.name
        Place(self.address).fetch(part, partial, lambda count: None)
        partial.rename(self._folder / part.name)
        sync_folder(self._folder)

    def _clear(self) -> None:
        shutil.rmtree(self._folder / BUILDING, ignore_errors=True)
        try:
            files, root = url_to_fs(self.address)
            if files.exists(root):
                files.rm(root, recursive=True)
        except (ImportError, ValueError, OSError) as error:
            raise UnusablePublication(f"{self.address}: cannot be opened ({error}).") from error


def _sign(batches: "Iterator[RecordBatch]", signing: Signing) -> "Iterator[RecordBatch]":
    return in_batches(({"segment": pickle.dumps(one)} for one in _written(batches, signing)), _SEGMENT)


def _written(batches: "Iterator[RecordBatch]", signing: Signing) -> Iterator[tuple[Part, WrittenSegment]]:
    place = Place(signing.address)
    seen: set[str] = set()
    builder = SegmentBuilder(signing.params, signing.collection)
    for batch in batches:
        for row in batch.to_pylist():
            if row["swhid"] in seen:
                continue
            seen.add(row["swhid"])
            builder.add(row["swhid"], row["content"], row["language"])
            if builder.full(MERGED_SOURCE_BYTES):
                yield _left_at(place, builder)
                builder = SegmentBuilder(signing.params, signing.collection)
    if len(builder):
        yield _left_at(place, builder)


def _left_at(place: Place, builder: SegmentBuilder) -> tuple[Part, WrittenSegment]:
    with tempfile.TemporaryDirectory(prefix="attrib-segment-") as scratch:
        folder = Path(scratch)
        segment = write_segment(folder, builder)
        part = part_of("segments", folder / segment.name)
        place.put(part.path, folder / segment.name)
    return part, segment
