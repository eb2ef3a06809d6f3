"""Idempotency-Key: the same request is done once, per caller, for a day; and no code is kept for it."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from flask.testing import FlaskClient
from recorded import CODE
from sqlalchemy import Engine, create_engine, update

from attrib.bootstrap import build_service
from attrib.claims import Claim, ClaimRow, ClaimStore, EarlierClaim
from web.app import create_app

pytestmark = pytest.mark.databases("sqlite", "postgresql")

CHECK = {"code": CODE.decode(), "path": "finder.py"}
GENERATE = {"prompt": "def find_up(start, name):\n", "max_new_tokens": 24}


@pytest.fixture
def asking(service, real_config) -> FlaskClient:
    return create_app(service, real_config).test_client()


def _post(client, path, body, key, **headers):
    return client.post(f"/api/v1/{path}", json=body, headers={"Idempotency-Key": key} | headers)


def _kind(response):
    return response.status_code, response.get_json()["type"].rsplit("/", 1)[1]


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


@pytest.mark.parametrize(("path", "body"), [("check", CHECK), ("generate", GENERATE)])
def test_the_same_request_is_answered_from_its_record(asking, key, path, body):
    first = _post(asking, path, body, key)
    again = _post(asking, path, body, key)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_json() == first.get_json()
    assert _post(asking, path, body, key + "x").get_json()["id"] != first.get_json()["id"]


def test_a_stream_is_streamed_again(asking, key):
    first = _post(asking, "generate", GENERATE | {"stream": True}, key).get_data(as_text=True)
    again = _post(asking, "generate", GENERATE | {"stream": True}, key)
    assert again.mimetype == "text/event-stream"

    def told(stream):
        events = [block.split("\n") for block in stream.strip().split("\n\n")]
        data = [(name.removeprefix("event: "), json.loads(line.removeprefix("data: "))) for name, line in events]
        text = "".join(one["text"] for name, one in data if name == "text")
        return text, [one for name, one in data if name in ("choice", "done")]

    assert told(again.get_data(as_text=True)) == told(first)


def test_another_request_under_the_same_key_is_refused(asking, key):
    _post(asking, "check", CHECK, key)
    assert _kind(_post(asking, "check", CHECK | {"path": "other.py"}, key)) == (422, "idempotency-key-reused")
    assert _kind(_post(asking, "generate", GENERATE, key)) == (422, "idempotency-key-reused")


def test_the_key_of_another_caller_is_another_key(asking, key):
    first = _post(asking, "check", CHECK, key, Authorization="Bearer one").get_json()
    second = _post(asking, "check", CHECK | {"path": None}, key, Authorization="Bearer two").get_json()
    assert first["id"] != second["id"]


def test_a_request_at_work_is_not_begun_again(service, real_config, key, monkeypatch):
    begun, go_on = Event(), Event()
    check = service.check

    def slow(*given, **named):
        begun.set()
        assert go_on.wait(20)
        return check(*given, **named)

    monkeypatch.setattr(service, "check", slow)
    app = create_app(service, real_config)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(_post, app.test_client(), "check", CHECK, key)
        assert begun.wait(20)
        meanwhile = _post(app.test_client(), "check", CHECK, key)
        go_on.set()
        assert _kind(meanwhile) == (409, "idempotency-in-progress")
        assert int(meanwhile.headers["Retry-After"]) > 0
        assert _post(app.test_client(), "check", CHECK, key).status_code in (200, 409)
        answer = first.result().get_json()
    assert _post(app.test_client(), "check", CHECK, key).get_json() == answer


def test_what_was_refused_may_be_sent_again(asking, key):
    assert _post(asking, "check", {"code": 1}, key).status_code == 422
    assert _post(asking, "check", CHECK, key).status_code == 200
    too_long = {"prompt": "x" * 150_000}
    assert [_kind(_post(asking, "generate", too_long, f"{key}g")) for _ in range(2)] == [(422, "not-generated")] * 2


@pytest.mark.parametrize("wrong", ["", "two words", "x" * 256, "tr\u00e8s"])
def test_what_is_no_key_is_refused_by_its_name(asking, wrong):
    refused = _post(asking, "check", CHECK, wrong)
    assert _kind(refused) == (422, "invalid-fields")
    assert refused.get_json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.fixture
def hashes_only(service, real_config, tmp_path) -> Iterator[FlaskClient]:
    """An application that keeps hashes only, over the same index."""
    config = replace(real_config, retention="hashes", database_url=real_config.database_url)
    with build_service(config) as keeping_hashes:
        yield create_app(keeping_hashes, config).test_client()


def test_where_no_code_is_kept_the_record_is_named_instead(hashes_only, real_config, key):
    marker = f"marker_{uuid.uuid4().hex}"
    body = {"code": CODE.decode().replace("current", marker), "path": "finder.py"}
    first = _post(hashes_only, "check", body, key).get_json()
    again = _post(hashes_only, "check", body, key)
    assert _kind(again) == (409, "idempotency-not-kept")
    assert first["id"] in again.get_json()["detail"]
    with create_engine(real_config.database_url).connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM claims").all()
    assert rows
    assert not any(marker in str(row) for row in rows)


CLAIM = Claim("caller", "key", "asked")


def test_a_key_is_forgotten_after_a_day_and_one_left_behind_after_an_hour(engine: Engine):
    store = ClaimStore(engine)

    def aged(hours: float) -> None:
        with engine.begin() as connection:
            then = datetime.now(UTC) - timedelta(hours=hours)
            connection.execute(update(ClaimRow).values(created_at=then))

    assert store.take(CLAIM) is None
    aged(0.9)
    assert store.take(CLAIM) == EarlierClaim(True, None)
    aged(1.1)
    assert store.take(CLAIM) is None
    store.answered(CLAIM, "record")
    aged(23.9)
    assert store.take(replace(CLAIM, fingerprint="other")) == EarlierClaim(False, "record")
    aged(24.1)
    assert store.take(CLAIM) is None
