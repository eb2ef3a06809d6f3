"""Records: stored whole and durably, found again, and free of code where only hashes are kept."""

import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError

from attrib import database, records
from attrib.config import Config
from attrib.errors import DeletedRecord, NoSuchRecord
from attrib.records import Record, RecordKind, RecordStore, new_record_id
from attrib.redaction import code_sha256, without_code
from tests.services.stored import everything_stored

pytestmark = pytest.mark.databases("sqlite", "postgresql")

MARKER = "zyzzyva_marker"


def save(store: RecordStore, **changes: Any) -> Record:
    values: dict[str, Any] = {
        "status": "clean",
        "verdict": "allow",
        "index_revision": "7",
        "request": {"path": "a.py"},
        "answer": {"matches": []},
        "code": b"x = 1\n",
    } | changes
    return store.save(values.pop("kind", RecordKind.CHECK), **values)


def test_a_record_comes_back_as_it_was_saved(engine: Engine) -> None:
    saved = save(
        RecordStore(engine), code=b"\xff\x00 \xe2\x82\xac", model={"name": "embedded"}, answer={"é": [1, None]}
    )
    found = RecordStore(engine).get(saved.id)
    assert found == saved
    assert found.code_hash == code_sha256(b"\xff\x00 \xe2\x82\xac")
    assert abs(datetime.now(UTC) - found.created_at) < timedelta(seconds=20)
    json.dumps(found.as_json())


def test_an_id_that_the_answer_already_carries_is_kept(engine: Engine) -> None:
    record_id = new_record_id()
    assert save(RecordStore(engine), record_id=record_id).id == record_id


def test_a_path_that_is_not_utf8_is_stored_and_given_back(engine: Engine) -> None:
    saved = save(RecordStore(engine), request={"path": "caf\udce9.py"})
    assert RecordStore(engine).get(saved.id).request == {"path": "caf\udce9.py"}
    assert [record.id for record in RecordStore(engine).list(q="caf").records] == [saved.id]


def test_an_unknown_id_is_told(engine: Engine) -> None:
    with pytest.raises(NoSuchRecord, match="no record 'nowhere' is stored"):
        RecordStore(engine).get("nowhere")


def test_ids_are_uuids_of_version_7_that_sort_by_time() -> None:
    first = new_record_id()
    time.sleep(0.002)
    second = new_record_id()
    assert first < second
    assert (first[14], first[19] in "89ab") == ("7", True)
    assert len({new_record_id() for _ in range(1000)}) == 1000


def test_paging_reaches_every_record_once_newest_first(engine: Engine) -> None:
    store = RecordStore(engine)
    ids = {save(store).id for _ in range(7)}
    seen: list[str] = []
    cursor = None
    while True:
        page = store.list(limit=3, cursor=cursor)
        seen += [record.id for record in page.records]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == sorted(ids, reverse=True)


def test_records_are_found_by_kind_verdict_and_what_they_name(engine: Engine) -> None:
    store = RecordStore(engine)
    origin = {"purl": "pkg:pypi/click@8.5.1", "license": "BSD-3-Clause", "path": "click/100%.py"}
    matched = save(store, verdict="attribute", answer={"matches": [{"origins": [origin]}]}, code=b"other")
    generated = save(store, kind=RecordKind.GENERATION, code=None)
    assert [record.id for record in store.list(verdict="attribute").records] == [matched.id]
    assert [record.id for record in store.list(kind=RecordKind.GENERATION).records] == [generated.id]
    for q in ("PYPI/click", "bsd-3", "100%.py", "%", matched.id, code_sha256(b"other")):
        assert [record.id for record in store.list(q=q).records] == [matched.id]
    for q in ("_", "click%py", "other"):
        assert store.list(q=q).records == ()


def test_what_is_saved_is_there_for_another_process_at_once(engine: Engine, config: Config) -> None:
    saved = save(RecordStore(engine))
    other = database.connect(config.database_url)
    with other.connect() as connection:
        assert connection.execute(text("SELECT id FROM records")).scalars().all() == [saved.id]
    other.dispose()


