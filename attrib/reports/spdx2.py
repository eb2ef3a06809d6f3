"""The report as SPDX 2.3 JSON: what was audited, its files, the copied snippets, and the sources of those."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from attrib.audits.findings import Finding
from attrib.audits.report import AuditedFile, AuditReport
from attrib.licenses import NOASSERTION
from attrib.match_text import lines
from attrib.notices.document import plain_line
from attrib.reports.attributions import attribution_texts
from attrib.reports.documents import (
    LICENSE_LIST_VERSION,
    TOOL,
    TOOL_VERSION,
    as_json,
    document_id,
    moment,
    root_name,
    tree_version,
    verification_code,
)
from attrib.reports.licensing import LicenseRef, concluded
from attrib.reports.sources import CopiedSource, copied_sources
from attrib.reports.wording import counting, decided, origin_line, remarks
from index.matches import MatchKind

_DOCUMENT: Final = "SPDXRef-DOCUMENT"
_ROOT: Final = "SPDXRef-Package-audited"
_PARTS: Final = "Only parts of it, which the snippets describe."


def render(report: AuditReport) -> str:
    """Return the document, without the files that have no hashes: all of an old record, what of a model is withheld."""
    files = tuple(file for file in report.files if file.sha1)
    sources = copied_sources(report.findings)
    packages = {source.purl: _id("Package", source.purl) for source in sources}
    snippets = [(_id("Snippet", f"{file.path}\0{n}"), file, found) for file in files for n, found in _counted(file)]
    name = root_name(report)
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": _DOCUMENT,
        "name": f"Copied code in {plain_line(name)}",
        "documentNamespace": f"https://spdx.org/spdxdocs/attrib-{document_id(report, 'spdx-2.3')}",
        "creationInfo": {
            "created": moment(report),
            "creators": [f"Tool: {TOOL}-{TOOL_VERSION}"],
            "licenseListVersion": ".".join(LICENSE_LIST_VERSION.split(".")[:2]),
            "comment": _comment(report, len(files)),
        },
        "documentDescribes": [_ROOT],
        "packages": [_root(report, plain_line(name), files), *(_package(one, packages[one.purl]) for one in sources)],
        "files": [_file(file) for file in files],
        "snippets": [_snippet(identifier, file, found) for identifier, file, found in snippets],
        "hasExtractedLicensingInfos": [_extracted(ref) for ref in _refs(report, sources)],
        "relationships": [
            _relation(_DOCUMENT, "DESCRIBES", _ROOT),
            *(_relation(_ROOT, "CONTAINS", _id("File", file.path)) for file in files),
            *({**_relation(_ROOT, "CONTAINS", one), "comment": _PARTS} for one in packages.values()),
            *(_copied(identifier, found, packages[found.match.origins[0].purl]) for identifier, _, found in snippets),
        ],
    }
    return as_json({name: value for name, value in document.items() if value != []})


def _counted(file: AuditedFile) -> Iterator[tuple[int, Finding]]:
    yield from enumerate(counting(file.findings))


def _id(kind: str, named: str) -> str:
    return f"SPDXRef-{kind}-{hashlib.sha256(named.encode(errors='surrogatepass')).hexdigest()[:20]}"


def _comment(report: AuditReport, listed: int) -> str:
    index = report.index
    told = (
        f"Every file was compared with {index.files} files of {index.sources} sources (revision {index.revision}). "
        "Licences of files are only known where code of theirs was found."
    )
    if listed == len(report.files):
        return told
    return f"{told} Where the hashes of files were not kept, the files and snippets of them are not listed."


def _root(report: AuditReport, name: str, files: tuple[AuditedFile, ...]) -> dict[str, Any]:
    ids = sorted({one for file in files for one in _ids(file)})
    analyzed = {
        "packageVerificationCode": {"packageVerificationCodeValue": verification_code(files)},
        "licenseInfoFromFiles": ids,
    }
    return {
        "SPDXID": _ROOT,
        "name": name,
        "versionInfo": tree_version(files),
        "supplier": NOASSERTION,
        "downloadLocation": NOASSERTION,
        "filesAnalyzed": bool(files),
        **(analyzed if files else {}),
        "licenseConcluded": NOASSERTION,
        "licenseDeclared": NOASSERTION,
        "copyrightText": NOASSERTION,
        "attributionTexts": [report.notice] if report.notice else [],
    }


def _ids(file: AuditedFile) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(one for _, found in _counted(file) for one in concluded(found).ids))
    return ids or (NOASSERTION,)


def _package(source: CopiedSource, identifier: str) -> dict[str, Any]:
    contents = sorted({finding.match.origins[0].swhid for finding in source.findings})
    return {
        "SPDXID": identifier,
        "name": source.name,
        **({"versionInfo": source.version} if source.version else {}),
        "supplier": f"Organization: {source.supplier}" if source.supplier else NOASSERTION,
        "downloadLocation": NOASSERTION,
        "filesAnalyzed": False,
        "licenseConcluded": NOASSERTION,
        "licenseDeclared": source.declared.expression,
        "copyrightText": "\n".join(source.copyright) or NOASSERTION,
        "comment": "Only those of its files that code was copied from are described.",
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": source.purl},
            *(
                {"referenceCategory": "PERSISTENT-ID", "referenceType": "swh", "referenceLocator": swhid}
                for swhid in contents
            ),
        ],
    }


def _file(file: AuditedFile) -> dict[str, Any]:
    return {
        "SPDXID": _id("File", file.path),
        "fileName": f"./{file.path}",
        "fileTypes": ["SOURCE"],
        "checksums": [
            {"algorithm": "SHA1", "checksumValue": file.sha1},
            {"algorithm": "SHA256", "checksumValue": file.sha256},
        ],
        "licenseConcluded": NOASSERTION,
        "licenseInfoInFiles": list(_ids(file)),
        "copyrightText": NOASSERTION,
    }


def _snippet(identifier: str, file: AuditedFile, finding: Finding) -> dict[str, Any]:
    span, best, license = finding.match.output, finding.match.origins[0], concluded(finding)
    host = _id("File", file.path)
    told = {
        "SPDXID": identifier,
        "snippetFromFile": host,
        "name": plain_line(f"{file.path} {lines(span)}"),
        # Both are counted from 1 and include their end (SPDX 2.3, 9.3 and 9.4).
        "ranges": [
            {
                "startPointer": {"reference": host, "offset": span.start_byte + 1},
                "endPointer": {"reference": host, "offset": span.end_byte},
            },
            {
                "startPointer": {"reference": host, "lineNumber": span.start_line},
                "endPointer": {"reference": host, "lineNumber": span.end_line},
            },
        ],
        "licenseConcluded": license.expression,
        "licenseInfoInSnippets": list(license.ids),
        "licenseComments": plain_line(f"{best.license}, by {best.license_evidence}"),
        "copyrightText": "\n".join(map(plain_line, best.copyright)) or NOASSERTION,
        "comment": "; ".join((f"{finding.verdict.value}: {origin_line(finding)}", *remarks(finding))),
        "attributionTexts": attribution_texts(finding),
    }
    decision = finding.decision
    if decision is not None:
        told["annotations"] = [
            {
                "annotationDate": decision.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "annotationType": "REVIEW",
                "annotator": f"Person: {plain_line(decision.by)}",
                "comment": plain_line(decided(decision)),
            }
        ]
    return told


def _extracted(ref: LicenseRef) -> dict[str, Any]:
    return {"licenseId": ref.identifier, "name": plain_line(ref.name), "extractedText": plain_line(ref.text)}


def _refs(report: AuditReport, sources: list[CopiedSource]) -> list[LicenseRef]:
    stated = [source.declared for source in sources] + [concluded(found) for found in counting(report.findings)]
    refs = {ref.identifier: ref for one in stated for ref in one.refs}
    return [refs[name] for name in sorted(refs)]


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def _copied(snippet: str, finding: Finding, package: str) -> dict[str, str]:
    kind = "COPY_OF" if finding.match.kind is MatchKind.EXACT else "DESCENDANT_OF"
    return {**_relation(snippet, kind, package), "comment": origin_line(finding)}
