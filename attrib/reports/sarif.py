"""The report as SARIF 2.1.0 (OASIS), as code scanning reads it: a rule for each licence, a result for each copy.

Common code, which asks for nothing, is no result. Code scanning refuses a run of more than 25,000 results, so that of
more the strictest are written, which is said.
"""

import hashlib
import re
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from attrib.answers import Action, AttributedOrigin
from attrib.audits.findings import Finding
from attrib.audits.report import AuditedFile, AuditReport
from attrib.license_categories import Category
from attrib.licenses import category_of
from attrib.match_text import likeness, lines, place
from attrib.notices.document import plain_line
from attrib.notices.markdown import escaped
from attrib.obligations import obligations_of
from attrib.reports.documents import TOOL, TOOL_VERSION, as_json, document_id, moment
from attrib.reports.licensing import spdx_expression
from attrib.reports.wording import counting, decided, incomplete_line, remarks
from index.matches import Span

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS: Final = 25_000
_MOST_ORIGINS: Final = 10
_LEVELS: Final = MappingProxyType(
    {Action.ALLOW: "none", Action.ATTRIBUTE: "note", Action.REVIEW: "warning", Action.BLOCK: "error"}
)
_DEFAULT_LEVELS: Final = MappingProxyType(
    {
        Category.PUBLIC_DOMAIN: "note",
        Category.PERMISSIVE: "note",
        Category.WEAK_COPYLEFT: "warning",
        Category.UNKNOWN: "warning",
        Category.COPYLEFT: "error",
        Category.RESTRICTED: "error",
    }
)
_BRACKETS: Final = re.compile(r"([\\\[\]])")


def render(report: AuditReport) -> str:
    """Return the log with its one run."""
    findings = counting(report.findings)
    written = findings
    if len(findings) > MOST_RESULTS:
        strictest = sorted(range(len(findings)), key=lambda number: (-_severity(findings[number]), number))
        written = [findings[number] for number in sorted(strictest[:MOST_RESULTS])]
    stated = {_rule_id(finding): _license(finding) for finding in reversed(written)}
    rules = {rule: number for number, rule in enumerate(sorted(stated))}
    found_in = {finding.path for finding in written}
    files = {file.path: number for number, file in enumerate(one for one in report.files if one.path in found_in)}
    compared = any(finding.baseline for finding in findings)
    run = {
        "tool": {
            "driver": {
                "name": TOOL,
                "fullName": f"{TOOL} {TOOL_VERSION}",
                "version": TOOL_VERSION,
                "semanticVersion": TOOL_VERSION,
                "shortDescription": {"text": "Finds code that is copied, from where, and under which licence."},
                "rules": [_rule(rule, stated[rule]) for rule in rules],
            }
        },
        "automationDetails": {"id": f"{TOOL}/", "guid": document_id(report, "sarif")},
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that was audited."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, len(findings) - len(written))],
        "artifacts": [_artifact(file) for file in report.files if file.path in found_in],
        "results": [_result(finding, rules, files, compared) for finding in written],
        "properties": {"index": report.index.as_json(), "totals": report.totals()},
    }
    return as_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _severity(finding: Finding) -> int:
    return finding.verdict.severity


def _license(finding: Finding) -> str:
    return plain_line(finding.match.origins[0].license)


def _rule_id(finding: Finding) -> str:
    """Return the id of the rule for a licence, the same from run to run; what cannot stand in an id is a hash there."""
    expression = spdx_expression(finding.match.origins[0].license).expression
    readable = re.sub(r"[^A-Za-z0-9.+-]+", "-", expression).strip("-")
    told_apart = "" if readable == expression else f"-{hashlib.sha256(expression.encode()).hexdigest()[:8]}"
    return f"copy-under-{readable}{told_apart}"


def _rule(identifier: str, license: str) -> dict[str, Any]:
    category = category_of(license)
    duties = obligations_of(license)
    sentences = [plain_line(sentence) for sentence in duties.sentences]
    why = [
        f"- {escaped(row.license_id)}, {escaped(row.section)}: {escaped(row.reason)}" for row in duties.rows if row.asks
    ]
    ways = (
        "Keep the code and give the credit that its licence asks for (`attrib notice` writes it), write it anew, or "
        "decide and say why."
    )
    opening = f"The code stands in a source under {license} ({category.value})."
    text = " ".join((opening, *map(_sentence, sentences), ways))
    asked = "\n".join(f"- {escaped(sentence)}" for sentence in sentences) or "- nothing"
    markdown = [f"## Code under {escaped(license)}", f"Its category is *{escaped(category.value)}*. It asks:", asked]
    markdown += ["Where that stands:", "\n".join(why)] if why else []
    return {
        "id": identifier,
        "name": "CodeUnder" + "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", license)),
        "shortDescription": {"text": _plain(f"Code copied from a source under {license}")},
        "fullDescription": {"text": _plain(opening)},
        "help": {"text": _plain(text), "markdown": "\n\n".join((*markdown, ways))},
        "defaultConfiguration": {"level": _DEFAULT_LEVELS[category]},
        "properties": {"tags": ["license", category.value], "precision": "high"},
    }


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."


