"""Stopping a real server: what runs is finished, what is new is refused, and there is an end to waiting."""

import http.client
import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from served import Served, SlowModel

WORDS = [f"value_{number} = {number}\n" for number in range(12)]


def _begin(served: Served) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """Ask for a stream, and return when the model has begun to write."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    body = json.dumps({"prompt": "import os\n", "stream": True, "max_new_tokens": 200})
    connection.request("POST", "/api/v1/generate", body, {"Content-Type": "application/json"})
    return connection, connection.getresponse()


def _wait_until_refused(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionError:
            return
        time.sleep(0.05)
    pytest.fail("connections are still taken")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stream_that_runs_is_finished_and_new_connections_are_refused(home: Path, told: int, workers: str) -> None:
    # The events wait for the hold-back, so the answer begins only near its end; the model has begun by then.
    with SlowModel(WORDS * 4, pause=0.04) as model:
        with Served(home, ["--workers", workers], {"ATTRIB_MODEL": model.name}) as served:
            connection, answer = _begin(served)
            assert model.writing.is_set()
            # As a terminal does for Ctrl+C: to every process of the group.
            os.killpg(served.process.pid, told) if told is signal.SIGINT else served.process.send_signal(told)
            _wait_until_refused(served.port)
            assert served.process.poll() is None
            events = answer.read().decode()
            connection.close()
            assert served.process.wait(timeout=20) == 0
        assert "value_11" in events
        assert "event: done" in events
        done = json.loads(events.rpartition("data: ")[2])
        with Served(home, (), {"ATTRIB_MODEL": model.name}) as again:
            record = again.ask("GET", f"/api/v1/records/{done['id']}").json
        assert record["answer"]["choices"][0]["finish_reason"] == "stop"


def test_what_takes_too_long_is_cut_short_and_recorded(home: Path) -> None:
    with SlowModel(WORDS * 400, pause=0.05) as model:
        settings = {"ATTRIB_STOP_SECONDS": "5", "ATTRIB_MODEL": model.name}
        with Served(home, (), settings) as served:
            connection, answer = _begin(served)
            begun = time.monotonic()
            served.process.send_signal(signal.SIGTERM)
            events = answer.read().decode()
            assert served.process.wait(timeout=20) == 0
            assert 3 < time.monotonic() - begun < 12
            connection.close()
        done = json.loads(events.rpartition("data: ")[2])
        with Served(home, (), settings) as again:
            (choice,) = again.ask("GET", f"/api/v1/records/{done['id']}").json["answer"]["choices"]
        assert choice["finish_reason"] == "cancelled"
        assert "value_3 = 3" in choice["code"]


def test_a_client_that_sends_no_more_holds_nobody_up_for_ever(home: Path) -> None:
    head = b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{"
    with (
        Served(home, (), {"ATTRIB_STOP_SECONDS": "2"}) as served,
        socket.create_connection(("127.0.0.1", served.port)) as connection,
    ):
        connection.sendall(head)
        time.sleep(0.3)
        begun = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(timeout=20) == 0
        assert time.monotonic() - begun < 10


def test_a_second_interrupt_does_not_wait(home: Path) -> None:
    with SlowModel(WORDS * 400, pause=0.05) as model, Served(home, (), {"ATTRIB_MODEL": model.name}) as served:
        connection, _ = _begin(served)
        begun = time.monotonic()
        for _ in range(2):
            os.killpg(served.process.pid, signal.SIGINT)
            time.sleep(1)
        served.process.wait(timeout=20)
        assert time.monotonic() - begun < 10
        connection.close()
