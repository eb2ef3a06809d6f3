"""The reference index as its users see it: open, write, search, remove."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from index.candidates import content_number
from index.catalog import Catalog
from index.collection import EVERY_COLLECTION, Collection
from index.entries import CatalogTotals
from index.errors import DamagedSegment, UnknownSource
from index.excerpt import Excerpt, whole
from index.holdings import SegmentLoad
from index.information import BUCKETS, weights
from index.integrity import IntegrityReport
from index.lsh import IndexParams
from index.matches import ReferenceFile, SearchResult, SearchStatus
from index.mending import VerifyProgress, verify
from index.merge import Groups, MergeProgress, MergeReport, everything_due, merge
from index.posting_store.inspecting import StoreState, inspected
from index.posting_store.loading import LoadProgress, LoadReport, load
from index.postings import PostingStore, SegmentPostings, WatchedPostings
from index.publication import Publication
from index.publishing import Transferred, publish, pull, require_own
from index.purls import covers
from index.ranking import VerifiedPassage, grouped_matches
from index.search import SearchedSegments, found_passages
from index.segment import Segment
from index.statistics import IndexStatistics, LanguageCount, language_counts, statistics
from index.windows import query_keys
from index.writer import IndexWriter

_WARMING_BYTES = 4000
# Of 64 kB each: what a search reads again and again is not decompressed again.
_REMEMBERED_BLOCKS = 256
_REMEMBERED_CONTENTS = 50_000
_REMEMBERED_EXCLUSIONS = 64
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class _OpenSegments:
    """The segments of one revision, mapped, with what was derived from them and which files hold their contents."""

    revision: int
    searched: SearchedSegments
    removed: npt.NDArray[np.int64]
    totals: CatalogTotals
    collections: Sequence[Collection]
    excluded: dict[tuple[str, ...], npt.NDArray[np.int64]] = field(default_factory=dict)
    _files: dict[str, tuple[ReferenceFile, ...]] = field(default_factory=dict)

    def files_of(self, catalog: Catalog, swhids: set[str]) -> dict[str, tuple[ReferenceFile, ...]]:
        """Return the files that hold each content, asking the catalogue once a revision."""
        known = {swhid: files for swhid in swhids if (files := self._files.get(swhid)) is not None}
        unknown = swhids - known.keys()
        if unknown:
            asked = catalog.files_of(unknown, self.collections)
            if len(self._files) > _REMEMBERED_CONTENTS:
                self._files.clear()
            self._files.update(asked)
            known |= asked
        return known


class ReferenceIndex:
    """Reference code in a folder of segments and a catalogue in SQL; safe to search from several threads."""

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        params: IndexParams | None = None,
        collections: Sequence[Collection] = EVERY_COLLECTION,
        open_postings: Callable[[Sequence[Segment]], PostingStore] = SegmentPostings,
    ) -> None:
        """Open the index of a folder, creating the folder; raises IncompatibleParameters.

        `open_postings` says where the postings of segments are looked up; by default in the segments themselves.
        Only the named collections are searched and counted; the others might as well not be there. Segments are
        mapped when they are first asked for, so that a damaged one can still be looked after. Whatever searches or
        counts raises DamagedSegment then.
        """
        self.params = params or IndexParams()
        self.collections = collections
        self._folder = folder
        self._engine = engine
        self._open_postings = open_postings
        folder.mkdir(parents=True, exist_ok=True)
        self.catalog = Catalog(engine, self.params)
        self._lock = threading.Lock()
        self._opened: _OpenSegments | None = None
        self._read_block = lru_cache(maxsize=_REMEMBERED_BLOCKS)(Segment.block)

    def writer(self, collection: Collection = Collection.PERMISSIVE) -> IndexWriter:
        """Return the writer of one collection, to be entered as a context manager."""
        return IndexWriter(self._folder, self.catalog, self.params, collection)

    def merge(
        self,
        choose: Callable[[Sequence[SegmentLoad]], Groups] = everything_due,
        progress: MergeProgress | None = None,
    ) -> MergeReport:
        """Merge segments, so that removed code goes from the disk; see `index.merge`."""
        return merge(self._folder, self.catalog, self.params, choose, progress)

    def verify(self, mend: bool = False, progress: VerifyProgress | None = None) -> IntegrityReport:
        """Read everything and say what is wrong with it, mending what can be; see `index.mending`."""
        return verify(self._folder, self.catalog, self.params, mend, progress)

    def publish(self, address: str, progress: Transferred | None = None) -> Publication:
        """Publish the index as it is now; see `index.publishing`."""
        return publish(self._folder, self._engine, address, progress)

    def pull(self, address: str, progress: Transferred | None = None) -> Publication | None:
        """Bring the index to the newest published revision; see `index.publishing`."""
        return pull(self._folder, self._engine, self.params, address, progress)

    def require_own(self) -> None:
        """Hold that the index may be changed here; raises FollowsPublication."""
        require_own(self._folder)

    def load_postings(
        self, url: str, *, prune: bool = False, rebuild: bool = False, progress: LoadProgress | None = None
    ) -> LoadReport:
        """Bring the postings of all collections into a store on other machines; see `index.posting_store.loading`."""
        whole = ReferenceIndex(self._folder, self._engine, self.params)
        return load(url, whole._current().searched.segments, prune=prune, rebuild=rebuild, progress=progress)

    def inspect_postings(self, url: str) -> StoreState:
        """Return how a store stands beside what is searched; see `index.posting_store.inspecting`."""
        return inspected(url, self._current().searched.segments)

    def statistics(self) -> IndexStatistics:
        """Return what all collections hold, searched or not, and what their bytes are used for."""
        whole = ReferenceIndex(self._folder, self._engine, self.params)
        return statistics(self.catalog, whole._current().searched.segments)

    def languages(self) -> tuple[LanguageCount, ...]:
        """Return how much of what is searched is in which language, the one of most lexemes first."""
        return language_counts(self._current().searched.segments, self.catalog.removed_contents())

    def totals(self) -> CatalogTotals:
        """Return how much the index holds, counted once a revision."""
        return self._current().totals

    def reference_text(self, swhid: str) -> bytes:
        """Return the text of a reference file by its SWHID; raises UnknownSource when no source holds it."""
        # Between the two look-ups the content may be merged into another segment.
        for _ in range(_ATTEMPTS):
            place = self.catalog.place_of(swhid, self.collections)
            if place is None:
                raise UnknownSource(f"{swhid} is in no source of the index.")
            name, ordinal = place
            for segment in self._current().searched.segments:
                if segment.name == name:
                    return segment.text(ordinal)
        raise UnknownSource(f"{swhid} is in a segment that is not open: try again.")

    def warm_up(self) -> None:
        """Search for a piece of the reference itself, so that the first to ask does not wait for compilation."""
        segments = self._current().searched.segments
        if segments:
            self.search(segments[0].text(0)[:_WARMING_BYTES], segments[0].language(0))

    def search(self, text: bytes, language: str | None = None, exclude: Iterable[str] = ()) -> SearchResult:
        """Return where a text of any length reproduces reference code.

        `language` is a name known to `index.languages`; `exclude` holds patterns (`index.purls.covers`) of
        sources whose code is not reported. Bytes are searched as they are, whatever their encoding.
        """
        if b"\0" in text:
            return SearchResult(SearchStatus.NOT_CODE, 0, 0, ())
        query = whole(text)
        opened = self._current()
        postings = WatchedPostings(opened.searched.postings)
        watched = replace(opened, searched=replace(opened.searched, postings=postings))
        found = self._verified(query, language or "", tuple(exclude), watched)
        matches = grouped_matches(found, query)
        covered = np.zeros(len(query.lexemes), np.bool_)
        for verified in found:
            covered[verified.passage.query_start : verified.passage.query_end] = True
        if not postings.complete:
            status = SearchStatus.INCOMPLETE
        elif matches:
            status = SearchStatus.MATCHED
        elif len(query.lexemes) < self.params.certain_lexemes:
            status = SearchStatus.TOO_SHORT
        else:
            status = SearchStatus.CLEAN
        return SearchResult(status, len(query.lexemes), int(covered.sum()), matches)

    def reading(self, exclude: Iterable[str] = ()) -> "IndexReading":
        """Return what a search that goes on for a while reads: the index as it is now."""
        excluded, opened = tuple(exclude), self._current()
        return IndexReading(self.catalog, opened, self._ignored(opened, excluded), excluded)

    def _verified(
        self, query: Excerpt, language: str, exclude: tuple[str, ...], opened: _OpenSegments
    ) -> list[VerifiedPassage]:
        keys = query_keys(query.text, query.lexemes, self.params)
        found = found_passages(query, keys, language, opened.searched, self._ignored(opened, exclude))
        files = opened.files_of(self.catalog, {one.swhid for one in found})
        return [
            VerifiedPassage(one.passage, standing, one.reference)
            for one in found
            if (standing := _standing(files[one.swhid], exclude))
        ]

    def _ignored(self, opened: _OpenSegments, exclude: tuple[str, ...]) -> npt.NDArray[np.int64]:
        """Return the contents that only excluded sources hold, and the removed ones."""
        if not exclude:
            return opened.removed
        ignored = opened.excluded.get(exclude)
        if ignored is None:
            ignored = np.union1d(
                opened.removed, _numbers(opened.searched.segments, self.catalog.contents_only_in(exclude))
            )
            if len(opened.excluded) >= _REMEMBERED_EXCLUSIONS:
                opened.excluded.clear()
            opened.excluded[exclude] = ignored
        return ignored

    def _current(self) -> _OpenSegments:
        revision = self.catalog.revision()
        opened = self._opened
        if opened is not None and opened.revision == revision:
            return opened
        with self._lock:
            while self._opened is None or self._opened.revision != revision:
                try:
                    self._opened = self._open(revision)
                except DamagedSegment:
                    # A merge may have deleted the files of the revision that was to be opened.
                    asked, revision = revision, self.catalog.revision()
                    if revision == asked:
                        raise
            return self._opened

    def _open(self, revision: int) -> _OpenSegments:
        already = {segment.name: segment for segment in (self._opened.searched.segments if self._opened else ())}
        segments = tuple(self._segment(name, already.get(name)) for _, name in self.catalog.segments(self.collections))
        counts = np.zeros(BUCKETS, np.int64)
        for segment in segments:
            counts += segment.lexeme_counts()
        # What is remembered keeps the files of segments that are no more from being freed.
        self._read_block.cache_clear()
        removed = _numbers(segments, self.catalog.removed_contents())
        postings = self._open_postings(segments)
        searched = SearchedSegments(self.params, segments, postings, weights(counts), self._read_block)
        totals = self.catalog.totals(self.collections)
        return _OpenSegments(revision, searched, removed, totals, self.collections)

    def _segment(self, name: str, opened: Segment | None) -> Segment:
        path = self._folder / name
        return opened if opened is not None and opened.is_at(path) else Segment(path, self.params)


@dataclass(frozen=True, slots=True)
class IndexReading:
    """One revision of an index, kept open: its segments, and the contents to leave out."""

    _catalog: Catalog
    _opened: _OpenSegments
    ignored: npt.NDArray[np.int64]
    _exclude: tuple[str, ...]

    @property
    def searched(self) -> SearchedSegments:
        """The segments of that revision."""
        return self._opened.searched

    def files_of(self, contents: list[tuple[int, int]]) -> list[tuple[ReferenceFile, ...]]:
        """Return the files that hold each content, given by segment and ordinal; excluded ones left out."""
        swhids = [self.searched.segments[segment].swhid(ordinal) for segment, ordinal in contents]
        files = self._opened.files_of(self._catalog, set(swhids))
        return [_standing(files[swhid], self._exclude) for swhid in swhids]


def _standing(files: tuple[ReferenceFile, ...], exclude: tuple[str, ...]) -> tuple[ReferenceFile, ...]:
    return tuple(file for file in files if not _excluded(file, exclude))


def _excluded(file: ReferenceFile, exclude: tuple[str, ...]) -> bool:
    return any(covers(pattern, file.purl) for pattern in exclude)


def _numbers(segments: Sequence[Segment], contents: list[tuple[str, int]]) -> npt.NDArray[np.int64]:
    position = {segment.name: number for number, segment in enumerate(segments)}
    placed = [(position[name], ordinal) for name, ordinal in contents if name in position]
    numbers, ordinals = np.array(placed, np.int64).reshape(-1, 2).T
    return np.sort(content_number(numbers, ordinals))