def _invocation(report: AuditReport, dropped: int) -> dict[str, Any]:
    counts = sorted(report.totals()["left_out"].items())
    told = [incomplete_line(report)] if report.incomplete else []
    told += [f"{count} left out: {plain_line(reason)}" for reason, count in counts]
    if dropped:
        told.append(f"{dropped} findings are not in this file, none of them stricter than the {MOST_RESULTS} that are")
    invocation: dict[str, Any] = {
        "executionSuccessful": not report.incomplete,
        "startTimeUtc": moment(report),
        "toolExecutionNotifications": [{"level": "note", "message": {"text": _plain(f"{line}.")}} for line in told],
    }
    if report.at is not None:
        ended = report.at + timedelta(seconds=report.seconds)
        invocation["endTimeUtc"] = ended.isoformat(timespec="seconds").replace("+00:00", "Z")
    return invocation


def _artifact(file: AuditedFile) -> dict[str, Any]:
    artifact: dict[str, Any] = {"location": _within(file.path), "roles": ["analysisTarget"]}
    hashes = {name: value for name, value in (("sha-1", file.sha1), ("sha-256", file.sha256)) if value}
    return artifact | ({"hashes": hashes} if hashes else {})


def _within(path: str) -> dict[str, Any]:
    return {"uri": quote(path, safe="/"), "uriBaseId": "SRCROOT"}


def _result(finding: Finding, rules: dict[str, int], files: dict[str, int], compared: bool) -> dict[str, Any]:
    match, decision = finding.match, finding.decision
    rule = _rule_id(finding)
    # What was decided is a suppression, and does not make the result milder.
    judged = match.verdict.action if decision else finding.verdict
    evidence = finding.evidence
    here = _region(match.output, None if evidence is None or evidence.cut else evidence.ours)
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": rules[rule],
        "kind": "informational" if judged is Action.ALLOW else "fail",
        "level": _LEVELS[judged],
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {**_within(finding.path), "index": files[finding.path]},
                    "region": here,
                }
            }
        ],
        "relatedLocations": [
            _origin(number, origin, finding) for number, origin in enumerate(match.origins[:_MOST_ORIGINS], start=1)
        ],
        "partialFingerprints": {"attribFinding/v1": finding.fingerprint},
        "suppressions": [],
        "properties": {
            "verdict": finding.verdict.value,
            "kind": match.kind.value,
            "similarity": round(match.similarity, 3),
            "lexemes": match.lexemes,
            "license": _license(finding),
            "provenance": finding.provenance.as_json() if finding.provenance else None,
            "openDuties": [duty.as_json() for duty in finding.duties if duty.met_in is None],
        },
    }
    if not finding.fingerprint:
        del result["partialFingerprints"]
    if compared:
        result["baselineState"] = "unchanged" if finding.baseline else "new"
    if decision is not None:
        settled = finding.verdict is Action.ALLOW
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted" if settled else "underReview",
                "justification": plain_line(decided(decision)),
            }
        ]
    return result


def _message(finding: Finding) -> str:
    match = finding.match
    best = match.origins[0]
    where = f"[{_escaped(f'{best.purl} {place(best)}')}](1)"
    said = f"{likeness(match).capitalize()}: {lines(match.output)} stand in "
    rest = "; ".join((f"under {plain_line(best.license)}", *remarks(finding)))
    return f"{_plain(said)}{where} {_plain(rest)}."


def _origin(number: int, origin: AttributedOrigin, finding: Finding) -> dict[str, Any]:
    evidence = finding.evidence if number == 1 else None
    return {
        "id": number,
        "message": {"text": _plain(f"{origin.purl} {place(origin)}, {origin.license}")},
        "physicalLocation": {
            "artifactLocation": {"uri": f"{_uri(origin.purl)}#{quote(origin.path, safe='/')}"},
            "region": _region(origin.reference, None if evidence is None or evidence.cut else evidence.theirs),
        },
    }


def _uri(purl: str) -> str:
    return quote(purl.partition("#")[0], safe=":/?&=@%+~.-_")


def _region(span: Span, text: str | None) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": span.start_line, "endLine": span.end_line}
    return region if text is None else {**region, "snippet": {"text": text}}


def _plain(text: str) -> str:
    """Return a text as a message string writes it (SARIF, 3.11): brackets are links and braces are placeholders."""
    return _escaped(plain_line(text))


def _escaped(text: str) -> str:
    return _BRACKETS.sub(r"\\\1", plain_line(text)).replace("{", "{{").replace("}", "}}")
