"""Reference code taken in where Spark runs, by the rules and with the result of `attrib.ingest`."""

import pickle
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from attrib.admission import Admission
from attrib.ingest import NOTHING_RESTRICTED, Progress, admitted_outcome, nothing_to_hold
from attrib.ingest_report import IngestReport, Outcome, Tally
from attrib.judged_package import TOO_SHORT, JudgedPackage
from attrib.policy import Policy
from index.collection import Collection
from index.entries import AdmittedSource, Refusal, SourceName, WrittenSegment
from index.lexer import lex
from index.lsh import IndexParams
from index.opt_outs import OptOuts
from index.origins.base import SourcePackage
from index.publication import Part
from index.reference_index import ReferenceIndex
from index.spark.batches import in_batches
from index.spark.repositories import gathered, rows_by_repository
from index.spark.segments import BuildPlace, Signing, segment_in, signed_segments
from index.spark.session import kept, spark_session
from index.windows import holds_window

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql import DataFrame, SparkSession

# A row is a content that a source holds, or, with `source` not null, the source itself after all of its contents.
_JUDGED: Final = "name string, path string, swhid string, size bigint, language string, content binary, source binary"
_ASKED_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Judging:
    """What a task must know to judge."""

    admission: Admission
    opt_outs: OptOuts
    params: IndexParams


@dataclass(frozen=True, slots=True)
class _JudgedSource:
    """What is to become of a source: `admitted`, or, where that is None, refused whole."""

    purl: str
    admitted: AdmittedSource | None
    refused: tuple[Refusal, ...]
    lexemes: int
    size: int


def ingest_on_spark(
    index: ReferenceIndex,
    places: Sequence[str],
    policy: Policy,
    progress: Progress | None = None,
    collection: Collection = Collection.PERMISSIVE,
    through: str | None = None,
) -> IngestReport:
    """Add the repositories in Parquet files as `ingest` would, and report what became of them.

    Everything is added in one transaction, or nothing is. `through` is an address that all machines reach, where Spark
    does not run on this one. Raises IndexBusy, UnreadableOrigin, UnusablePublication and SparkFailed.
    """
    begun = time.perf_counter()
    tally = Tally()
    with (
        index.writer(collection) as writer,
        BuildPlace(writer.folder, through) as place,
        spark_session("attrib index add") as spark,
    ):
        judging = _Judging(Admission(collection, policy), OptOuts(index.catalog.opt_outs()), index.params)
        rows = rows_by_repository(spark, places)
        with kept(rows.mapInArrow(lambda batches: _judge(batches, judging), _JUDGED)) as judged:
            contents = _new_contents(spark, index, collection, judged)
            sizes = contents.select("swhid", "size").distinct().groupBy().sum("size").collect()
            signing = Signing(index.params, collection, place.address)
            with kept(signed_segments(contents, sizes[0][0] or 0, signing)) as signed:
                # Tasks write when they run; what is asked for part by part has to be there.
                signed.count()
                for source in _sources(judged):
                    if progress:
                        progress(tally.bytes, source.purl)
                    tally.note(source.purl, _outcome(source, index))
                for part, _ in _segments(signed):
                    place.fetch(part)
                refused = [one for one in tally.refused if one.path or not writer.known_refusal(one)]
                if tally.added or refused:
                    segments = (segment for _, segment in _segments(signed))
                    writer.adopt(segments, _entering(judged, index), refused)
    return tally.report(time.perf_counter() - begun)


def _judge(batches: "Iterator[RecordBatch]", judging: _Judging) -> "Iterator[RecordBatch]":
    return in_batches(_judged_rows(batches, judging), _JUDGED)


def _judged_rows(batches: "Iterator[RecordBatch]", judging: _Judging) -> Iterator[dict[str, Any]]:
    for name, package in gathered(batches).packages():
        yield from _rows_of(name, package, judging)


def _rows_of(name: str, package: SourcePackage, judging: _Judging) -> Iterator[dict[str, Any]]:
    collection = judging.admission.collection
    judged = JudgedPackage(package, judging.admission, judging.opt_outs.refusal)
    if judged.refusal:
        refusal = Refusal(package.purl, "", judged.refusal, collection)
        yield _source_row(name, _JudgedSource(package.purl, None, (refusal,), 0, 0))
        return
    lexemes = 0
    for file in judged.files():
        if file.admitted is None:
            judged.leave(file.path, file.left_out, file.refused)
            continue
        length = len(lex(file.content))
        if not holds_window(length, judging.params):
            judged.leave(file.path, TOO_SHORT)
            continue
        judged.take(file.admitted)
        lexemes += length
        yield {
            "name": name,
            "path": file.path,
            "swhid": file.admitted.swhid,
            "size": len(file.content),
            "language": file.language,
            "content": file.content,
        }
    yield _source_row(name, _JudgedSource(package.purl, judged.source(), judged.refused, lexemes, judged.size))


def _source_row(name: str, source: _JudgedSource) -> dict[str, Any]:
    return {"name": name, "path": "", "source": pickle.dumps(source)}


def _new_contents(
    spark: "SparkSession", index: ReferenceIndex, collection: Collection, judged: "DataFrame"
) -> "DataFrame":
    """Return the contents that the collection does not hold yet."""
    contents = judged.where("source is null").select("name", "path", "swhid", "size", "language", "content")
    if not index.catalog.segments((collection,)):
        return contents
    known: list[tuple[str]] = []
    asked: list[str] = []
    for row in contents.select("swhid").distinct().toLocalIterator():
        asked.append(row.swhid)
        if len(asked) == _ASKED_AT_ONCE:
            known += ((swhid,) for swhid in index.catalog.known_contents(asked, collection))
            asked = []
    known += ((swhid,) for swhid in index.catalog.known_contents(asked, collection))
    return contents.join(spark.createDataFrame(known, "swhid string"), "swhid", "left_anti")


def _sources(judged: "DataFrame") -> Iterator[_JudgedSource]:
    """Yield every source in the order of the repositories' names."""
    for row in judged.where("source is not null").select("name", "source").orderBy("name").toLocalIterator():
        # Written by our own tasks a moment ago, as Spark passes Python's objects on itself.
        yield pickle.loads(row.source)  # noqa: S301


def _segments(signed: "DataFrame") -> Iterator[tuple[Part, WrittenSegment]]:
    for row in signed.toLocalIterator():
        yield segment_in(row.segment)


def _outcome(source: _JudgedSource, index: ReferenceIndex) -> Outcome:
    admitted = source.admitted
    if admitted is None:
        return Outcome(None, source.refused, Counter(), source.size)
    known = index.catalog.digest(SourceName(source.purl, admitted.collection))
    if known == admitted.digest:
        return Outcome(None, (), Counter(), source.size)
    if nothing_to_hold(admitted):
        if known is None:
            return Outcome(None, (), Counter(), source.size, passed_over=True)
        refusal = Refusal(source.purl, "", NOTHING_RESTRICTED, admitted.collection)
        return Outcome(None, (refusal,), Counter(), source.size)
    return admitted_outcome(admitted, source.lexemes, source.refused, source.size)


def _entering(judged: "DataFrame", index: ReferenceIndex) -> Iterator[AdmittedSource]:
    """Yield the sources that are new or have changed."""
    for source in _sources(judged):
        if source.admitted is not None and _outcome(source, index).added is not None:
            yield source.admitted