json_values = st.recursive(
    st.none() | st.integers() | st.just(MARKER),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["prompt", "code_with_attribution", "stop", "seed"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=json_values)
def test_no_field_of_code_survives_hashing(value: Any) -> None:
    hashed = without_code({"prompt": value, "choices": [{"code": value}], "messages": [{"content": value}]})
    assert MARKER not in json.dumps(hashed)


def test_under_hashes_no_byte_of_code_reaches_the_disk(engine: Engine, config: Config) -> None:
    code = f"def {MARKER}(): pass"
    answer = {"choices": [{"code": code, "code_with_attribution": code, "check": {"verdict": "allow"}}]}
    store = RecordStore(engine, "hashes")
    saved = save(store, code=code.encode(), request={"prompt": code, "suffix": code, "seed": 3}, answer=answer)
    found = store.get(saved.id)
    assert found.code is None
    assert found.code_hash == code_sha256(code.encode())
    assert found.request == {
        "prompt": f"sha256:{found.code_hash}",
        "suffix": f"sha256:{found.code_hash}",
        "seed": 3,
    }
    assert found.answer["choices"][0]["check"] == {"verdict": "allow"}
    stored = everything_stored(engine, config.home)
    assert saved.id.encode() in stored
    assert MARKER.encode() not in stored


def test_under_full_the_code_is_kept(engine: Engine, config: Config) -> None:
    save(RecordStore(engine, "full"), code=MARKER.encode())
    assert MARKER.encode() in everything_stored(engine, config.home)


# Longer than a page, so that it also lies in pages of its own.
LONG_CODE = (f"{MARKER} = 1\n" * 2_000).encode()


def test_a_deleted_record_is_gone_from_the_disk_and_is_told_of(engine: Engine, config: Config) -> None:
    store = RecordStore(engine)
    saved = save(store, code=LONG_CODE, request={"prompt": MARKER})
    kept = save(store)
    assert MARKER.encode() in everything_stored(engine, config.home)
    store.delete(saved.id)
    assert MARKER.encode() not in everything_stored(engine, config.home)
    for look in (store.get, store.delete):
        with pytest.raises(DeletedRecord, match=f"{saved.id} was deleted on 20"):
            look(saved.id)
    assert [record.id for record in store.list().records] == [kept.id]
    with pytest.raises(NoSuchRecord):
        store.delete("nowhere")


@pytest.mark.databases("sqlite")
def test_what_is_deleted_while_somebody_reads_is_gone_from_the_disk_the_next_time(
    engine: Engine, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "ERASING_TIMEOUT_MS", 10)
    store = RecordStore(engine)
    saved = save(store, code=LONG_CODE)
    reader = sqlite3.connect(config.home / "attrib.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM records").fetchone()
    store.delete(saved.id)
    reader.close()
    assert store.expire(datetime.now(UTC) - timedelta(days=1)) == 0
    assert MARKER.encode() not in everything_stored(engine, config.home)


def test_records_expire_by_their_age_however_many(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "DELETED_AT_ONCE", 3)
    store = RecordStore(engine)
    old = [save(store).id for _ in range(8)]
    time.sleep(0.002)
    moment = datetime.now(UTC)
    new = save(store).id
    assert store.expire(moment) == len(old)
    assert [record.id for record in store.list().records] == [new]
    assert store.expire(moment) == 0
    with pytest.raises(DeletedRecord):
        store.get(old[4])


def test_two_that_expire_at_once_delete_every_record_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "DELETED_AT_ONCE", 2)
    store = RecordStore(engine)
    for _ in range(20):
        save(store)
    with ThreadPoolExecutor(4) as pool:
        counts = pool.map(lambda _: store.expire(datetime.now(UTC) + timedelta(days=1)), range(4))
    assert sum(counts) == 20


def test_records_saved_at_the_same_time_share_transactions(engine: Engine) -> None:
    commits = []
    event.listen(engine, "commit", commits.append)
    # The first to write waits until all the others are there.
    everybody = threading.Semaphore(0)
    event.listen(engine, "begin", lambda connection: everybody.acquire(timeout=5))
    store = RecordStore(engine)
    with ThreadPoolExecutor(16) as pool:
        saved = [pool.submit(save, store) for _ in range(16)]
        while len(store._rows._queue) < 15:
            time.sleep(0.001)
        everybody.release(100)
        ids = {one.result().id for one in saved}
    assert len(commits) == 2
    assert {record.id for record in store.list().records} == ids


def test_a_record_that_cannot_be_stored_fails_alone(engine: Engine) -> None:
    store = RecordStore(engine)
    taken = save(store).id
    begun = threading.Semaphore(0)
    event.listen(engine, "begin", lambda connection: begun.acquire(timeout=5))
    with ThreadPoolExecutor(3) as pool:
        fine = [pool.submit(save, store)]
        while not store._rows._somebody_writes or store._rows._queue:
            time.sleep(0.001)
        twice = pool.submit(save, store, record_id=taken)
        fine.append(pool.submit(save, store))
        while len(store._rows._queue) < 2:
            time.sleep(0.001)
        begun.release(100)
        with pytest.raises(IntegrityError) as failure:
            twice.result()
        ids = {one.result().id for one in fine}
    assert {record.id for record in store.list().records} == {taken, *ids}
    assert "x = 1" not in str(failure.value)


def test_many_that_save_at_once_all_store_what_they_were_told_is_stored(engine: Engine) -> None:
    store = RecordStore(engine)
    with ThreadPoolExecutor(12) as pool:
        ids = {one.id for one in pool.map(lambda _: save(store), range(300))}
    stored = {record.id for record in store.list(limit=400).records}
    assert len(ids) == 300
    assert stored == ids
