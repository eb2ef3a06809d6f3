"""A database server that goes away and comes back: told clearly meanwhile, used again at once, nothing lost."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from attrib import database
from attrib.bootstrap import build_service
from attrib.config import Config, load_config
from attrib.service import Service
from tests.services.postgres import PostgresServer, programs, running
from web.app import create_app

pytestmark = pytest.mark.services

ASKED = {"code": "def walk(tree):\n    yield tree\n" * 20}
ASKING = 4


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with running(programs()) as server:
        yield server


@pytest.fixture
def away_config(server: PostgresServer, tmp_path: Path) -> Config:
    url = server.new_database()
    database.upgrade(url)
    return load_config({"home": tmp_path / "home", "database_url": url}, {}, tmp_path)


@pytest.fixture
def away_service(away_config: Config, tmp_path: Path) -> Iterator[Service]:
    source = tmp_path / "source"
    source.mkdir()
    (source / "walk.py").write_text("def up(tree):\n    return [leaf for leaf in tree if leaf.ripe]\n" * 20)
    with build_service(away_config) as service:
        service.add([str(source)], purl="pkg:pypi/upward@2.1.0", license="MIT")
        yield service


@pytest.fixture
def away_app(away_service: Service, away_config: Config) -> Flask:
    return create_app(away_service, away_config)


def test_a_check_is_refused_while_the_server_is_away_and_answered_when_it_is_back(
    away_app: Flask, server: PostgresServer
) -> None:
    client = away_app.test_client()
    assert client.post("/api/v1/check", json=ASKED).status_code == 200
    server.stop()
    refused = client.post("/api/v1/check", json=ASKED)
    assert (refused.status_code, refused.json["type"]) == (503, "/problems/database-unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert "attrib-pg" not in refused.text
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["parts"]["database"]["ok"]) == (503, False)
    assert client.get("/healthz").status_code == 200
    page = client.get("/records", headers={"Accept": "text/html"})
    assert (page.status_code, "The database does not answer" in page.text) == (503, True)
    server.start()
    assert client.post("/api/v1/check", json=ASKED).status_code == 200
    assert client.get("/readyz").status_code == 200


def test_a_restart_that_nobody_saw_costs_no_answer(away_app: Flask, server: PostgresServer) -> None:
    client = away_app.test_client()
    assert client.post("/api/v1/check", json=ASKED).status_code == 200
    server.stop()
    server.start()
    assert client.post("/api/v1/check", json=ASKED).status_code == 200


def test_nothing_that_was_answered_is_lost_while_the_server_comes_and_goes(
    away_app: Flask, away_service: Service, server: PostgresServer
) -> None:
    stopped = threading.Event()

    def ask() -> tuple[list[str], set[int]]:
        client, answered, others = away_app.test_client(), [], set()
        while not stopped.is_set():
            answer = client.post("/api/v1/check", json=ASKED)
            if answer.status_code == 200:
                answered.append(answer.json["id"])
            else:
                others.add(answer.status_code)
        return answered, others

    with ThreadPoolExecutor(ASKING) as pool:
        asking = [pool.submit(ask) for _ in range(ASKING)]
        for _ in range(3):
            threading.Event().wait(0.3)
            server.stop()
            server.start()
        threading.Event().wait(0.3)
        stopped.set()
    answered = [id for one in asking for id in one.result()[0]]
    assert {status for one in asking for status in one.result()[1]} == {503}
    assert len(answered) > ASKING
    assert all(away_service.record(id).status == "clean" for id in answered)
