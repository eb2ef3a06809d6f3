"""Records in lists: every one exactly once however many are added meanwhile, and counts that say what lists show."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text, update

from attrib import database
from attrib.record_search import RecordFilter, RecordSearch
from attrib.records import RecordKind, RecordRow, RecordStore
from index.purls import covers

pytestmark = pytest.mark.databases("sqlite", "postgresql")

VERDICTS = ("allow", "attribute", "review", "block")
SOURCES = ("pkg:pypi/flask@3.1", "pkg:pypi/flask-login@1", "pkg:npm/chalk@5", "pkg:npm/%40a/b_c@1")
PATTERNS = ("pkg:pypi/flask", "pkg:npm/*", "pkg:npm/", "pkg:pypi/flask@3.1", "pkg:npm/%40a/b_c", "pkg:npm/%40a/bxc")


def save(engine: Engine, **changes: Any) -> str:
    sources = changes.pop("sources", ())
    origins = [[{"purl": purl, "license": license, "path": "a.py"}] for purl, license in sources]
    values: dict[str, Any] = {
        "status": "matched" if sources else "clean",
        "verdict": "allow",
        "index_revision": "1",
        "request": {"path": changes.pop("path", None)},
        "answer": {"matches": [{"origins": one} for one in origins]},
        "code": b"x",
    } | changes
    return RecordStore(engine).save(values.pop("kind", RecordKind.CHECK), **values).id


def paged(search: RecordSearch, wanted: RecordFilter, limit: int, between: Any = lambda: None) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = search.page(wanted, limit, cursor)
        seen += [record.id for record in page.records]
        cursor = page.cursor
        if cursor is None:
            return seen
        between()


steps = st.lists(st.tuples(st.sampled_from(VERDICTS), st.sampled_from(SOURCES)), min_size=1, max_size=14)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=steps, during=steps, limit=st.integers(1, 5), verdict=st.none() | st.sampled_from(VERDICTS))
def test_paging_gives_every_record_once_while_others_are_added(
    new_database: Callable[[], str], before: Any, during: Any, limit: int, verdict: str | None
) -> None:
    engine = database.open_database(new_database())
    try:
        search = RecordSearch(engine)
        made = {save(engine, verdict=one, sources=[(purl, "MIT")]): one for one, purl in before}
        more = iter(during)

        def add_one() -> None:
            one = next(more, None)
            if one is not None:
                save(engine, verdict=one[0], sources=[(one[1], "MIT")])

        wanted = {id for id, one in made.items() if verdict in (None, one)}
        seen = paged(search, RecordFilter(verdict=verdict), limit, add_one)
        assert len(seen) == len(set(seen))
        assert wanted <= set(seen)
        assert seen == sorted(seen, reverse=True)
    finally:
        engine.dispose()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=steps, wanted_verdict=st.none() | st.sampled_from(VERDICTS), source=st.none() | st.sampled_from(PATTERNS))
def test_counts_are_those_of_the_list(
    new_database: Callable[[], str], made: Any, wanted_verdict: str | None, source: str | None
) -> None:
    engine = database.open_database(new_database())
    try:
        for verdict, purl in made:
            save(engine, verdict=verdict, sources=[(purl, "MIT")])
        search = RecordSearch(engine)
        wanted = RecordFilter(verdict=wanted_verdict, source=source)
        fitting = [
            verdict
            for verdict, purl in made
            if wanted_verdict in (None, verdict) and (source is None or covers(source, purl))
        ]
        counts = search.counts(wanted)
        assert counts.total == len(paged(search, wanted, 3)) == len(fitting)
        assert counts.verdicts == Counter(fitting)
    finally:
        engine.dispose()


def test_days_are_counted_in_utc(engine: Engine) -> None:
    moments = [datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 2, 0, 0, tzinfo=UTC),
               datetime(2026, 11, 2, 23, 0, tzinfo=UTC) + timedelta(minutes=59)]  # fmt: skip
    for moment in moments:
        id = save(engine, verdict="block", sources=[(SOURCES[0], "MIT")])
        with engine.begin() as connection:
            connection.execute(update(RecordRow).where(RecordRow.id == id).values(created_at=moment))
    search = RecordSearch(engine)
    days = [(one.day, one.verdict, one.records) for one in search.by_day(date(2026, 11, 1))]
    assert days == [(date(2026, 11, 1), "block", 1), (date(2026, 11, 2), "block", 2)]
    assert search.counts(RecordFilter(since=date(2026, 11, 2), until=date(2026, 11, 2))).total == 2


def test_deleting_a_record_takes_its_terms_along(engine: Engine) -> None:
    id = save(engine, path="a.py", sources=[(SOURCES[0], "MIT")])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM records WHERE id = :id"), {"id": id})
        assert connection.execute(text("SELECT count(*) FROM record_terms")).scalar() == 0


def test_records_from_before_are_found_after_the_migration(new_database: Callable[[], str]) -> None:
    url = new_database()
    engine = database.open_database(url)
    id = save(engine, path="old/a.py", sources=[(SOURCES[0], "MIT")])
    engine.dispose()
    database.downgrade(url, "0005")
    database.upgrade(url)
    engine = database.open_database(url)
    (found,) = RecordSearch(engine).page(RecordFilter(q="old/")).records
    assert (found.id, found.path, found.sources, found.licenses) == (id, "old/a.py", (SOURCES[0],), ("MIT",))
    assert RecordSearch(engine).licenses() == [("MIT", 1)]
    engine.dispose()


@pytest.mark.databases("sqlite")
def test_lists_never_read_answers(engine: Engine) -> None:
    save(engine)
    wanted = RecordFilter(verdict="block", kind=RecordKind.CHECK)
    query = "SELECT id FROM records WHERE kind = 'check' AND verdict = 'block' ORDER BY id DESC LIMIT 5"
    with engine.connect() as connection:
        steps = [row[-1] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert any("COVERING INDEX ix_records_listed" in step for step in steps), steps
    assert RecordSearch(engine).page(wanted).records == ()


@pytest.mark.parametrize("q", ["50%", "a_b", "\\"])
def test_signs_of_patterns_are_looked_for_as_they_are(engine: Engine, q: str) -> None:
    id = save(engine, path=f"x/{q}.py")
    save(engine, path="x/50 or aXb.py")
    assert [record.id for record in RecordSearch(engine).page(RecordFilter(q=q)).records] == [id]
