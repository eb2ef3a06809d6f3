"""How the database answers the questions that are really asked: the plan of each, and how long it takes.

`python -m benchmarks.query_plans [--database-url URL] [--records N]` fills a database, SQLite's or an empty one of the
URL, asks through the classes that the service asks with, and prints what EXPLAIN says of every statement they send.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event, insert, text
from sqlalchemy.orm import DeclarativeBase

from attrib import database
from attrib.audits.store import AuditRow, AuditState, AuditStore
from attrib.claims import Claim, ClaimRow, ClaimStore
from attrib.record_search import RecordFilter, RecordSearch
from attrib.record_tables import RecordRow, RecordTermRow
from attrib.records import RecordKind, RecordStore
from index.collection import Collection
from index.queries import CatalogQueries
from index.tables import ContentRow, FileRow, SegmentRow, SourceRow

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 5_000
WIDTH = 116
FILES_A_SOURCE = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a database does for one statement of a question; `seconds` are those of the whole question."""

    question: str
    steps: tuple[str, ...]
    seconds: float


QUESTIONS: Mapping[str, Callable[[Engine], object]] = {
    "the newest records": lambda engine: RecordSearch(engine).page(RecordFilter()),
    "a page of records further down": lambda engine: RecordSearch(engine).page(RecordFilter(), cursor=_id(3_000)),
    "the blocked checks": lambda engine: RecordSearch(engine).page(
        RecordFilter(kind=RecordKind.CHECK, verdict="block")
    ),
    "the records of a day": lambda engine: RecordSearch(engine).page(
        RecordFilter(since=date(2026, 1, 3), until=date(2026, 1, 3))
    ),
    "the records of a source, any version": lambda engine: RecordSearch(engine).page(
        RecordFilter(source="pkg:pypi/package17")
    ),
    "the records of a rare licence": lambda engine: RecordSearch(engine).page(RecordFilter(license="License-7")),
    "the records of a fingerprint": lambda engine: RecordStore(engine).list(q=f"{11:064x}"),
    "one record": lambda engine: RecordStore(engine).get(_id(77)),
    "how many records, by what they are": lambda engine: RecordSearch(engine).counts(RecordFilter()),
    "how many records each day": lambda engine: RecordSearch(engine).by_day(BEGUN.date()),
    "the licences of all records": lambda engine: RecordSearch(engine).licenses(),
    "what is due to expire": lambda engine: RecordStore(engine).expire(BEGUN),
    "the newest audits": lambda engine: AuditStore(engine).page(),
    "the audits that wait": lambda engine: AuditStore(engine).queued(),
    "a claim": lambda engine: ClaimStore(engine).take(Claim("nobody", "key", "fingerprint")),
    "the files that hold a content": lambda engine: CatalogQueries(engine).files_of([_swhid(5), _swhid(6)]),
    "a page of sources": lambda engine: CatalogQueries(engine).sources(None, "pkg:pypi/package3@1 permissive", 50),
    "the files of a source": lambda engine: CatalogQueries(engine).files(
        "pkg:pypi/package3@1", Collection.PERMISSIVE, None, 50
    ),
}


