"""What the API answers about records in lists and audits, as types."""

from typing import Annotated, Any

from typing_extensions import Doc, TypedDict

from attrib.audits.store import AuditState
from attrib.records import RecordKind
from web.answers import Cursor

Moment = Annotated[str, Doc("UTC, such as 2026-11-24T09:30:00.000Z.")]


class ListedRecordJson(TypedDict):
    """A record as lists have it, without what was asked and answered."""

    id: str
    kind: RecordKind
    created_at: Moment
    status: str
    verdict: str
    index_revision: str
    model: dict[str, Any] | None
    code_hash: Annotated[str | None, Doc("SHA-256 of the code.")]
    path: Annotated[str | None, Doc("What was checked or audited, where that had a name.")]
    sources: Annotated[list[str], Doc("The purls of the best origins.")]
    licenses: Annotated[list[str], Doc("The licences of the best origins.")]


class RecordsJson(TypedDict):
    """A page of the records, newest first."""

    records: list[ListedRecordJson]
    total: Annotated[int, Doc("How many records there are that fit, on all pages.")]
    cursor: Cursor


class ProgressJson(TypedDict):
    """How far an audit is."""

    files_done: int
    files: Annotated[int | None, Doc("Null until they are counted.")]


class AuditJson(TypedDict):
    """An audit of an archive; once it is done, the record of the same id holds what was found."""

    id: str
    state: AuditState
    name: Annotated[str, Doc("What the archive is called.")]
    size: Annotated[int, Doc("Its bytes.")]
    project: Annotated[str | None, Doc("What decisions about its findings are kept under.")]
    path: Annotated[str | None, Doc("The path on the server, where no archive was sent.")]
    exclude: Annotated[list[str], Doc("Sources that were not searched.")]
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    progress: ProgressJson
    cancelling: Annotated[bool, Doc("It was asked to end and has not yet.")]
    reason: Annotated[str | None, Doc("Why it failed.")]
    verdict: Annotated[str | None, Doc("The strictest of all findings.")]
    totals: Annotated[dict[str, Any] | None, Doc("Counts of files and findings, as in the report.")]


class AuditsJson(TypedDict):
    """A page of the audits, newest first."""

    audits: list[AuditJson]
    cursor: Cursor
