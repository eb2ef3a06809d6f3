"""Records: stored whole and durably, found again, and free of code where only hashes are kept."""

import json
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from attrib.config import Config
from attrib.errors import NoSuchRecord
from attrib.records import Record, RecordKind, RecordStore, code_sha256, new_record_id

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


def test_what_is_saved_outlives_the_process_at_once(engine: Engine, config: Config) -> None:
    saved = save(RecordStore(engine))
    other = sqlite3.connect(config.home / "attrib.db")
    assert other.execute("SELECT id FROM records").fetchall() == [(saved.id,)]
    other.close()


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
    from attrib import records

    hashed = records._hashed({"prompt": value, "choices": [{"code": value}], "messages": [{"content": value}]})
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
    stored = [path for path in Path(config.home).rglob("*") if path.is_file()]
    assert any(path.name == "attrib.db" for path in stored)
    assert not [path for path in stored if MARKER.encode() in path.read_bytes()]


def test_under_full_the_code_is_kept(engine: Engine, config: Config) -> None:
    save(RecordStore(engine, "full"), code=MARKER.encode())
    assert any(MARKER.encode() in path.read_bytes() for path in Path(config.home).rglob("*") if path.is_file())
