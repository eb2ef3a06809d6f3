"""A real server as whoever operates it sees it: alive, ready, counted, logged, restarted, expiring."""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from served import Served, SlowModel

from attrib import database
from tests.web.recorded import CODE

CHECK = {"code": CODE.decode(), "path": "finder.py"}
WORDS = [f"value_{number} = {number}\n" for number in range(60)]


def _numbers(served: Served) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = served.ask("GET", "/metrics").body.decode()
    families = text_string_to_metric_families(text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def _number(served: Served, name: str, **labels: str) -> float | None:
    return _numbers(served).get((name, frozenset(labels.items())))


def test_it_is_ready_part_by_part(home: Path) -> None:
    with SlowModel(WORDS) as model, Served(home, (), {"ATTRIB_MODEL": model.name}) as served:
        ready = served.ask("GET", "/readyz")
        assert ready.status == 200
        assert {name: part["ok"] for name, part in ready.json["parts"].items()} == {
            "database": True,
            "index": True,
            "model": True,
        }
        assert ready.json["parts"]["model"]["reason"] == "behind a server"
        served.send("/api/v1/generate", {"prompt": "import os\n", "max_new_tokens": 20})
        assert served.ask("GET", "/readyz").json["parts"]["model"]["reason"] == "loaded"
        # As after `attrib db downgrade` by hand, or under a newer version.
        database.downgrade(f"sqlite:///{home / 'attrib.db'}", "0004")
        refused = served.ask("GET", "/readyz")
        assert (refused.status, refused.headers["content-type"]) == (503, "application/problem+json")
        assert [name for name, part in refused.json["parts"].items() if not part["ok"]] == ["database"]
        assert "run `attrib db upgrade`" in refused.json["parts"]["database"]["reason"]
        assert served.ask("GET", "/healthz").status == 200


def test_an_empty_index_and_a_model_that_is_not_there_are_not_ready(tmp_path: Path) -> None:
    with Served(tmp_path / "home", (), {"ATTRIB_MODEL": "no such model"}) as served:
        refused = served.ask("GET", "/readyz")
        assert refused.status == 503
        assert {name: part["ok"] for name, part in refused.json["parts"].items()} == {
            "database": True,
            "index": False,
            "model": False,
        }
        assert "no such model" in refused.json["detail"]
        assert served.ask("GET", "/metrics").status == 200


def test_what_all_workers_did_is_counted_together_and_survives_one_of_them(home: Path) -> None:
    with SlowModel(WORDS) as model, Served(home, ["--workers", "2"], {"ATTRIB_MODEL": model.name}) as served:
        for _ in range(20):
            assert served.send("/api/v1/check", CHECK).status == 200
        served.ask("GET", "/records/secret-word?q=secret-word")
        served.ask("SECRETWORD", "/secret-word")
        stream = {"prompt": "import os\n", "stream": True, "max_new_tokens": 200}
        assert served.send("/api/v1/generate", stream).body.endswith(b"\n\n")
        checks = {"method": "POST", "route": "/api/v1/check", "status": "200"}
        assert _number(served, "attrib_http_requests_total", **checks) == 20
        assert _number(served, "attrib_http_requests_total", method="other", route="unmatched", status="404") in (
            1,
            None,
        )
        assert _number(served, "attrib_check_seconds_count") == 20
        assert _number(served, "attrib_checks_total", status="matched", verdict="attribute") == 20
        assert _number(served, "attrib_matches_total", license="MIT", verdict="attribute") == 20
        assert _number(served, "attrib_generation_seconds_count") == 1
        assert _number(served, "attrib_hold_back_seconds_count") >= 1
        assert _number(served, "attrib_generations_waiting") == 0
        assert _number(served, "attrib_index_sources") == 1
        # The one that counts is itself at work.
        assert _number(served, "attrib_http_requests_in_flight") == 1
        assert "secret" not in served.ask("GET", "/metrics").body.decode().lower()
        before = served.workers()
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        _until(lambda: len(served.workers()) == 2 and before[0] not in served.workers())
        assert served.send("/api/v1/check", CHECK).status == 200
        _until(lambda: _number(served, "attrib_check_seconds_count") == 21)


def test_generations_that_wait_for_the_model_are_counted(home: Path) -> None:
    with SlowModel(["word "], before=2) as model, Served(home, (), {"ATTRIB_MODEL": model.name}) as served:
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(served.send, "/api/v1/generate", {"prompt": "a"}) for _ in range(2)]
            _until(lambda: _number(served, "attrib_generations_waiting") == 2)
            assert [one.result().status for one in asked] == [200, 200]
        assert _number(served, "attrib_generations_waiting") == 0


@pytest.mark.parametrize("form", ["json", "text"])
def test_every_request_is_one_line_without_its_address_or_body(home: Path, form: str) -> None:
    with Served(home, ["--access-log"], {"ATTRIB_LOG_FORMAT": form}) as served:
        served.ask("GET", "/api/v1/sources?q=secretword", X_Request_Id="mine-1")
        served.send("/api/v1/check", {"code": "secretword " * 5} | {"path": "secretword.py"})
    assert "secretword" not in served.said
    if form == "text":
        assert "request request_id=mine-1 method=GET route=/api/v1/sources status=200 ms=" in served.said
        return
    lines = [json.loads(line) for line in served.said.splitlines()]
    asked = [line for line in lines if line["message"] == "request" and line["route"] != "/healthz"]
    assert [(line["method"], line["route"], line["status"]) for line in asked] == [
        ("GET", "/api/v1/sources", 200),
        ("POST", "/api/v1/check", 200),
    ]
    assert asked[0]["request_id"] == "mine-1"
    assert asked[0]["level"] == "info"
    assert 0 < asked[0]["ms"] < 60_000
    assert "principal" in asked[0]


def test_without_the_option_requests_are_not_logged(home: Path) -> None:
    with Served(home) as served:
        served.ask("GET", "/")
    assert served.said == f"Attrib listens on {served.address} (stop it with Ctrl+C)\n"


def test_old_records_expire_while_it_runs(home: Path) -> None:
    with Served(home) as served:
        old, new = (served.send("/api/v1/check", CHECK).json["id"] for _ in range(2))
    rows = sqlite3.connect(home / "attrib.db")
    rows.execute("UPDATE records SET created_at = '2020-01-01 00:00:00.000000' WHERE id = ?", (old,))
    rows.commit()
    rows.close()
    settings = {"ATTRIB_KEEP_DAYS": "30", "ATTRIB_LOG_FORMAT": "json"}
    with Served(home, ["--workers", "2"], settings) as served:
        _until(lambda: served.ask("GET", f"/api/v1/records/{old}").status == 410)
        assert served.ask("GET", f"/records/{old}").status == 410
        assert served.ask("GET", f"/api/v1/records/{new}").status == 200
        time.sleep(0.5)
    expired = [json.loads(line) for line in served.said.splitlines() if "records expired" in line]
    # Two processes, of which one has the lock.
    assert [line["deleted"] for line in expired] == [1]


def _until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        try:
            if true():
                return
        except ConnectionError:
            pass
        time.sleep(0.05)
    pytest.fail("it never came about")
