"""The reference index as whoever looks after it meets it: what goes in, what comes out, what it holds."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial

from attrib.answers import AttributedMatch, Attribution, IndexState
from attrib.attribution import attribution_of
from attrib.config import LOCAL_POSTINGS, Config
from attrib.errors import ConfigurationError, EmptyIndex, UnreadableInput
from attrib.ingest import Progress, ingest
from attrib.ingest_report import IngestReport
from attrib.licenses import Category
from attrib.origin_specs import PARQUET, opened_origins
from attrib.overview import Overview, Overviews
from attrib.policy import Policy
from attrib.second_opinion import ScanCode
from attrib.spark_ingest import ingest_on_spark
from index.collection import EVERY_COLLECTION, Collection
from index.entries import CatalogTotals, HeldFile, Refusal, SourceSummary
from index.errors import DamagedSegment, IndexBusy
from index.integrity import IntegrityReport
from index.mending import VerifyProgress
from index.merge import MergeProgress, MergeReport, many_small
from index.opt_outs import OptedOut, OptOut, opt_out_pattern
from index.origins.base import LegalFile
from index.posting_store.loading import LoadProgress, LoadReport
from index.publication import Publication
from index.publishing import Transferred
from index.reference_index import ReferenceIndex
from index.statistics import IndexStatistics

_REMEMBERED_SOURCES = 256


class ReferenceKeeper:
    """Adds to an index, removes from it, merges, verifies and looks things up; safe to use from several threads."""

    def __init__(self, config: Config, index: ReferenceIndex, policy: Policy) -> None:
        self._config = config
        self._index = index
        self._policy = policy
        self._overviews = Overviews(index)
        # What a source ships is read and unpacked once a revision: every answer that names the source needs it.
        self._legal_files_at = lru_cache(_REMEMBERED_SOURCES)(lambda revision, purl: index.catalog.legal_files(purl))

    def add(
        self,
        specs: Sequence[str],
        *,
        purl: str | None = None,
        license: str | None = None,
        collection: Collection = Collection.PERMISSIVE,
        progress: Progress | None = None,
        arrived: Callable[[int, str], None] | None = None,
        second_opinion: bool = False,
    ) -> IngestReport:
        """Add reference code to a collection.

        `arrived` is told, from other threads, of bytes that were fetched and what for. Where many small segments are
        left, they are merged.
        Raises UnreadableInput where a SPEC names nothing, UnreadableOrigin where none can be read, IndexBusy, and
        NoSecondOpinion where ScanCode is to be asked and does not answer.
        """
        self._index.require_own()
        opinion = ScanCode() if second_opinion else None
        fetched = self._config.home / "fetched"
        with opened_origins(specs, purl=purl, license=license, fetched=fetched, arrived=arrived) as origins:
            report = ingest(self._index, origins, self._policy, progress, collection, opinion)
        # Who writes now will merge when it is done, and damage is for `verify` to tell: what was added is there.
        with suppress(IndexBusy, DamagedSegment):
            self._index.merge(many_small)
        return report

    def add_on_spark(
        self,
        places: Sequence[str],
        *,
        collection: Collection = Collection.PERMISSIVE,
        progress: Progress | None = None,
        through: str | None = None,
    ) -> IngestReport:
        """Add the rows of Parquet files as `add` does, read, judged and signed by Spark; all of them or nothing.

        `places` and `through` are addresses, see `attrib.spark_ingest`. Raises UnreadableInput where a place is none of
        Parquet, IndexBusy, UnreadableOrigin, UnusablePublication and SparkFailed.
        """
        self._index.require_own()
        other = next((place for place in places if not place.rstrip("/").endswith(PARQUET)), None)
        if other is not None:
            raise UnreadableInput(f"{other}: Spark takes rows of code: give addresses that end in {PARQUET}.")
        return ingest_on_spark(self._index, places, self._policy, progress, collection, through)

    def remove(self, purl: str, collections: Sequence[Collection] = EVERY_COLLECTION) -> int:
        """Remove a source of these collections from every later answer and return how many files it had.

        Raises UnknownSource.
        """
        self._index.require_own()
        return self._index.catalog.remove(purl, collections)

    def load_postings(
        self, *, prune: bool = False, rebuild: bool = False, progress: LoadProgress | None = None
    ) -> LoadReport:
        """Bring the postings of the index to where the settings say; raises ConfigurationError where that is here.

        Raises PostingsUnreachable, PostingsBusy, UnusableStore, DamagedSegment.
        """
        if self._config.postings == LOCAL_POSTINGS:
            raise ConfigurationError(
                "postings are looked up in the segments here: set ATTRIB_POSTINGS=redis://HOST:PORT"
            )
        return self._index.load_postings(self._config.postings, prune=prune, rebuild=rebuild, progress=progress)

    def opt_out(self, pattern: str, reason: str = "") -> OptedOut:
        """Remove every source a pattern covers, or the content of a SWHID, and refuse it from now on.

        Raises UnusablePattern.
        """
        self._index.require_own()
        return self._index.catalog.opt_out(opt_out_pattern(pattern), reason)

    def undo_opt_out(self, pattern: str) -> None:
        """Admit what was opted out again, from the next time it is added; raises UnusablePattern, UnknownOptOut."""
        self._index.require_own()
        self._index.catalog.undo_opt_out(opt_out_pattern(pattern))

    def opt_outs(self) -> list[OptOut]:
        """Return everything that was opted out."""
        return self._index.catalog.opt_outs()

    def merge(self, progress: MergeProgress | None = None) -> MergeReport:
        """Merge small segments and free what no source holds any more; raises IndexBusy, DamagedSegment."""
        self._index.require_own()
        return self._index.merge(progress=progress)

    def publish(self, address: str, progress: Transferred | None = None) -> Publication:
        """Publish the index to a folder or object store; raises IndexBusy, UnusablePublication."""
        return self._index.publish(address, progress)

    def pull(self, address: str, progress: Transferred | None = None) -> Publication | None:
        """Bring the index to the newest published revision, None where it is that; see `index.publishing.pull`."""
        return self._index.pull(address, progress)

    def verify(self, mend: bool = False, progress: VerifyProgress | None = None) -> IntegrityReport:
        """Read the whole index and say what is wrong with it, mending what can be; raises IndexBusy if mending."""
        return self._index.verify(mend, progress)

    def sources(
        self,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        collections: Sequence[Collection] = EVERY_COLLECTION,
        ecosystem: str | None = None,
        category: Category | None = None,
    ) -> list[SourceSummary]:
        """Return sources of the collections by purl, those containing `q`, after the one with that `cursor`.

        `ecosystem` is a purl's type, such as `pypi`; `category` that of the source's licence.
        """
        licenses = None if category is None else self.overview().licenses_of(category)
        return self._index.catalog.sources(q, cursor, limit, collections, ecosystem, licenses)

    def files(self, source: SourceSummary, limit: int = 50, cursor: str | None = None) -> list[HeldFile]:
        """Return files of a source in the order of their paths, after the path that is the cursor."""
        return self._index.catalog.files(source.purl, source.collection, cursor, limit)

    def file_licenses(self, source: SourceSummary) -> list[tuple[str, int]]:
        """Return the licences that the files of a source stand under, each with how many do, the commonest first."""
        return self._index.catalog.file_licenses(source.purl, source.collection)

    def overview(self) -> Overview:
        """Return what the index holds, by licence, language and source; it is counted once a revision."""
        return self._overviews.current()

    def source(self, purl: str, collections: Sequence[Collection] = EVERY_COLLECTION) -> SourceSummary:
        """Return one source, as the first of the collections that has it; raises UnknownSource."""
        return self._index.catalog.source(purl, collections)

    def legal_files(self, purl: str) -> tuple[LegalFile, ...]:
        """Return the licence, NOTICE and AUTHORS files of a source."""
        return self._index.catalog.legal_files(purl)

    def refusals(self) -> list[Refusal]:
        """Return everything that was not admitted, with its reason."""
        return self._index.catalog.refusals()

    def stats(self) -> CatalogTotals:
        """Return how much the index holds."""
        return self._index.totals()

    def statistics(self) -> IndexStatistics:
        """Return how much the index holds, by licence and language, and what its bytes are used for."""
        return self._index.statistics()

    def reference_text(self, swhid: str) -> bytes:
        """Return a reference file whole; raises UnknownSource."""
        return self._index.reference_text(swhid)

    def _attribution(
        self, matches: Sequence[AttributedMatch], state: IndexState, side_file: str | None = None
    ) -> Attribution:
        return attribution_of(matches, partial(self._legal_files_at, state.revision), side_file)

    def _state(self) -> IndexState:
        totals = self._index.totals()
        return IndexState(totals.sources, totals.files, totals.lexemes, str(totals.revision), totals.collections)

    def _require_reference(self) -> IndexState:
        """Return what the index holds now; raises EmptyIndex where that is nothing."""
        state = self._state()
        if not state.sources:
            raise EmptyIndex(
                f"the index in {self._config.index_folder} has nothing in it yet: run `attrib index add installed`."
            )
        return state
