"""What the API answers besides checks and generations, as types: sources, records, health, problems."""

from typing import Annotated, Any, NotRequired

from typing_extensions import Doc, TypedDict

from attrib.answer_json import CheckJson, OriginJson
from attrib.records import RecordKind
from index.collection import Collection

Cursor = Annotated[str | None, Doc("Give it back for the next page; null is the end.")]


class LeftOutJson(TypedDict):
    """A file that is not searched, and why."""

    path: str
    reason: str


class SourceJson(TypedDict):
    """A source of the index."""

    purl: Annotated[str, Doc("Package URL.")]
    collection: Collection
    url: str | None
    license: Annotated[str, Doc("SPDX expression.")]
    license_evidence: Annotated[str, Doc("Where the licence is stated.")]
    copyright: list[str]
    files: int
    lexemes: int
    added_at: Annotated[str | None, Doc("When it was added to the index.")]
    released: Annotated[str | None, Doc("Date of release, where it is known.")]
    left_out: list[LeftOutJson]


class SourcesJson(TypedDict):
    """A page of the sources, in the order of their purls."""

    sources: list[SourceJson]
    cursor: Cursor


class RecordJson(TypedDict):
    """What was asked and answered; of `retention = "hashes"` there are hashes where code was."""

    id: str
    kind: RecordKind
    created_at: Annotated[str, Doc("UTC, such as 2026-11-24T09:30:00.000Z.")]
    status: str
    verdict: str
    index_revision: str
    model: dict[str, Any] | None
    code_hash: Annotated[str | None, Doc("SHA-256 of the code.")]
    principal: Annotated[str | None, Doc("Whose key or login asked; null where nobody was asked who they are.")]
    request: Annotated[dict[str, Any], Doc("What was asked.")]
    answer: Annotated[dict[str, Any], Doc("What was answered, in the shape of its route.")]
    code: Annotated[str | None, Doc("The code that was checked, where it is kept.")]


class OriginsJson(TypedDict):
    """A page of all origins that a record keeps of one match, best first."""

    origins: list[OriginJson]
    origins_total: int
    cursor: Cursor


class HealthJson(TypedDict):
    """The process answers."""

    status: str
    version: str


class HeldJson(TypedDict):
    """How much the index holds."""

    sources: int
    files: int
    lexemes: int


class PartJson(TypedDict):
    """Whether a part of the service can do its work."""

    ok: bool
    reason: Annotated[str | None, Doc("What is wrong, or how it stands.")]


Parts = Annotated[dict[str, PartJson], Doc("Database, index and model, each by its name.")]


class ReadyJson(HealthJson):
    """Every part of the service can do its work."""

    index: HeldJson
    parts: Parts


class WrongFieldJson(TypedDict):
    """A field that is wrong."""

    field: Annotated[str, Doc("Its name, or a dotted path such as exclude.1.")]
    pointer: Annotated[str, Doc("The same as a JSON pointer (RFC 6901).")]
    detail: str


class ProblemJson(TypedDict):
    """Why a request was refused (RFC 9457)."""

    type: Annotated[str, Doc("Stable; the address of a page that explains it.")]
    title: str
    status: int
    detail: Annotated[str, Doc("What is wrong this time, in one sentence.")]
    mend: Annotated[str, Doc("What to do about it.")]
    request_id: Annotated[str, Doc("That of the X-Request-Id header.")]
    errors: NotRequired[Annotated[list[WrongFieldJson], Doc("Every field that is wrong.")]]
    parts: NotRequired[Parts]


class BatchAnswerJson(TypedDict):
    """The answer to one line of a batch: a check, or the problem that this line has."""

    line: Annotated[int, Doc("Its number, from 1; empty lines are counted and not answered.")]
    id: Annotated[str | int | None, Doc("The id that the line gave.")]
    check: CheckJson | None
    problem: ProblemJson | None
