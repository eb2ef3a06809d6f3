"""The report as CycloneDX 1.6 JSON: a component for each source, with the places of its code as evidence."""

from typing import Any, Final

from attrib.answers import strictest
from attrib.audits.report import AuditReport
from attrib.license_expressions import tree_of
from attrib.license_tree import join
from attrib.match_text import likeness, lines, place
from attrib.notices.document import plain_line
from attrib.reports.documents import TOOL, TOOL_VERSION, as_json, document_id, moment, root_name, tree_version
from attrib.reports.licensing import SpdxExpression, concluded
from attrib.reports.sources import CopiedSource, copied_sources
from attrib.reports.wording import decided, open_duties

SCHEMA: Final = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_ROOT: Final = "audited"


def render(report: AuditReport) -> str:
    """Return the bill of materials; the tree itself is its main component, and claims nothing of itself."""
    sources = copied_sources(report.findings)
    index = report.index
    annotations = [note for source in sources for note in _annotations(source, report)]
    bom = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{document_id(report, 'cyclonedx')}",
        "version": 1,
        "metadata": {
            "timestamp": moment(report),
            "tools": {"components": [{"type": "application", "name": TOOL, "version": TOOL_VERSION}]},
            "component": {
                "type": "application",
                "bom-ref": _ROOT,
                "name": plain_line(root_name(report)),
                "version": tree_version(report.files),
            },
            "properties": [
                _property("index:revision", index.revision),
                _property("index:sources", str(index.sources)),
                _property("index:files", str(index.files)),
                _property("files", str(len(report.files))),
                _property("verdict", report.verdict.value),
            ],
        },
        "components": [_component(source) for source in sources],
        "dependencies": [
            {"ref": _ROOT, "dependsOn": [source.purl for source in sources]},
            *({"ref": source.purl} for source in sources),
        ],
        # The index holds some of the world's code, not all.
        "compositions": [{"aggregate": "incomplete", "assemblies": [_ROOT]}],
        **({"annotations": annotations} if annotations else {}),
    }
    return as_json(bom)


def _component(source: CopiedSource) -> dict[str, Any]:
    best = [finding.match.origins[0] for finding in source.findings]
    surest = max(finding.match.similarity for finding in source.findings)
    verdict = strictest([finding.verdict for finding in source.findings])
    copyright = [{"text": line} for line in source.copyright]
    evidence = {
        "identity": [
            {
                "field": "purl",
                "confidence": round(surest, 3),
                "methods": [{"technique": "source-code-analysis", "confidence": round(surest, 3)}],
            }
        ],
        "occurrences": [_occurrence(source, number) for number in range(len(source.findings))],
        **_licenses(_concluded(source), "concluded"),
        **({"copyright": copyright} if copyright else {}),
    }
    return {
        "type": "library",
        "bom-ref": source.purl,
        "name": source.name,
        **({"version": source.version} if source.version else {}),
        **({"supplier": {"name": source.supplier}} if source.supplier else {}),
        **_licenses(source.declared, "declared"),
        **({"copyright": "\n".join(source.copyright)} if source.copyright else {}),
        "purl": source.purl,
        "swhid": sorted({origin.swhid for origin in best}),
        "evidence": evidence,
        "properties": [
            _property("verdict", verdict.value),
            *(_property("category", category) for category in sorted({origin.category for origin in best})),
            *(_property("license:evidence", plain_line(one)) for one in sorted({o.license_evidence for o in best})),
            *(_property("duty:open", plain_line(one)) for one in _open(source)),
        ],
    }


def _occurrence(source: CopiedSource, number: int) -> dict[str, Any]:
    finding = source.findings[number]
    span = finding.match.output
    said = f"{lines(span)}: {finding.verdict.value}, {likeness(finding.match)} as in {place(finding.match.origins[0])}"
    return {
        "bom-ref": _occurrence_ref(source, number),
        "location": finding.path,
        "line": span.start_line,
        "offset": span.start_byte,
        "additionalContext": plain_line(said),
    }


def _occurrence_ref(source: CopiedSource, number: int) -> str:
    return f"{source.purl}#{number + 1}"


def _concluded(source: CopiedSource) -> SpdxExpression:
    known = {one.expression: one for one in map(concluded, source.findings) if one.known}
    if not known:
        return concluded(source.findings[0])
    tree = join("AND", [tree_of(expression) for expression in sorted(known)])
    return SpdxExpression(str(tree), (), ())


def _licenses(license: SpdxExpression, acknowledgement: str) -> dict[str, Any]:
    # An expression, even for one id: the list of ids in the schema is older than the ids.
    told = {"expression": license.expression, "acknowledgement": acknowledgement}
    return {"licenses": [told]} if license.known else {}


def _open(source: CopiedSource) -> list[str]:
    return sorted({sentence for finding in source.findings for sentence in open_duties(finding)})


def _annotations(source: CopiedSource, report: AuditReport) -> list[dict[str, Any]]:
    return [
        {
            "subjects": [_occurrence_ref(source, number)],
            "annotator": {"individual": {"name": plain_line(finding.decision.by)}},
            "timestamp": finding.decision.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "text": plain_line(decided(finding.decision)),
        }
        for number, finding in enumerate(source.findings)
        if finding.decision is not None
    ]


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": f"{TOOL}:{name}", "value": value}
