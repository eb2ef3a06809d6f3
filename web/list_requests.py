"""What may be asked of the lists: records, sources, the files of a source, audits."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from attrib.answers import Action
from attrib.audits.store import AuditState
from attrib.licenses import Category
from attrib.record_search import RecordFilter
from attrib.records import RecordKind
from attrib.reports.formats import FORMATS
from index.matches import SearchStatus
from web.schemas import MOST_EXCLUDED, NO_CONTROL, Asked, ListRequest, Purl, SourceRequest, _one_line

Word = Annotated[str, Field(max_length=500, json_schema_extra={"pattern": NO_CONTROL}), AfterValidator(_one_line)]
Id = Annotated[str, Field(max_length=36, json_schema_extra={"pattern": NO_CONTROL}), AfterValidator(_one_line)]
Project = Annotated[
    str,
    Field(min_length=1, max_length=1_024, json_schema_extra={"pattern": NO_CONTROL, "examples": ["shop"]}),
    AfterValidator(_one_line),
]
Limit = Annotated[int, Field(ge=1, le=200)]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Ecosystem = Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9.+-]{0,63}$")]


def _as_a_day(text: Any) -> Any:
    """Refuse a number, which would be taken for seconds since 1970."""
    if not isinstance(text, str) or _DAY.fullmatch(text) is None:
        raise PydanticCustomError("day", "must be a day such as 2026-11-24")
    return text


# Strict dates are no texts once a validator of ours has seen them, so it alone is strict.
Day = Annotated[date, Field(strict=False), BeforeValidator(_as_a_day)]


def given(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a form that were filled in: one that is left empty does not matter."""
    return {name: value.strip() for name, value in fields.items() if value.strip()}


class RecordsRequest(Asked):
    """Which records: those that fit every field that is given, at most `limit` of them, after `cursor`."""

    q: Word = ""
    kind: RecordKind | None = None
    status: SearchStatus | None = None
    verdict: Action | None = None
    license: Word | None = None
    source: Purl | None = None
    since: Day | None = None
    until: Day | None = None
    limit: Limit = 50
    cursor: Id | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since is not None and self.until is not None and self.since > self.until:
            raise PydanticCustomError("days", "the first day must not be after the last one")
        return self

    @property
    def filter(self) -> RecordFilter:
        """The filter that this asks for."""
        return RecordFilter(
            q=self.q,
            kind=self.kind,
            status=None if self.status is None else self.status.value,
            verdict=None if self.verdict is None else self.verdict.value,
            license=self.license,
            source=self.source,
            since=self.since,
            until=self.until,
        )


class SourcesRequest(ListRequest):
    """Which sources: `ecosystem` is the type of a purl, `category` the kind of the licence."""

    category: Category | None = None
    ecosystem: Ecosystem | None = None


class SourcePageRequest(SourceRequest):
    """Which source of which collection, and which of its files: those after the path that is the cursor."""

    cursor: Annotated[str, Field(max_length=4_096)] | None = None


class AuditsRequest(Asked):
    """Which audits: those in a state, at most `limit` of them, after `cursor`."""

    state: AuditState | None = None
    limit: Limit = 50
    cursor: Id | None = None


class AuditUpload(Asked):
    """What is sent with an archive: sources that are not searched, such as the project's own, and its project.

    Decisions about its findings are kept under the project; without one it is called as the archive is.
    """

    project: Project | None = None
    exclude: tuple[Purl, ...] = Field((), max_length=MOST_EXCLUDED)


class ArchiveUpload(AuditUpload):
    """What is sent to be audited: the archive, as a file."""

    archive: Annotated[Any, WithJsonSchema({"contentMediaType": "application/octet-stream"})]


class ReportRequest(Asked):
    """How a report is written, and whether with the decisions of `then` or also with those made since."""

    format: Literal[tuple(FORMATS)] = "json"  # type: ignore[valid-type]
    decisions: Literal["then", "now"] = "then"
