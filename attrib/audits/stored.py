"""The report of an audit as data again, from its record."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from attrib.answers import Attribution, IndexState
from attrib.audits.findings import Decision, Duty, Finding, Provenance, Settled, Standing
from attrib.audits.report import AuditedFile, AuditReport
from attrib.errors import NoSuchAudit
from attrib.obligations import Ask
from attrib.records import Record, RecordKind
from attrib.stored_matches import stored_matches
from index.matches import SearchStatus


def stored_audit(record: Record) -> AuditReport:
    """Return the report that a record keeps; of the origins of a finding it has those that are kept.

    Raises NoSuchAudit where the record is none of an audit.
    """
    if record.kind is not RecordKind.AUDIT:
        raise NoSuchAudit(f"the record {record.id} is none of an audit")
    told = record.answer
    findings: dict[str, list[Finding]] = {}
    for stored, finding in zip(stored_matches(told, None, None), told["findings"], strict=True):
        # What is stored as the verdict is the outcome, which the match's own may have become.
        found = Finding(
            path=finding["path"],
            match=stored.match,
            outcome=stored.match.verdict,
            # Records from before there were fingerprints have none of what follows.
            fingerprint=finding.get("fingerprint", ""),
            provenance=_provenance(finding.get("provenance")),
            duties=tuple(
                Duty(Ask(duty["ask"]), duty["sentence"], duty["met_in"]) for duty in finding.get("duties", ())
            ),
            decision=_decision(finding.get("decision")),
            baseline=finding.get("baseline", False),
            sketch=finding.get("sketch", ""),
        )
        findings.setdefault(found.path, []).append(found)
    attribution = told["attribution"]
    return AuditReport(
        id=record.id,
        root=told["root"],
        index=_index(told["index"]),
        files=tuple(_file(file, tuple(findings.get(file["path"], ()))) for file in told["files"]),
        left_out=tuple((left["path"], left["reason"]) for left in told["left_out"]),
        attribution=Attribution(attribution["required"], attribution["notice"], tuple(attribution["spdx"])),
        seconds=told["seconds"],
        notes=tuple(told.get("notes", ())),
    )


def _file(told: Mapping[str, Any], findings: tuple[Finding, ...]) -> AuditedFile:
    return AuditedFile(
        path=told["path"],
        status=SearchStatus(told["status"]),
        language=told["language"],
        lexemes=told["lexemes"],
        matched_lexemes=told["matched_lexemes"],
        findings=findings,
    )


def _provenance(told: Mapping[str, Any] | None) -> Provenance | None:
    return None if told is None else Provenance(Standing(told["standing"]), told["purl"], told["declared_in"])


def _decision(told: Mapping[str, Any] | None) -> Decision | None:
    if told is None:
        return None
    until = told["until"]
    return Decision(
        fingerprint=told["fingerprint"],
        settled=Settled(told["decision"]),
        by=told["by"],
        reason=told["reason"],
        at=datetime.fromisoformat(told["at"]),
        until=date.fromisoformat(until) if until else None,
    )


def _index(told: Mapping[str, Any]) -> IndexState:
    return IndexState(
        told["sources"], told["files"], told["lexemes"], told["revision"], tuple(told.get("collections", ()))
    )
