"""Keys over HTTP: who is let in, what they are told where not, and under whose name it is recorded."""

from datetime import timedelta

import pytest
from recorded import CODE

from attrib.bootstrap import open_access
from attrib.principal import acting
from attrib.scopes import Scope
from web.app import create_app
from web.permissions import NEEDS, Need

pytestmark = pytest.mark.databases("sqlite", "postgresql")

CHECK = {"json": {"code": "a"}}


def test_without_any_key_everybody_may_do_everything(guarded):
    client = guarded.app.test_client()
    assert client.post("/api/v1/check", **CHECK).status_code == 200
    assert client.get("/login").status_code == 303


def test_with_the_first_key_a_running_server_asks_at_once(guarded):
    client = guarded.app.test_client()
    assert client.post("/api/v1/check", **CHECK).status_code == 200
    key = guarded.key(Scope.CHECK)
    assert client.post("/api/v1/check", **CHECK).status_code == 401
    assert client.post("/api/v1/check", **CHECK, headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_the_server_stays_shut_when_its_last_key_is_revoked(guarded):
    guarded.key(Scope.CHECK, name="last")
    guarded.access.keys.revoke("last")
    assert guarded.app.test_client().post("/api/v1/check", **CHECK).status_code == 401


def test_a_request_without_a_key_is_told_how_to_show_one(guarded):
    guarded.key(Scope.CHECK)
    answer = guarded.app.test_client().post("/api/v1/check", **CHECK)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.json["type"] == "/problems/no-key"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="attrib"'


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda key: key[:-1], "a character is wrong or missing"),
        (lambda key: key[:20] + ("A" if key[20] != "A" else "B") + key[21:], "a character is wrong or missing"),
        (lambda key: "", "a character is wrong or missing"),
        (lambda key: "sk-something", "a character is wrong or missing"),
        (lambda key: key + "\u00e9", "a character is wrong or missing"),
    ],
)
def test_a_mistyped_key_is_told_as_such(guarded, change, told):
    headers = {"Authorization": f"Bearer {change(guarded.key(Scope.CHECK))}"}
    answer = guarded.app.test_client().post("/api/v1/check", **CHECK, headers=headers)
    assert answer.status_code == 401
    assert told in answer.json["detail"]
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_an_expired_and_a_revoked_key_are_told_apart(guarded):
    client = guarded.app.test_client()
    key, text = guarded.access.keys.create("old", frozenset({Scope.CHECK}), timedelta(microseconds=1))
    other = guarded.key(Scope.CHECK, name="gone")
    guarded.access.keys.revoke("gone")
    for shown, told in ((text.text, f"'old' expired on {key.expires_at:%Y-%m-%d}"), (other, "'gone' was revoked")):
        answer = client.post("/api/v1/check", **CHECK, headers={"Authorization": f"Bearer {shown}"})
        assert (answer.status_code, told in answer.json["detail"]) == (401, True)


def test_a_missing_scope_is_named(guarded, recorded):
    answer = guarded.app.test_client().post(
        "/api/v1/generate", json={"prompt": "a"}, headers=guarded.bearer(Scope.CHECK)
    )
    assert answer.status_code == 403
    assert answer.json["type"] == "/problems/missing-scope"
    assert "'generate'" in answer.json["detail"]
    assert 'error="insufficient_scope", scope="generate"' in answer.headers["WWW-Authenticate"]
    assert recorded.asked == []


@pytest.mark.parametrize("path", ["/v1/completions", "/v1/chat/completions", "/v1/fim/completions"])
def test_openais_routes_answer_in_openais_shape(guarded, path):
    client = guarded.app.test_client()
    lacking = client.post(path, json={}, headers=guarded.bearer(Scope.AUDIT))
    assert (lacking.status_code, lacking.json["error"]["code"]) == (403, "insufficient_permissions")
    wrong = client.post(path, json={}, headers={"Authorization": "Bearer nothing"})
    assert (wrong.status_code, wrong.json["error"]["code"]) == (401, "invalid_api_key")
    assert wrong.json["error"]["type"] == "authentication_error"
    assert "WWW-Authenticate" in wrong.headers