def fill(engine: Engine, records: int) -> None:
    """Put so many records, a hundredth as many audits and claims, and a tenth as many indexed files into it."""
    for first in range(0, records, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, records))
        _insert(engine, RecordRow, (_record(number) for number in numbers))
        _insert(engine, RecordTermRow, (term for number in numbers for term in _terms(number)))
    few = range(records // 100)
    _insert(engine, AuditRow, (_audit(number) for number in few))
    _insert(engine, ClaimRow, (_claim(number) for number in few))
    _fill_catalogue(engine, records // 10)
    # As the autovacuum of a database in use does: it knows what is in it, and which pages an index alone tells of.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM (ANALYZE)"))


def plans(engine: Engine) -> Iterator[Plan]:
    """Ask every question once and yield the plan of each statement that it needs."""
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    for question, ask in QUESTIONS.items():
        with _statements(engine) as sent:
            begun = time.perf_counter()
            ask(engine)
            seconds = time.perf_counter() - begun
        for statement, parameters in sent:
            with engine.connect() as connection:
                rows = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
                yield Plan(question, tuple(str(row[-1]) for row in rows), seconds)


@contextmanager
def _statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "DELETE", "UPDATE", "WITH")) and not many:
            sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _insert(engine: Engine, table: type[DeclarativeBase], rows: Iterator[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        with engine.begin() as connection:
            connection.execute(insert(table), listed)


def _id(number: int) -> str:
    return str(UUID(int=(0x01900000 << 96) + (0x7 << 76) + (number << 16) + (0x2 << 62)))


def _swhid(number: int) -> str:
    return f"swh:1:cnt:{number:040x}"


def _record(number: int) -> dict[str, Any]:
    return {
        "id": _id(number),
        "kind": "check" if number % 5 else "generation",
        "created_at": BEGUN + timedelta(minutes=number),
        "status": "matched" if number % 3 else "clean",
        "verdict": "block" if number % 1000 == 1 else "attribute" if number % 3 else "allow",
        "index_revision": "1",
        "model": None,
        "request": {"path": f"folder/file{number}.py"},
        "answer": {"matches": [], "notice": "as long as an answer is " * 80},
        "terms": f"folder/file{number}.py",
        "code_hash": f"{number:064x}",
        "code": json.dumps(number).encode() * 100,
    }


def _terms(number: int) -> Iterator[dict[str, Any]]:
    terms = {"path": f"folder/file{number}.py"}
    if number % 3:
        terms["purl"] = f"pkg:pypi/package{number % 997}@{number % 7}"
        terms["license"] = f"License-{number % 53}"
    for field, value in terms.items():
        yield {"field": field, "value": value, "record_id": _id(number)}


def _audit(number: int) -> dict[str, Any]:
    waits = number % 100 == 0
    return {
        "id": _id(number),
        "state": (AuditState.QUEUED if waits else AuditState.DONE).value,
        "name": "tree.zip",
        "size": 1,
        "exclude": [],
        "created_at": BEGUN,
        "files_done": 1,
        "cancelling": False,
        "totals": {"files": number, "filling": "x" * 500},
    }


def _claim(number: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"caller": "somebody", "key": f"{number}", "fingerprint": "f", "created_at": now, "record_id": _id(number)}


def _fill_catalogue(engine: Engine, files: int) -> None:
    sources = range(max(files // FILES_A_SOURCE, 1))
    collection = Collection.PERMISSIVE
    segment = {"id": 1, "name": "a", "contents": files, "lexemes": 1, "bytes": 1, "added_at": BEGUN}
    _insert(engine, SegmentRow, iter([segment | {"collection": collection}]))
    _insert(engine, SourceRow, (_source(number) for number in sources))
    contents = (
        {"id": n, "swhid": _swhid(n), "segment_id": 1, "ordinal": n, "lexemes": 9, "bytes": 9, "collection": collection}
        for n in range(files)
    )
    _insert(engine, ContentRow, contents)
    held = (
        {
            "source_id": min(number // FILES_A_SOURCE, sources[-1]),
            "content_id": number,
            "path": f"a/file{number}.py",
            "license_expression": "MIT",
            "license_evidence": "said so",
            "copyright": [],
        }
        for number in range(files)
    )
    _insert(engine, FileRow, held)


def _source(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "purl": f"pkg:pypi/package{number}@1",
        "license_expression": "MIT",
        "license_evidence": "said so",
        "copyright": ["Copyright 2026 somebody"],
        "digest": "d",
        "files": FILES_A_SOURCE,
        "lexemes": 9,
        "left_out": [],
        "added_at": BEGUN,
        "collection": Collection.PERMISSIVE,
    }


def main() -> None:
    """Print the plans."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", help="an empty database; else SQLite in a folder that is deleted again")
    parser.add_argument("--records", type=int, default=100_000)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        url = given.database_url or f"sqlite:///{Path(folder) / 'attrib.db'}"
        database.upgrade(url)
        engine = database.open_database(url)
        fill(engine, given.records)
        asked = None
        for plan in plans(engine):
            if plan.question != asked:
                print(f"\n{plan.question}: {plan.seconds * 1000:.1f} ms")
                asked = plan.question
            print(*(f"    {step[:WIDTH]}" for step in plan.steps), sep="\n")
        engine.dispose()


if __name__ == "__main__":
    main()
