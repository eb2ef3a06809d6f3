"""A check that took too long, or found no place, over HTTP: a problem that says so, and no record of an answer."""

import json
import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from attrib.bootstrap import build_service
from attrib.check_gate import LONG_BYTES, CheckGate
from attrib.config import Config
from attrib.service import Service
from web.app import create_app

CODE = "def total(prices):\n    return sum(price.amount for price in prices if price.counts)\n" * 20


@pytest.fixture
def hurried(service: Service, real_config: Config) -> Iterator[Service]:
    """A service over the same index that gives a check no time at all."""
    with build_service(real_config, gate=CheckGate(1, 1e-6)) as built:
        yield built


@pytest.fixture
def client(hurried: Service, real_config: Config) -> FlaskClient:
    """A client of that service."""
    return create_app(hurried, real_config).test_client()


@pytest.mark.parametrize("code", [CODE, CODE * (LONG_BYTES // len(CODE) + 1)])
def test_a_check_that_takes_too_long_is_no_clean_one(client: FlaskClient, hurried: Service, code: str) -> None:
    before = hurried.records().records
    answer = client.post("/api/v1/check", json={"code": code})
    assert (answer.status_code, answer.get_json()["type"]) == (504, "/problems/check-timeout")
    assert "nothing is known of the code" in answer.get_json()["detail"]
    assert hurried.records().records == before


def test_the_form_says_it_as_a_page(client: FlaskClient) -> None:
    page = client.post("/check", data={"code": CODE})
    assert page.status_code == 504
    assert "The check took too long" in page.text


def test_each_line_of_a_batch_has_its_own_time(client: FlaskClient) -> None:
    lines = b'{"code": "a = 1", "id": 1}\n{"code": "a = 1", "id": 2}\n'
    answer = client.post("/api/v1/check/batch", data=lines, content_type="application/x-ndjson")
    problems = [json.loads(line)["problem"]["type"] for line in answer.text.splitlines()]
    assert problems == ["/problems/check-timeout"] * 2


def test_a_check_whose_turn_does_not_come_is_told_when_to_ask_again(service: Service, real_config: Config) -> None:
    gate, begun, let_go = CheckGate(1, 0.05), threading.Event(), threading.Event()
    with build_service(real_config, gate=gate) as built:
        client = create_app(built, real_config).test_client()
        holding = threading.Thread(target=_hold, args=(gate, begun, let_go))
        holding.start()
        assert begun.wait(10)
        answer = client.post("/api/v1/check", json={"code": CODE})
        let_go.set()
        holding.join()
        assert (answer.status_code, answer.get_json()["type"]) == (503, "/problems/too-busy")
        assert answer.headers["Retry-After"] == "1"
        assert client.post("/api/v1/check", json={"code": "a = 1"}).status_code == 200


def _hold(gate: CheckGate, begun: threading.Event, let_go: threading.Event) -> None:
    def check() -> None:
        begun.set()
        assert let_go.wait(10)

    with pytest.raises(Exception, match="seconds"):
        gate.through(1, check)
