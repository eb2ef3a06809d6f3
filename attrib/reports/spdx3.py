"""The report as SPDX 3.0.1 JSON-LD: the same things as in SPDX 2.3, as elements and relationships between them."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrib.audits.findings import Finding
from attrib.audits.report import AuditedFile, AuditReport
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
)
from attrib.reports.licensing import LicenseRef, SpdxExpression, concluded, spdx_expression
from attrib.reports.sources import CopiedSource, copied_sources
from attrib.reports.wording import counting, decided, origin_line, remarks
from index.matches import MatchKind

CONTEXT: Final = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
_CREATION: Final = "_:creation"
Element = dict[str, Any]


def render(report: AuditReport) -> str:
    """Return the document; its elements stand in the order in which the report has them."""
    graph = _Graph(report)
    return as_json({"@context": CONTEXT, "@graph": graph.elements()})


class _Graph:
    """The elements of one document, which all have ids below its own."""

    def __init__(self, report: AuditReport) -> None:
        self._report = report
        self._namespace = f"https://spdx.org/spdxdocs/attrib-{document_id(report, 'spdx-3.0.1')}"
        self._licenses: dict[str, SpdxExpression] = {}

    def elements(self) -> list[Element]:
        report = self._report
        sources = copied_sources(report.findings)
        root = self._root(report)
        files = [self._file(file) for file in report.files]
        found = [(file, n, one) for file in report.files for n, one in enumerate(counting(file.findings))]
        snippets = [self._snippet(file, n, one) for file, n, one in found]
        packages = [self._package(source) for source in sources]
        relations = self._contents(root, [*files, *packages])
        for snippet, (_, _, one) in zip(snippets, found, strict=True):
            relations += self._relations(snippet, one)
        for package, source in zip(packages, sources, strict=True):
            relations += self._licensed(package, "hasDeclaredLicense", source.declared)
        annotations = [
            self._annotation(snippet, one)
            for snippet, (_, _, one) in zip(snippets, found, strict=True)
            if one.decision is not None
        ]
        suppliers = [
            self._element("Organization", name, name=name)
            for name in sorted({source.supplier for source in sources if source.supplier})
        ]
        own = spdx_expression("CC0-1.0")
        self._licenses[own.expression] = own
        described = [root, *files, *snippets, *packages, *suppliers, *relations, *annotations, *self._expressions()]
        agent = self._element("SoftwareAgent", "agent", name=f"{TOOL} {TOOL_VERSION}")
        sbom = self._element(
            "software_Sbom",
            "sbom",
            software_sbomType=["analyzed"],
            rootElement=[root["spdxId"]],
            element=_ids(described),
        )
        document = self._element(
            "SpdxDocument",
            "document",
            name=plain_line(f"Copied code in {root_name(report)}"),
            profileConformance=["core", "software", "simpleLicensing"],
            dataLicense=self._id("simplelicensing_LicenseExpression", own.expression),
            rootElement=[sbom["spdxId"]],
            element=_ids([agent, sbom, *described]),
        )
        described_by = self._relation(document["spdxId"], "describes", [root["spdxId"]])
        document["element"].append(described_by["spdxId"])
        creation = {
            "type": "CreationInfo",
            "@id": _CREATION,
            "specVersion": "3.0.1",
            "created": moment(report),
            "createdBy": [agent["spdxId"]],
        }
        return [creation, document, agent, sbom, described_by, *described]

    def _root(self, report: AuditReport) -> Element:
        notice = {"software_attributionText": [report.notice]} if report.notice else {}
        return self._element(
            "software_Package",
            "audited",
            name=plain_line(root_name(report)),
            software_primaryPurpose="source",
            software_packageVersion=tree_version(report.files),
            comment=f"Compared with {report.index.files} files of {report.index.sources} sources.",
            **notice,
        )

    def _file(self, file: AuditedFile) -> Element:
        hashes = [
            {"type": "Hash", "algorithm": name, "hashValue": value}
            for name, value in (("sha1", file.sha1), ("sha256", file.sha256))
            if value
        ]
        told: Element = {"verifiedUsing": hashes} if hashes else {}
        if file.swhid:
            told["software_contentIdentifier"] = [_content_identifier(file.swhid)]
        return self._element("software_File", file.path, name=file.path, software_primaryPurpose="source", **told)

    def _snippet(self, file: AuditedFile, number: int, finding: Finding) -> Element:
        span, best = finding.match.output, finding.match.origins[0]
        told: Element = {}
        if best.copyright:
            told["software_copyrightText"] = "\n".join(map(plain_line, best.copyright))
        credit = attribution_texts(finding)
        if credit:
            told["software_attributionText"] = credit
        if span.end_byte > span.start_byte:
            told["software_byteRange"] = _range(span.start_byte + 1, span.end_byte)
        return self._element(
            "software_Snippet",
            f"{file.path}\0{number}",
            name=plain_line(f"{file.path} {lines(span)}"),
            comment="; ".join((f"{finding.verdict.value}: {origin_line(finding)}", *remarks(finding))),
            software_snippetFromFile=self._id("software_File", file.path),
            software_lineRange=_range(span.start_line, span.end_line),
            **told,
        )

    def _package(self, source: CopiedSource) -> Element:
        told: Element = {"software_packageVersion": source.version} if source.version else {}
        if source.copyright:
            told["software_copyrightText"] = "\n".join(source.copyright)
        if source.supplier:
            told["suppliedBy"] = self._id("Organization", source.supplier)
        contents = sorted({finding.match.origins[0].swhid for finding in source.findings})
        return self._element(
            "software_Package",
            source.purl,
            name=source.name,
            software_packageUrl=source.purl,
            software_contentIdentifier=[_content_identifier(swhid) for swhid in contents],
            **told,
        )

    def _contents(self, root: Element, parts: Sequence[Element]) -> list[Element]:
        return [self._relation(root["spdxId"], "contains", _ids(parts))] if parts else []

    def _relations(self, snippet: Element, finding: Finding) -> list[Element]:
        package = self._id("software_Package", finding.match.origins[0].purl)
        kind = "copiedTo" if finding.match.kind is MatchKind.EXACT else "ancestorOf"
        return [
            self._relation(package, kind, [snippet["spdxId"]], comment=origin_line(finding)),
            *self._licensed(snippet, "hasConcludedLicense", concluded(finding)),
        ]

    def _licensed(self, element: Element, kind: str, license: SpdxExpression) -> list[Element]:
        if not license.known:
            return []
        self._licenses[license.expression] = license
        expression = self._id("simplelicensing_LicenseExpression", license.expression)
        return [self._relation(element["spdxId"], kind, [expression])]

    def _expressions(self) -> list[Element]:
        refs = {ref.identifier: ref for license in self._licenses.values() for ref in license.refs}
        return [
            *(self._expression(self._licenses[name]) for name in sorted(self._licenses)),
            *(self._text(refs[name]) for name in sorted(refs)),
        ]

    def _expression(self, license: SpdxExpression) -> Element:
        custom = [
            {
                "type": "DictionaryEntry",
                "key": ref.identifier,
                "value": self._id("simplelicensing_SimpleLicensingText", ref.identifier),
            }
            for ref in license.refs
        ]
        return self._element(
            "simplelicensing_LicenseExpression",
            license.expression,
            simplelicensing_licenseExpression=license.expression,
            simplelicensing_licenseListVersion=LICENSE_LIST_VERSION,
            **({"simplelicensing_customIdToUri": custom} if custom else {}),
        )

    def _text(self, ref: LicenseRef) -> Element:
        return self._element(
            "simplelicensing_SimpleLicensingText",
            ref.identifier,
            name=plain_line(ref.name),
            simplelicensing_licenseText=plain_line(ref.text),
        )

    def _annotation(self, snippet: Element, finding: Finding) -> Element:
        assert finding.decision is not None
        return self._element(
            "Annotation",
            snippet["spdxId"],
            annotationType="review",
            subject=snippet["spdxId"],
            statement=plain_line(decided(finding.decision)),
        )

    def _relation(self, one: str, kind: str, others: Sequence[str], **told: str) -> Element:
        named = f"{one} {kind} {' '.join(others)}"
        return self._element("Relationship", named, **{"from": one}, relationshipType=kind, to=list(others), **told)

    def _element(self, kind: str, named: str, **told: Any) -> Element:
        return {"type": kind, "spdxId": self._id(kind, named), "creationInfo": _CREATION, **told}

    def _id(self, kind: str, named: str) -> str:
        digest = hashlib.sha256(f"{kind}\0{named}".encode(errors="surrogatepass")).hexdigest()[:20]
        return f"{self._namespace}#{kind.rpartition('_')[2]}-{digest}"


def _ids(elements: Iterable[Element]) -> list[str]:
    return [element["spdxId"] for element in elements]


def _content_identifier(swhid: str) -> Element:
    return {
        "type": "software_ContentIdentifier",
        "software_contentIdentifierType": "swhid",
        "software_contentIdentifierValue": swhid,
    }


def _range(begin: int, end: int) -> Element:
    return {"type": "PositiveIntegerRange", "beginIntegerRange": begin, "endIntegerRange": end}
