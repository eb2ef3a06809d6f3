"""The report of an audit as data again, from its record."""

from collections.abc import Mapping
from typing import Any

from attrib.answers import AttributedMatch, Attribution, IndexState
from attrib.audit import AuditedFile, AuditReport
from attrib.errors import NoSuchAudit
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
    matches: dict[str, list[AttributedMatch]] = {}
    for stored in stored_matches(told, None, None):
        matches.setdefault(str(stored.path), []).append(stored.match)
    attribution = told["attribution"]
    return AuditReport(
        id=record.id,
        root=told["root"],
        index=_index(told["index"]),
        files=tuple(_file(file, tuple(matches.get(file["path"], ()))) for file in told["files"]),
        left_out=tuple((left["path"], left["reason"]) for left in told["left_out"]),
        attribution=Attribution(attribution["required"], attribution["notice"], tuple(attribution["spdx"])),
        seconds=told["seconds"],
    )


def _file(told: Mapping[str, Any], matches: tuple[AttributedMatch, ...]) -> AuditedFile:
    return AuditedFile(
        path=told["path"],
        status=SearchStatus(told["status"]),
        language=told["language"],
        lexemes=told["lexemes"],
        matched_lexemes=told["matched_lexemes"],
        matches=matches,
    )


def _index(told: Mapping[str, Any]) -> IndexState:
    return IndexState(
        told["sources"], told["files"], told["lexemes"], told["revision"], tuple(told.get("collections", ()))
    )
