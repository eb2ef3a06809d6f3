"""Limits for each key: told in every answer, and an answer of its own when they are reached."""

import socket
import subprocess
import sys
import time

import pytest
from guarded import guarded_app

from attrib.config import load_config
from attrib.errors import ConfigurationError
from attrib.scopes import Scope
from tests.services.programs import required
from web.app import create_app

ASKED = {"json": {"code": "a"}}


@pytest.fixture
def limited(recorded, tmp_path):
    made = guarded_app(recorded, load_config({"home": tmp_path / "home", "rate_limit": "3/minute"}, {}, tmp_path))
    made.key(Scope.CHECK)
    with made.access:
        yield made


def test_the_fourth_of_three_is_told_when_to_come_back(limited, recorded):
    client, headers = limited.app.test_client(), limited.bearer(Scope.CHECK)
    left = []
    for _ in range(3):
        answer = client.post("/api/v1/check", **ASKED, headers=headers)
        assert (answer.status_code, answer.headers["RateLimit-Limit"]) == (200, "3")
        assert 0 < int(answer.headers["RateLimit-Reset"]) <= 61
        assert "Retry-After" not in answer.headers
        left.append(answer.headers["RateLimit-Remaining"])
    assert left == ["2", "1", "0"]
    refused = client.post("/api/v1/check", **ASKED, headers=headers)
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert refused.json["type"] == "/problems/rate-limited"
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert len(recorded.asked) == 3


def test_one_key_does_not_use_up_anothers(limited):
    client = limited.app.test_client()
    for _ in range(4):
        answer = client.post("/api/v1/check", **ASKED, headers=limited.bearer(Scope.CHECK))
    assert answer.status_code == 429
    assert client.post("/api/v1/check", **ASKED, headers=limited.bearer(Scope.ADMIN)).status_code == 200


def test_all_routes_count_together(limited):
    client, headers = limited.app.test_client(), limited.bearer(Scope.ADMIN)
    paths = ("/api/v1/policy", "/api/v1/sources", "/about", "/sources")
    assert [client.get(path, headers=headers).status_code for path in paths] == [200, 200, 200, 429]


def test_wrong_keys_use_up_what_their_address_has(limited):
    client = limited.app.test_client()
    wrong = {"Authorization": "Bearer attrib_x"}
    assert [client.get("/api/v1/policy", headers=wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert client.get("/api/v1/policy", headers=limited.bearer(Scope.CHECK)).status_code == 200
    elsewhere = client.get("/api/v1/policy", headers=wrong, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 401


def test_nobody_can_say_they_come_from_elsewhere(limited):
    client = limited.app.test_client()
    for number in range(4):
        answer = client.get("/api/v1/policy", headers={"X-Forwarded-For": f"10.0.0.{number}"})
    assert answer.status_code == 429


def test_the_server_in_front_may_say_who_it_is_and_nobody_further_out(recorded, tmp_path):
    settings = {"home": tmp_path / "home", "rate_limit": "3/minute", "trusted_proxies": 1}
    made = guarded_app(recorded, load_config(settings, {}, tmp_path))
    made.key(Scope.CHECK)
    client = made.app.test_client()

    def ask(forwarded):
        return client.get("/api/v1/policy", headers={"X-Forwarded-For": forwarded}).status_code

    assert [ask(f"10.0.0.{number}, 192.0.2.1") for number in range(4)] == [401, 401, 401, 429]
    assert ask("192.0.2.2") == 401


def test_health_is_never_counted(limited):
    client = limited.app.test_client()
    for _ in range(5):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer.headers


def test_openais_routes_tell_it_in_their_shape(limited):
    client, headers = limited.app.test_client(), limited.bearer(Scope.CHECK)
    for _ in range(4):
        answer = client.post("/v1/completions", json={}, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "rate_limit_exceeded")
    assert int(answer.headers["Retry-After"]) > 0


def test_what_was_asked_long_ago_no_longer_counts(recorded, tmp_path):
    made = guarded_app(recorded, load_config({"home": tmp_path / "home", "rate_limit": "2/second"}, {}, tmp_path))
    client, headers = made.app.test_client(), made.bearer(Scope.CHECK)
    while client.get("/api/v1/policy", headers=headers).status_code != 429:
        pass
    time.sleep(2.1)
    assert client.get("/api/v1/policy", headers=headers).status_code == 200


def test_where_nobody_is_asked_nobody_is_counted(recorded, tmp_path):
    settings = load_config({"home": tmp_path / "home", "rate_limit": "1/day"}, {}, tmp_path)
    client = create_app(recorded, settings).test_client()
    assert [client.get("/api/v1/policy").status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("rate_limit", "many"),
        ("rate_limit", "0/minute"),
        ("rate_limit", "5 per minute"),
        ("rate_limit_storage", "file:x"),
    ],
)
def test_a_limit_that_cannot_be_read_is_a_mistake(tmp_path, setting, value):
    with pytest.raises(ConfigurationError, match=setting):
        load_config({setting: value}, {}, tmp_path)


def test_a_redis_whose_client_is_not_installed_is_one_line(recorded, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    settings = {"home": tmp_path / "home", "rate_limit_storage": "redis://127.0.0.1:1"}
    with pytest.raises(ConfigurationError, match=r"rate_limit_storage cannot be used: .*redis"):
        create_app(recorded, load_config(settings, {}, tmp_path))


@pytest.fixture
def redis(tmp_path):
    """A Redis of the test's own on loopback."""
    program = str(required("redis-server", "redis-server"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield server, f"redis://127.0.0.1:{port}"
    server.kill()
    server.wait()


@pytest.mark.services
def test_two_workers_count_together_in_redis_and_go_on_without_it(recorded, tmp_path, redis):
    server, address = redis
    settings = {"home": tmp_path / "home", "rate_limit": "3/minute", "rate_limit_storage": address}
    config = load_config(settings, {}, tmp_path)
    one, other = guarded_app(recorded, config), guarded_app(recorded, config)
    headers = one.bearer(Scope.CHECK)
    clients = [one.app.test_client(), other.app.test_client()] * 2
    assert [client.get("/api/v1/policy", headers=headers).status_code for client in clients] == [200, 200, 200, 429]
    server.kill()
    server.wait()
    assert clients[0].get("/api/v1/policy", headers=headers).status_code == 200
