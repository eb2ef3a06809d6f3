"""One package held against the rules of a collection: what of it is taken, what is left out, and why."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from attrib.admission import Admission
from attrib.copyrights import copyright_statements
from attrib.detection import LicenseFinding
from attrib.license_scope import legal_files_for
from attrib.second_opinion import SecondOpinion
from attrib.source_licenses import SourceLicenses
from index.entries import AdmittedFile, AdmittedSource, Refusal
from index.languages import exclusion_reason, language_of
from index.origins.base import DeclaredLicense, LegalKind, SkippedFile, SourceFile, SourcePackage
from index.writer import content_swhid

TOO_SHORT = "too short to be searched for"
ELSEWHERE = "permissive, so the permissive collection takes it"
_HEAD_BYTES = 16 * 1024

# Says why a purl, or a content by its SWHID, may not be added; None where it may.
OptedOut = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """A file of a package: `admitted`, or `left_out` for a reason, which is its licence's or author's if `refused`."""

    path: str
    content: bytes
    admitted: AdmittedFile | None
    left_out: str = ""
    refused: bool = False

    @property
    def language(self) -> str:
        """The language of the code; '' where nobody can say."""
        language = language_of(self.path, self.content)
        return language.name if language else ""


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


class JudgedPackage:
    """A package as a collection sees it; `refusal` says why none of it is taken, None where each file is judged."""

    def __init__(
        self, package: SourcePackage, admission: Admission, opted_out: OptedOut, opinion: SecondOpinion | None = None
    ) -> None:
        """Raise NoSecondOpinion where one is asked that does not answer."""
        self._package = package
        self._admission = admission
        self._opted_out = opted_out
        self._licenses = SourceLicenses(package, opinion)
        self._finding = self._licenses.package
        self.refusal = opted_out(package.purl) or admission.source_refusal(self._finding)
        self._taken: list[AdmittedFile] = []
        self._left_out: list[tuple[str, str]] = []
        self._refused: list[Refusal] = []
        self._hashed = hashlib.sha256(_identity(package, self._finding))
        self.size = 0

    def digest(self) -> tuple[str, int]:
        """Read all files and return what tells this state of the package from others, and how many bytes they have."""
        hashed = hashlib.sha256(_identity(self._package, self._finding))
        size = 0
        for one in _read_files(self._package):
            hashed.update(one.identity)
            size += len(one.content)
        return hashed.hexdigest(), size

    def files(self) -> Iterator[JudgedFile]:
        """Read and judge the files in their order, to be gone through once; each is then for `take` or `leave`."""
        for one in _read_files(self._package):
            self.size += len(one.content)
            self._hashed.update(one.identity)
            yield self._judged(one)

    def take(self, file: AdmittedFile) -> None:
        """Count a file in."""
        self._taken.append(file)

    def leave(self, path: str, reason: str, refused: bool = False) -> None:
        """Leave a file out."""
        self._left_out.append((path, reason))
        if refused:
            self._refused.append(Refusal(self._package.purl, path, reason, self._admission.collection))

    @property
    def left_out(self) -> Sequence[tuple[str, str]]:
        """Path and reason of what is left out so far."""
        return self._left_out

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """What of that was refused."""
        return tuple(self._refused)

    def source(self) -> AdmittedSource:
        """Return the source as all its files, each taken or left, make it."""
        return AdmittedSource(
            purl=self._package.purl,
            url=self._package.url,
            license_expression=self._finding.expression,
            license_evidence=self._finding.evidence,
            copyright=_copyright_of_package(self._package),
            legal=self._package.legal,
            files=tuple(self._taken),
            left_out=tuple(self._left_out),
            digest=self._hashed.hexdigest(),
            released=self._package.released,
            collection=self._admission.collection,
        )

    def _judged(self, one: _ReadFile) -> JudgedFile:
        if one.left_out is not None:
            return JudgedFile(one.path, one.content, None, one.left_out)
        found = self._licenses.of(one.path, one.content[:_HEAD_BYTES], one.declared)
        if self._admission.leaves(self._finding, found):
            return JudgedFile(one.path, one.content, None, ELSEWHERE)
        reason = self._opted_out(one.swhid) or self._admission.file_refusal(found)
        if reason:
            return JudgedFile(one.path, one.content, None, reason, refused=True)
        copyright = _copyright_of_file(one.content)
        return JudgedFile(
            one.path, one.content, AdmittedFile(one.path, one.swhid, found.expression, found.evidence, copyright)
        )


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


def _identity(package: SourcePackage, finding: LicenseFinding) -> bytes:
    """Return everything but the files that a source's entry in the catalogue depends on."""
    released = package.released.isoformat() if package.released else ""
    parts = [package.purl, package.url or "", released, finding.expression, finding.evidence, *package.authors]
    for legal in package.legal:
        parts += [legal.path, legal.kind.value, legal.text]
    return "\0".join(parts).encode(errors="surrogateescape")


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
