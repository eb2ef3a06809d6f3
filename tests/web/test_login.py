"""Logging in with a key: the session it makes, how it ends, and what other sites' pages cannot do with it."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from guarded import guarded_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from attrib.config import load_config
from attrib.scopes import Scope
from attrib.sessions import IDLE
from web.form_tokens import is_token_for, token_for
from web.login import _safe

pytestmark = pytest.mark.databases("sqlite", "postgresql")

OURS = {"Origin": "http://localhost"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}


def _cookie(client, name="attrib-session"):
    return client.get_cookie(name)


def test_a_person_is_led_to_the_login_and_back(guarded):
    key, client = guarded.key(Scope.CHECK), guarded.app.test_client()
    sent = client.get("/check?a=1", headers=BROWSER)
    assert (sent.status_code, sent.location) == (303, "/login?next=/check?a%3D1")
    form = BeautifulSoup(client.get(sent.location).data, "html.parser").select_one("main form")
    fields = {field["name"]: field.get("value", "") for field in form.select("input")} | {"key": key}
    entered = client.post(form["action"], data=fields, headers=OURS)
    assert (entered.status_code, entered.location) == (303, "/check?a=1")
    page = client.get(entered.location, headers=BROWSER)
    assert page.status_code == 200
    assert "check" in BeautifulSoup(page.data, "html.parser").select_one(".login-state span").text
    assert client.post("/check", data={"code": "a"}, headers=OURS).status_code == 303


def test_a_path_with_any_letters_is_come_back_to(guarded):
    guarded.key(Scope.CHECK)
    client = guarded.app.test_client()
    led = client.get("/sources?q=%C3%A9t%C3%A9%20x", headers=BROWSER)
    entered = client.post(led.location, data={"key": guarded.key(Scope.CHECK)}, headers=OURS)
    assert entered.location == "/sources?q=%C3%A9t%C3%A9%20x"


def test_a_form_that_was_filled_in_is_not_thrown_away_by_a_redirect(guarded):
    guarded.key(Scope.CHECK)
    answer = guarded.app.test_client().post("/check", data={"code": "a"}, headers=OURS | BROWSER)
    assert answer.status_code == 401
    assert "log in at /login" in answer.text


def test_a_wrong_key_shows_the_form_again_and_not_the_key(guarded):
    guarded.key(Scope.CHECK)
    client = guarded.app.test_client()
    answer = client.post("/login", data={"key": "attrib_secret-typed-here"}, headers=OURS)
    assert answer.status_code == 401
    assert "a character is wrong or missing" in answer.text
    assert "secret-typed-here" not in answer.text
    assert _cookie(client) is None


def test_the_cookie_is_for_this_site_only_and_no_script_reads_it(guarded):
    client = guarded.app.test_client()
    answer = client.post("/login", data={"key": guarded.key(Scope.CHECK)}, headers=OURS)
    (cookie,) = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("attrib-session=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    assert guarded.key(Scope.CHECK) not in cookie


@pytest.mark.parametrize("by", ["public_url", "scheme"])
def test_over_https_the_cookie_is_secure_and_bound_to_the_host(recorded, tmp_path, by):
    public = {"public_url": "https://localhost"} if by == "public_url" else {}
    made = guarded_app(recorded, load_config({"home": tmp_path / "home", **public}, {}, tmp_path))
    client = made.app.test_client()
    base = "https://localhost" if by == "scheme" else "http://localhost"
    headers = {"Origin": "https://localhost"}
    answer = client.post("/login", data={"key": made.key(Scope.CHECK)}, headers=headers, base_url=base)
    assert answer.status_code == 303
    (cookie,) = [value for value in answer.headers.getlist("Set-Cookie") if "session" in value]
    assert cookie.startswith("__Host-attrib-session=")
    assert "Secure" in cookie


def test_a_session_that_somebody_planted_is_not_the_one_that_logs_in(guarded):
    client = guarded.app.test_client()
    client.set_cookie("attrib-session", "planted-by-somebody")
    client.post("/login", data={"key": guarded.key(Scope.CHECK)}, headers=OURS)
    first = _cookie(client).value
    assert first != "planted-by-somebody"
    client.post("/login", data={"key": guarded.key(Scope.AUDIT)}, headers=OURS)
    assert _cookie(client).value != first
    stale = guarded.app.test_client()
    for token in (first, "planted-by-somebody"):
        stale.set_cookie("attrib-session", token)
        assert stale.get("/check").status_code == 401


def test_logging_out_ends_the_session_wherever_its_cookie_is(guarded):
    client = guarded.browser(Scope.CHECK)
    token = _cookie(client).value
    assert client.get("/check").status_code == 200
    assert client.post("/login/out", headers=OURS).status_code == 303
    assert _cookie(client) is None
    client.set_cookie("attrib-session", token)
    assert client.get("/check").status_code == 401


def test_a_revoked_key_ends_its_sessions(guarded):
    client = guarded.browser(Scope.CHECK)
    guarded.access.keys.revoke("check")
    assert client.get("/check").status_code == 401


def test_another_worker_and_a_restart_know_the_session(guarded, recorded, config):
    client = guarded.browser(Scope.CHECK)
    other = guarded_app(recorded, config).app.test_client()
    other.set_cookie("attrib-session", _cookie(client).value)
    assert other.get("/check").status_code == 200


def test_a_session_that_was_idle_too_long_is_over(guarded):
    client = guarded.browser(Scope.CHECK)
    sessions = guarded.access.sessions
    now = sessions._now
    sessions._now = lambda: now() + IDLE + timedelta(seconds=1)
    assert client.get("/check").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
        {"X-Form-Token": "a" * 80},
    ],
)
@pytest.mark.parametrize("path", ["/check", "/api/v1/check", "/login/out", "/login"])
def test_no_other_sites_page_can_use_the_session(guarded, recorded, headers, path):
    client = guarded.browser(Scope.CHECK)
    answer = client.post(path, data={"code": "a", "key": guarded.key(Scope.ADMIN)}, headers=headers)
    assert answer.status_code == 403
    assert recorded.asked == []
    assert client.get("/check").status_code == 200


def test_a_browser_that_sends_neither_header_sends_the_token_of_the_form(guarded, recorded):
    client = guarded.app.test_client()
    guarded.key(Scope.CHECK)
    assert client.post("/login", data={"key": guarded.key(Scope.CHECK)}).status_code == 403
    token = BeautifulSoup(client.get("/login").data, "html.parser").find("input", attrs={"name": "form_token"})["value"]
    stranger = guarded.app.test_client()
    stranger.get("/login")
    with_token = {"key": guarded.key(Scope.CHECK), "form_token": token}
    assert stranger.post("/login", data=with_token).status_code == 403
    assert client.post("/login", data=with_token).status_code == 303
    token = BeautifulSoup(client.get("/check").data, "html.parser").select_one("main form [name=form_token]")["value"]
    assert client.post("/check", data={"code": "a"}).status_code == 403
    assert client.post("/check", data={"code": "a", "form_token": token}).status_code == 303
    assert guarded.browser(Scope.CHECK).post("/check", data={"code": "a", "form_token": token}).status_code == 403


def test_a_form_token_is_another_each_time_and_holds_for_its_secret_only():
    assert token_for("one") != token_for("one")
    assert is_token_for("one", token_for("one"))
    assert not is_token_for("one", token_for("two"))
    assert not is_token_for("one", "")
    assert not is_token_for("one", "\u00e9" * 80)


def test_every_form_that_changes_something_has_the_token(guarded):
    for template in sorted(Path(guarded.app.jinja_loader.searchpath[0]).rglob("*.html")):
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", template.read_text("utf-8"), re.DOTALL):
            assert "{{ form_token() }}" in form, template.name


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%0d%0aSet-Cookie:a=b\r\nX: y",
        "javascript:alert(1)",
        " //evil.example",
        "evil.example",
        "",
    ],
)
def test_logging_in_never_leads_to_another_site(guarded, path):
    client = guarded.app.test_client()
    answer = client.post("/login", data={"key": guarded.key(Scope.CHECK), "next": path}, headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/")
    assert 'value="/"' in client.get(f"/login?next={quote(path)}").text


@given(st.text())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_next_is_a_path_of_ours(path):
    safe = _safe(path)
    assert re.match(r"/(?![/\\])|/$", safe)
    assert not re.search(r"[\s\\\x00-\x1f\x7f-\uffff]", safe)
    assert EnvironBuilder(safe).get_environ()["HTTP_HOST"] == "localhost"


def test_wrong_keys_at_the_login_are_counted(guarded):
    key, client = guarded.key(Scope.CHECK), guarded.app.test_client()
    for _ in range(10):
        assert client.post("/login", data={"key": "attrib_x"}, headers=OURS).status_code == 401
    refused = client.post("/login", data={"key": key}, headers=OURS)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    elsewhere = client.post("/login", data={"key": key}, headers=OURS, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 303
