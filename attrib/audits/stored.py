"""An audit's report as data again, from the JSON it was stored as, so that any format can be written later."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from attrib.answers import Action, Attribution, IndexState, Verdict
from attrib.audits.declared import Declared
from attrib.audits.findings import Decision, Duty, Evidence, Finding, Provenance, Settled, Standing
from attrib.audits.report import AuditedFile, AuditReport
from attrib.errors import NoSuchAudit, UnreadableInput
from attrib.obligations import Ask
from attrib.records import Record, RecordKind
from attrib.stored_matches import stored_choice, stored_match
from index.matches import SearchStatus


def stored_audit(record: Record) -> AuditReport:
    """Return the report that a record keeps; raises NoSuchAudit where the record is none of an audit."""
    if record.kind is not RecordKind.AUDIT:
        raise NoSuchAudit(f"the record {record.id} is none of an audit")
    return audit_report(record.answer)


def audit_report(answer: Mapping[str, Any]) -> AuditReport:
    """Return the report that `AuditReport.as_json` wrote; of a finding's origins it has those that were kept.

    Records of older versions have no hashes, no evidence and no moment: what is not there stays empty. Raises
    UnreadableInput for what is no audit.
    """
    try:
        return _report(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableInput(
            "that is no audit of Attrib's: give the id of an audit's record, or what attrib audit --format json wrote."
        ) from error


def _report(told: Mapping[str, Any]) -> AuditReport:
    findings: dict[str, list[Finding]] = {}
    for one in told["findings"]:
        findings.setdefault(one["path"], []).append(_finding(one))
    attribution, index = told["attribution"], told["index"]
    fail_on = told.get("fail_on", Action.BLOCK)
    return AuditReport(
        id=told["id"],
        root=told["root"],
        index=IndexState(
            index["sources"],
            index["files"],
            index["lexemes"],
            index["revision"],
            tuple(index.get("collections", ())),
        ),
        files=tuple(_file(file, tuple(findings.get(file["path"], ()))) for file in told["files"]),
        left_out=tuple((left["path"], left["reason"]) for left in told["left_out"]),
        attribution=Attribution(
            attribution["required"],
            attribution["notice"],
            tuple(attribution["spdx"]),
            attribution.get("side_file"),
        ),
        seconds=told["seconds"],
        notes=tuple(told.get("notes", ())),
        at=datetime.fromisoformat(told["at"]) if told.get("at") else None,
        fail_on=None if fail_on is None else Action(fail_on),
        fail_on_known=told.get("fail_on_known", False),
        scope=told.get("scope", ""),
        own=tuple(Declared(one["purl"], one["declared_in"]) for one in told.get("own", ())),
        memorisation=told.get("memorisation"),
    )


def _file(told: Mapping[str, Any], findings: tuple[Finding, ...]) -> AuditedFile:
    return AuditedFile(
        path=told["path"],
        status=SearchStatus(told["status"]),
        language=told["language"],
        lexemes=told["lexemes"],
        matched_lexemes=told["matched_lexemes"],
        findings=findings,
        swhid=told.get("swhid", ""),
        sha1=told.get("sha1", ""),
        sha256=told.get("sha256", ""),
    )


def _finding(told: Mapping[str, Any]) -> Finding:
    match = stored_match(told)
    judged = told.get("judged", told)
    verdict = Verdict(Action(judged["verdict"]), tuple(judged["reasons"]), stored_choice(told))
    return Finding(
        path=told["path"],
        match=replace(match, verdict=verdict),
        outcome=match.verdict,
        fingerprint=told.get("fingerprint", ""),
        provenance=_provenance(told.get("provenance")),
        duties=tuple(Duty(Ask(duty["ask"]), duty["sentence"], duty["met_in"]) for duty in told.get("duties", ())),
        decision=_decision(told.get("decision")),
        baseline=told.get("baseline", False),
        evidence=_evidence(told.get("evidence")),
        sketch=told.get("sketch", ""),
    )


def _provenance(told: Mapping[str, Any] | None) -> Provenance | None:
    return None if told is None else Provenance(Standing(told["standing"]), told["purl"], told["declared_in"])


def _decision(told: Mapping[str, Any] | None) -> Decision | None:
    if told is None:
        return None
    return Decision(
        fingerprint=told["fingerprint"],
        settled=Settled(told["decision"]),
        by=told["by"],
        reason=told["reason"],
        at=datetime.fromisoformat(told["at"]),
        until=date.fromisoformat(told["until"]) if told["until"] else None,
    )


def _evidence(told: Mapping[str, Any] | None) -> Evidence | None:
    return None if told is None else Evidence(told["ours"], told["theirs"], told["cut"])
