"""Reference code on its way into the index: licence found file by file, admitted or refused, each with its reason."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from attrib.admission import Admission
from attrib.copyrights import copyright_statements
from attrib.detection import LicenseFinding
from attrib.ingest_report import AddedSource, IngestReport, Outcome, Tally, UnreadableSpec
from attrib.license_scope import legal_files_for
from attrib.policy import Policy
from attrib.second_opinion import SecondOpinion
from attrib.source_licenses import SourceLicenses
from index.collection import Collection
from index.entries import AdmittedFile, AdmittedSource, Refusal, SourceName
from index.errors import UnreadableOrigin
from index.languages import exclusion_reason, language_of
from index.origins.ahead import ahead
from index.origins.base import DeclaredLicense, LegalKind, Origin, SkippedFile, SourceFile, SourcePackage
from index.reference_index import ReferenceIndex
from index.writer import IndexWriter, content_swhid

TOO_SHORT = "too short to be searched for"
ELSEWHERE = "permissive, so the permissive collection takes it"
NOTHING_RESTRICTED = "has no code any more that the permissive collection refuses for its licence"
_BATCH_BYTES = 8 * 1024 * 1024
_HEAD_BYTES = 16 * 1024

# Called with (bytes read so far, purl of the source being read).
Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file read from its source, or the reason it is left out."""

    path: str
    content: bytes
    swhid: str
    left_out: str | None
    declared: tuple[DeclaredLicense, ...] = ()

    @property
    def identity(self) -> bytes:
        """What the file adds to its source's digest."""
        said = "".join(f"{one.field}\0{one.value}\0" for one in self.declared)
        return f"{self.path}\0{self.swhid}\0{said}".encode(errors="surrogateescape")


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
    licenses = SourceLicenses(package, opinion)
    finding = licenses.package
    reason = writer.opted_out(package.purl) or admission.source_refusal(finding)
    if reason:
        return _refused_whole(writer, package, reason, 0)
    known = index.catalog.digest(SourceName(package.purl, writer.collection))
    if known is not None:
        # Reading twice what is there already costs less than signing it twice.
        digest, size = _digest_of(package, finding)
        if digest == known:
            return Outcome(None, (), Counter(), size)
    hashed = hashlib.sha256(_identity(package, finding))
    files: list[AdmittedFile] = []
    left_out: list[tuple[str, str]] = []
    refused: list[Refusal] = []
    size = 0
    for batch in _batches(_read_files(package)):
        missing = writer.missing(one.swhid for one in batch if one.left_out is None)
        short: set[str] = set()
        for one in batch:
            size += len(one.content)
            hashed.update(one.identity)
            if one.left_out is not None:
                left_out.append((one.path, one.left_out))
                continue
            license_of_file = licenses.of(one.path, one.content[:_HEAD_BYTES], one.declared)
            if admission.leaves(finding, license_of_file):
                left_out.append((one.path, ELSEWHERE))
                continue
            reason = writer.opted_out(one.swhid) or admission.file_refusal(license_of_file)
            if reason:
                refused.append(Refusal(package.purl, one.path, reason, writer.collection))
                left_out.append((one.path, reason))
                continue
            if one.swhid in missing:
                language = language_of(one.path, one.content)
                if not writer.add_content(one.swhid, one.content, language.name if language else ""):
                    short.add(one.swhid)
                missing.discard(one.swhid)
            if one.swhid in short:
                left_out.append((one.path, TOO_SHORT))
                continue
            files.append(
                AdmittedFile(
                    one.path,
                    one.swhid,
                    license_of_file.expression,
                    license_of_file.evidence,
                    _copyright_of_file(one.content),
                )
            )
    if not files and writer.collection is Collection.RESTRICTED:
        if known is None:
            return Outcome(None, (), Counter(), size, passed_over=True)
        return _refused_whole(writer, package, NOTHING_RESTRICTED, size)
    source = AdmittedSource(
        purl=package.purl,
        url=package.url,
        license_expression=finding.expression,
        license_evidence=finding.evidence,
        copyright=_copyright_of_package(package),
        legal=package.legal,
        files=tuple(files),
        left_out=tuple(left_out),
        digest=hashed.hexdigest(),
        released=package.released,
        collection=writer.collection,
    )
    lexemes = writer.add_source(source, tuple(refused))
    summary = AddedSource(package.purl, finding.expression, finding.evidence, len(files), lexemes, writer.collection)
    return Outcome(summary, tuple(refused), Counter(reason for _, reason in left_out), size)


def _refused_whole(writer: IndexWriter, package: SourcePackage, reason: str, size: int) -> Outcome:
    refusal = Refusal(package.purl, "", reason, writer.collection)
    writer.refuse(refusal)
    return Outcome(None, (refusal,), Counter(), size)


def _read_files(package: SourcePackage) -> Iterator[_ReadFile]:
    for file in package.files():
        if isinstance(file, SkippedFile):
            yield _ReadFile(file.path, b"", "", file.reason)
        else:
            yield _read_file(file)


def _read_file(file: SourceFile) -> _ReadFile:
    try:
        content = file.read()
    except OSError as error:
        return _ReadFile(file.path, b"", "", f"cannot be read: {error.strerror or error}")
    reason = exclusion_reason(file.path, content)
    return _ReadFile(file.path, content, content_swhid(content), reason, file.declared)


def _batches(files: Iterator[_ReadFile]) -> Iterator[list[_ReadFile]]:
    batch: list[_ReadFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += len(file.content)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _identity(package: SourcePackage, finding: LicenseFinding) -> bytes:
    """Return everything but the files that a source's entry in the catalogue depends on."""
    released = package.released.isoformat() if package.released else ""
    parts = [package.purl, package.url or "", released, finding.expression, finding.evidence, *package.authors]
    for legal in package.legal:
        parts += [legal.path, legal.kind.value, legal.text]
    return "\0".join(parts).encode(errors="surrogateescape")


def _digest_of(package: SourcePackage, finding: LicenseFinding) -> tuple[str, int]:
    hashed = hashlib.sha256(_identity(package, finding))
    size = 0
    for one in _read_files(package):
        hashed.update(one.identity)
        size += len(one.content)
    return hashed.hexdigest(), size


def _copyright_of_file(content: bytes) -> tuple[str, ...]:
    head = content[:_HEAD_BYTES]
    if b"opyright" not in head and b"\xc2\xa9" not in head and b"(c)" not in head:
        return ()
    return copyright_statements(head.decode(errors="replace"))


def _copyright_of_package(package: SourcePackage) -> tuple[str, ...]:
    statements: dict[str, None] = {}
    for kind in (LegalKind.LICENSE, LegalKind.NOTICE):
        for legal in legal_files_for(package.legal, ""):
            if legal.kind is kind:
                statements.update(dict.fromkeys(copyright_statements(legal.text)))
    return tuple(statements) or package.authors
