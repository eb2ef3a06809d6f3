"""Reference code on its way into the index: licence found file by file, admitted or refused, each with its reason."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from attrib.admission import Admission
from attrib.ingest_report import AddedSource, IngestReport, Outcome, Tally, UnreadableSpec
from attrib.judged_package import TOO_SHORT, JudgedFile, JudgedPackage
from attrib.policy import Policy
from attrib.second_opinion import SecondOpinion
from index.collection import Collection
from index.entries import AdmittedSource, Refusal, SourceName
from index.errors import UnreadableOrigin
from index.origins.ahead import ahead
from index.origins.base import Origin, SourcePackage
from index.reference_index import ReferenceIndex
from index.writer import IndexWriter

NOTHING_RESTRICTED = "has no code any more that the permissive collection refuses for its licence"
_BATCH_BYTES = 8 * 1024 * 1024

# Called with (bytes read so far, purl of the source being read).
Progress = Callable[[int, str], None]


def ingest(
    index: ReferenceIndex,
    origins: Iterable[Origin],
    policy: Policy,
    progress: Progress | None = None,
    collection: Collection = Collection.PERMISSIVE,
    opinion: SecondOpinion | None = None,
) -> IngestReport:
    """Add what the origins offer for a collection, each package whole or not at all, and report what became of it.

    What an interrupted run had finished stays; running it again adds the rest. An origin that cannot be read does not
    keep the others out. Raises IndexBusy, UnreadableOrigin where nothing at all could be read, and NoSecondOpinion
    where `opinion` does not answer.
    """
    begun = time.perf_counter()
    tally = Tally()
    admission = Admission(collection, policy)
    with index.writer(collection) as writer:
        for origin, packages in ahead(origins):
            try:
                for package in packages:
                    if progress:
                        progress(tally.bytes, package.purl)
                    tally.note(package.purl, _add_package(index, writer, package, admission, opinion))
                    if progress:
                        progress(tally.bytes, package.purl)
            except UnreadableOrigin as error:
                tally.unreadable.append(UnreadableSpec(origin.name, str(error)))
    if tally.unreadable and not (tally.added or tally.unchanged or tally.refused or tally.passed_over):
        raise UnreadableOrigin(" ".join(unreadable.reason for unreadable in tally.unreadable))
    return tally.report(time.perf_counter() - begun)


def _add_package(
    index: ReferenceIndex,
    writer: IndexWriter,
    package: SourcePackage,
    admission: Admission,
    opinion: SecondOpinion | None,
) -> Outcome:
    judged = JudgedPackage(package, admission, writer.opted_out, opinion)
    if judged.refusal:
        return _refused_whole(writer, package, judged.refusal, 0)
    known = index.catalog.digest(SourceName(package.purl, writer.collection))
    if known is not None:
        # Reading twice what is there already costs less than signing it twice.
        digest, size = judged.digest()
        if digest == known:
            return Outcome(None, (), Counter(), size)
    for batch in _batches(judged.files()):
        missing = writer.missing(one.admitted.swhid for one in batch if one.admitted)
        short: set[str] = set()
        for one in batch:
            if one.admitted is None:
                judged.leave(one.path, one.left_out, one.refused)
                continue
            swhid = one.admitted.swhid
            if swhid in missing:
                if not writer.add_content(swhid, one.content, one.language):
                    short.add(swhid)
                missing.discard(swhid)
            if swhid in short:
                judged.leave(one.path, TOO_SHORT)
            else:
                judged.take(one.admitted)
    source = judged.source()
    if nothing_to_hold(source):
        if known is None:
            return Outcome(None, (), Counter(), judged.size, passed_over=True)
        return _refused_whole(writer, package, NOTHING_RESTRICTED, judged.size)
    lexemes = writer.add_source(source, judged.refused)
    return admitted_outcome(source, lexemes, judged.refused, judged.size)


def nothing_to_hold(source: AdmittedSource) -> bool:
    """Tell whether the restricted collection has no use for a source: all of its code is for the other one."""
    return not source.files and source.collection is Collection.RESTRICTED


def admitted_outcome(source: AdmittedSource, lexemes: int, refused: tuple[Refusal, ...], size: int) -> Outcome:
    """Return what to report of a source that is in the index now."""
    summary = AddedSource(
        source.purl, source.license_expression, source.license_evidence, len(source.files), lexemes, source.collection
    )
    return Outcome(summary, refused, Counter(reason for _, reason in source.left_out), size)


def _refused_whole(writer: IndexWriter, package: SourcePackage, reason: str, size: int) -> Outcome:
    refusal = Refusal(package.purl, "", reason, writer.collection)
    writer.refuse(refusal)
    return Outcome(None, (refusal,), Counter(), size)


def _batches(files: Iterator[JudgedFile]) -> Iterator[list[JudgedFile]]:
    batch: list[JudgedFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += len(file.content)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
