"""What PostgreSQL does otherwise than SQLite, and must not be noticed."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from attrib import database
from attrib.record_search import RecordFilter, RecordSearch
from attrib.records import RecordKind, RecordStore

pytestmark = pytest.mark.databases("postgresql")


def test_every_wait_has_a_limit_and_what_the_url_says_wins(engine: Engine) -> None:
    other = database.connect(str(engine.url.render_as_string(False)) + "&options=-c%20statement_timeout%3D7s")
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone")
    for asked, expected in ((engine, "1min"), (other, "7s")):
        with asked.connect() as connection:
            shown = [connection.execute(text(f"SHOW {name}")).scalar() for name in limits]
        assert shown == [expected, "30s", "5min", "UTC"]
    other.dispose()


def test_text_that_it_cannot_hold_is_kept_as_near_as_it_can(engine: Engine) -> None:
    store = RecordStore(engine)
    given = {"status": "clean", "verdict": "allow", "index_revision": "1", "answer": {}, "code": b"a\0b"}
    saved = store.save(RecordKind.CHECK, request={"path": "a\0\udce9.py"}, **given)
    assert store.get(saved.id).code == b"a\0b"
    assert store.get(saved.id).request == {"path": "a\0\udce9.py"}
    for asked in ("a\0", "a\ufffd"):
        assert [one.id for one in RecordSearch(engine).page(RecordFilter(q=asked)).records] == [saved.id]


def test_names_are_ordered_byte_by_byte_in_a_database_of_another_collation(engine: Engine) -> None:
    names = ["b", "_", "B", "a", "-a", "A"]
    with engine.begin() as connection:
        assert connection.execute(text("SELECT datcollate, daticulocale FROM pg_database LIMIT 1")).one() == ("C", "en")
        for name in names:
            connection.execute(text("INSERT INTO opt_outs VALUES (:name, '', now())"), {"name": name})
        found = connection.execute(text("SELECT pattern FROM opt_outs ORDER BY pattern")).scalars().all()
    assert found == sorted(names)


def test_many_processes_may_upgrade_it_at_once(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    command = [sys.executable, "-c", "import sys; from attrib import database; database.upgrade(sys.argv[1])", url]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in started] == [""] * 3
    database.open_database(url).dispose()