def _routes(app):
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule, method


def test_every_route_says_who_may(guarded):
    undeclared = {rule.endpoint for rule, _ in _routes(guarded.app)} - NEEDS.keys()
    assert undeclared == set(), "declare them in web/permissions.py; until then they are for those who administer"


def test_every_declaration_is_of_a_route(guarded):
    assert NEEDS.keys() - {rule.endpoint for rule, _ in _routes(guarded.app)} == set()


def test_no_route_but_those_that_need_nothing_answers_without_a_key(guarded, recorded):
    guarded.key(Scope.CHECK)
    client, seen = guarded.app.test_client(), set()
    for rule, method in _routes(guarded.app):
        address = guarded.app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "1"), method)
        answer = client.open(address, method=method)
        if NEEDS[rule.endpoint] is not Need.NOTHING:
            assert answer.status_code == 401, rule
            seen.add(rule.endpoint)
    assert {"pages.record", "api.check", "openai.chat", "pages.check_sent"} <= seen
    assert recorded.asked == []


def test_a_route_nobody_declared_is_for_those_who_administer(guarded):
    guarded.app.add_url_rule("/new", "new", lambda: "done")
    client = guarded.app.test_client()
    every = guarded.bearer(Scope.CHECK, Scope.GENERATE, Scope.AUDIT)
    assert client.get("/new", headers=every).status_code == 403
    assert client.get("/new", headers=guarded.bearer(Scope.ADMIN)).status_code == 200


def test_nothing_adds_to_the_index_without_the_right_to_administer(guarded, recorded):
    """Specs lead to registries, repositories and paths of this machine: whoever adds makes the server fetch."""
    client = guarded.app.test_client()
    every = guarded.bearer(Scope.CHECK, Scope.GENERATE, Scope.AUDIT)
    spec = {"spec": "git+http://169.254.169.254/latest", "purl": "pkg:npm/x", "path": "/etc", "code": "a"}
    for path in ("/api/v1/sources", "/api/v1/index", "/api/v1/sources/pkg:npm/x", "/api/v1/opt-outs", "/sources"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.open(path, method=method, json=spec, headers=every).status_code in (403, 404, 405)
    changing = {
        rule.endpoint
        for rule, method in _routes(guarded.app)
        if method != "GET" and ("source" in rule.rule or "index" in rule.rule or "opt" in rule.rule)
    }
    assert {endpoint for endpoint in changing if NEEDS.get(endpoint, Scope.ADMIN) is not Scope.ADMIN} == set()


def test_what_a_check_names_is_never_fetched_or_opened(guarded, monkeypatch):
    def nothing(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", nothing)
    for path in ("git+https://127.0.0.1/x", "pkg:npm/chalk@5", "http://169.254.169.254/", "/etc/passwd", "../../etc"):
        body = {"code": "a = 1", "path": path, "exclude": ["pkg:npm/chalk"]}
        answer = guarded.app.test_client().post("/api/v1/check", json=body, headers=guarded.bearer(Scope.CHECK))
        assert answer.status_code == 200


def test_a_record_names_the_key_that_asked(service, real_config):
    with open_access(real_config, always=True) as access:
        _, text = access.keys.create("ci of the platform team", frozenset({Scope.CHECK}))
        client = create_app(service, real_config, access=access).test_client()
        headers = {"Authorization": f"Bearer {text.text}"}
        answer = client.post("/api/v1/check", json={"code": CODE.decode()}, headers=headers)
        record = client.get(f"/api/v1/records/{answer.json['id']}", headers=headers)
        assert record.json["principal"] == "ci of the platform team"
        client.get("/healthz")
        assert acting.get() is None
