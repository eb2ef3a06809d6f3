"""Verification: every segment against its checksums, every content against its SWHID, the catalogue against both.

Whatever a disk, a copy or a hand has done to a file ends here as a sentence, never as an exception: what is read
from a damaged file is guarded as a whole, for damage can make any of it fail.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from index.catalog import Catalog
from index.collection import Collection
from index.entries import SourceName
from index.errors import IncompatibleParameters, ReferenceIndexError, UnknownFormat
from index.holdings import HeldContent, SegmentLoad
from index.lsh import IndexParams
from index.segment import Segment
from index.writer import content_swhid

MEND = "`attrib index verify --mend` keeps what can be read and names the sources that then have to be added again"
MEND_COUNT = "`attrib index verify --mend` counts again"
MEND_LEFTOVER = "`attrib index verify --mend` deletes it, and so does the next `attrib index add`"
MEND_FOREIGN = "use the version of Attrib that wrote it, or build the index again in an empty data folder"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as it should be: where, what, how it is mended, and whether it has been."""

    where: str
    what: str
    mend: str
    mended: bool = False


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """What was looked at and every flaw found; `contents` and `bytes` count what the segments hold."""

    segments: int
    contents: int
    bytes: int
    flaws: tuple[Flaw, ...]
    seconds: float

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong, or nothing any more."""
        return all(flaw.mended for flaw in self.flaws)


@dataclass(frozen=True, slots=True)
class ExaminedSegment:
    """One segment as it was found; `foreign` means that it is for another version to read, and not damaged."""

    load: SegmentLoad
    faults: tuple[str, ...]
    foreign: bool = False

    @property
    def flaw(self) -> Flaw:
        """The faults in one sentence."""
        mend = MEND_FOREIGN if self.foreign else MEND
        return Flaw(f"segment {self.load.name}", "; ".join(self.faults), mend)


def examine(folder: Path, catalog: Catalog, params: IndexParams, load: SegmentLoad) -> ExaminedSegment:
    """Read one segment whole and compare it with itself and with the catalogue."""
    contents = catalog.holdings.contents(load)
    try:
        segment = Segment(folder / load.name, params, mending=True)
    except (IncompatibleParameters, UnknownFormat) as error:
        return ExaminedSegment(load, (_why_not_opened(error, load),), foreign=True)
    except Exception as error:
        return ExaminedSegment(load, (_why_not_opened(error, load),))
    faults = []
    if segment.collection is not load.collection:
        faults.append(f"was written for the {segment.collection} collection and stands in the {load.collection} one")
    damaged = segment.damaged_sections()
    if damaged:
        faults.append(f"has a wrong checksum of {' and '.join(damaged)}")
    size = (folder / load.name).stat().st_size
    if size != load.file_bytes:
        faults.append(f"has {size:,} bytes and the catalogue says {load.file_bytes:,}")
    if not segment.contents == load.contents == len(contents):
        faults.append(
            f"holds {segment.contents:,} contents, and the catalogue says {load.contents:,} and lists {len(contents):,}"
        )
    kinds = Counter(fault for content in contents if (fault := _fault(segment, content)))
    faults += [f"{fault} ({count:,} of {len(contents):,})" for fault, count in kinds.most_common()]
    return ExaminedSegment(load, tuple(faults))


def mend_incomplete(source: SourceName) -> str:
    """Say how a source that lacks files gets them back."""
    option = "" if source.collection is Collection.PERMISSIVE else f" --collection {source.collection}"
    return f"add it again with `attrib index add{option}`"


def text_of(segment: Segment, ordinal: int) -> bytes | None:
    """Return the text at an ordinal; None where damage keeps it from being read."""
    try:
        return segment.text(ordinal)
    except Exception:
        return None


def _fault(segment: Segment, content: HeldContent) -> str | None:
    try:
        if segment.swhid(content.ordinal) != content.swhid:
            return "holds other contents than the catalogue lists"
        if int(segment.content_lexemes[content.ordinal]) != content.lexemes:
            return "counts other lexemes than the catalogue"
        segment.language(content.ordinal)
    except Exception:
        return "cannot give back its contents"
    text = text_of(segment, content.ordinal)
    good = text is not None and content_swhid(text) == content.swhid and len(text) == content.bytes
    return None if good else "cannot give back its contents as they were added"


def _why_not_opened(error: Exception, load: SegmentLoad) -> str:
    if isinstance(error, ReferenceIndexError):
        # How to mend it is said apart, and differently here.
        what = str(error).partition(": ")[0]
        begins = f"segment {load.name} "
        return what.removeprefix(begins) if what.startswith(begins) else f"cannot be opened ({what})"
    reason = error.strerror if isinstance(error, OSError) else None
    return f"cannot be opened ({reason or type(error).__name__})"
