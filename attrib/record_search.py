"""Finds records by what is known of them, and counts them: the lists and charts that people look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select

from attrib.record_tables import RecordRow, RecordTermRow
from attrib.record_terms import TermField
from attrib.records import RecordKind, names_record
from index.purls import source_name
from index.snapshots import of_one_moment

_Columns = TypeVarTuple("_Columns")
_VERSIONED = ("@", "?", "#", "/")


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records are meant; what is None or empty does not matter.

    `q` is looked for in paths, sources and licences, or is a record's id or the hash of its code. `license` is a whole
    expression; `source` a purl, with or without its version, or a beginning that ends in `*`. `since` and `until` are
    the first and the last day, in UTC.
    """

    q: str = ""
    kind: RecordKind | None = None
    status: str | None = None
    verdict: str | None = None
    license: str | None = None
    source: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A record as a list shows it; `path` is what was checked, sources and licences are those of the best origins."""

    id: str
    kind: RecordKind
    created_at: datetime
    status: str
    verdict: str
    index_revision: str
    model: Mapping[str, Any] | None
    code_hash: str | None
    path: str | None
    sources: tuple[str, ...]
    licenses: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the record as an element of the API's list."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "created_at": self.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "status": self.status,
            "verdict": self.verdict,
            "index_revision": self.index_revision,
            "model": None if self.model is None else dict(self.model),
            "code_hash": self.code_hash,
            "path": self.path,
            "sources": list(self.sources),
            "licenses": list(self.licenses),
        }


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Some records, newest first, and the cursor of the page after them; None at the end."""

    records: tuple[ListedRecord, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """How many records a filter leaves, in all and by what they are."""

    total: int
    kinds: Mapping[str, int]
    statuses: Mapping[str, int]
    verdicts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many records of one status and verdict were made on a day, in UTC."""

    day: date
    status: str
    verdict: str
    records: int


class RecordSearch:
    """Reads the records of one database; it reads neither answers nor code."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = of_one_moment(engine)

    def page(self, wanted: RecordFilter, limit: int = 50, cursor: str | None = None) -> ListedPage:
        """Return up to `limit` records, newest first, after the one whose id is the cursor."""
        ids = _filtered(select(RecordRow.id), wanted).order_by(RecordRow.id.desc()).limit(limit + 1)
        if cursor is not None:
            ids = ids.where(RecordRow.id < cursor)
        with self._reading.connect() as connection:
            found = connection.scalars(ids).all()
            shown = found[:limit]
            rows = connection.execute(select(*_SHOWN).where(RecordRow.id.in_(shown)).order_by(RecordRow.id.desc()))
            listed = rows.all()
            terms = connection.execute(
                select(RecordTermRow.record_id, RecordTermRow.field, RecordTermRow.value)
                .where(RecordTermRow.record_id.in_(shown))
                .order_by(RecordTermRow.value)
            ).all()
        named: dict[tuple[str, str], list[str]] = {}
        for term in terms:
            named.setdefault((term.record_id, term.field), []).append(term.value)
        return ListedPage(tuple(_listed(row, named) for row in listed), shown[-1] if len(found) > limit else None)

    def counts(self, wanted: RecordFilter) -> RecordCounts:
        """Return how many records the filter leaves, in one pass."""
        columns = (RecordRow.kind, RecordRow.status, RecordRow.verdict)
        query = _filtered(select(*columns, func.count()), wanted).group_by(*columns)
        kinds: dict[str, int] = {}
        statuses: dict[str, int] = {}
        verdicts: dict[str, int] = {}
        total = 0
        with self._reading.connect() as connection:
            for kind, status, verdict, count in connection.execute(query):
                total += count
                kinds[kind] = kinds.get(kind, 0) + count
                statuses[status] = statuses.get(status, 0) + count
                verdicts[verdict] = verdicts.get(verdict, 0) + count
        return RecordCounts(total, kinds, statuses, verdicts)

    def licenses(self, most: int = 100) -> list[tuple[str, int]]:
        """Return the licences of what was found, each with how many records it is in, the commonest first."""
        records = func.count().label("records")
        query = (
            select(RecordTermRow.value, records)
            .where(RecordTermRow.field == TermField.LICENSE.value)
            .group_by(RecordTermRow.value)
            .order_by(records.desc(), RecordTermRow.value)
            .limit(most)
        )
        with self._reading.connect() as connection:
            return [(row.value, row.records) for row in connection.execute(query)]

    def by_day(self, since: date) -> list[DayCount]:
        """Return how many records each day had from `since` on, by status and verdict, the earliest first."""
        day = _utc_day(self.engine.dialect.name).label("day")
        columns = (day, RecordRow.status, RecordRow.verdict)
        query = _filtered(select(*columns, func.count()), RecordFilter(since=since)).group_by(*columns)
        with self._reading.connect() as connection:
            return [
                DayCount(made if isinstance(made, date) else date.fromisoformat(made), status, verdict, count)
                for made, status, verdict, count in connection.execute(query.order_by(day))
            ]


_SHOWN = (
    RecordRow.id,
    RecordRow.kind,
    RecordRow.created_at,
    RecordRow.status,
    RecordRow.verdict,
    RecordRow.index_revision,
    RecordRow.model,
    RecordRow.code_hash,
)


def _filtered(query: Select[*_Columns], wanted: RecordFilter) -> Select[*_Columns]:
    if wanted.kind is not None:
        query = query.where(RecordRow.kind == wanted.kind.value)
    if wanted.status is not None:
        query = query.where(RecordRow.status == wanted.status)
    if wanted.verdict is not None:
        query = query.where(RecordRow.verdict == wanted.verdict)
    if wanted.since is not None:
        query = query.where(RecordRow.created_at >= _midnight(wanted.since))
    if wanted.until is not None:
        query = query.where(RecordRow.created_at < _midnight(wanted.until) + timedelta(days=1))
    if wanted.license is not None:
        query = query.where(_has(TermField.LICENSE, RecordTermRow.value == wanted.license))
    if wanted.source is not None:
        query = query.where(_has(TermField.SOURCE, _covered(wanted.source)))
    if names_record(wanted.q):
        query = query.where(or_(RecordRow.id == wanted.q, RecordRow.code_hash == wanted.q))
    elif wanted.q:
        named = select(RecordTermRow.record_id).where(RecordTermRow.value.icontains(wanted.q, autoescape=True))
        query = query.where(RecordRow.id.in_(named))
    return query


def _has(field: TermField, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return RecordRow.id.in_(select(RecordTermRow.record_id).where(RecordTermRow.field == field.value, condition))


def _covered(pattern: str) -> ColumnElement[bool]:
    """Return the condition that `index.purls.covers` is in Python."""
    value = RecordTermRow.value
    if pattern.endswith(("*", "/", ":", "@")):
        return value.startswith(pattern.removesuffix("*"), autoescape=True)
    if source_name(pattern) != pattern:
        return value == pattern
    return or_(value == pattern, *(value.startswith(pattern + sign, autoescape=True) for sign in _VERSIONED))


def _listed(row: Any, named: Mapping[tuple[str, str], Sequence[str]]) -> ListedRecord:
    return ListedRecord(
        id=row.id,
        kind=RecordKind(row.kind),
        created_at=row.created_at,
        status=row.status,
        verdict=row.verdict,
        index_revision=row.index_revision,
        model=row.model,
        code_hash=row.code_hash,
        path=next(iter(named.get((row.id, TermField.PATH), ())), None),
        sources=tuple(named.get((row.id, TermField.SOURCE), ())),
        licenses=tuple(named.get((row.id, TermField.LICENSE), ())),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _utc_day(dialect: str) -> ColumnElement[Any]:
    """Return the day of a record in UTC; SQLite stores moments in UTC, PostgreSQL shows them in the session's zone."""
    made = RecordRow.created_at if dialect == "sqlite" else func.timezone("UTC", RecordRow.created_at)
    return func.date(made)
