"""Logging in with an OpenID Connect provider: a real one on loopback, honest and lying."""

import time
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from guarded import Guarded
from jinja2 import StrictUndefined
from joserfc.jwk import OctKey, RSAKey
from oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running

from attrib.bootstrap import open_access
from attrib.config import load_config
from attrib.errors import ConfigurationError
from attrib.scopes import Scope
from web.app import create_app

OURS = "http://localhost"
ANN = {"sub": "1", "email": "Ann@Example.org", "email_verified": True}
RULES = "@example.org=check; group:platform=generate,audit; boss@example.com=admin"
BACK = "/login/provider/back"


@pytest.fixture
def provider():
    with running(Provider(dict(ANN), redirect_uri=OURS + BACK)) as provider:
        yield provider


@pytest.fixture
def settings(provider, tmp_path):
    return {
        "home": tmp_path / "home",
        "public_url": OURS,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_access": RULES,
    }


@pytest.fixture
def app(recorded, settings, tmp_path):
    config = load_config(settings, {}, tmp_path)
    access = open_access(config, always=True)
    app = create_app(recorded, config, access=access)
    app.jinja_env.undefined = StrictUndefined
    with access:
        yield app


def _answer_of(address):
    """Ask the provider as a browser does, and return where it sends the browser."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args):
            return None

    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(Stay).open(address, timeout=10)
    assert answer.value.code == 302
    return answer.value.headers["Location"]


def _log_in(client, then="/check", follow=lambda address: address):
    begun = client.get(f"/login/provider?next={then}")
    assert begun.status_code == 303
    back = urlsplit(follow(_answer_of(begun.location)))
    return client.get(f"{back.path}?{back.query}")


def test_a_person_of_the_domain_is_logged_in_with_its_scopes(app, recorded):
    client = app.test_client()
    led = client.get("/check", headers={"Accept": "text/html"})
    page = BeautifulSoup(client.get(led.location).data, "html.parser")
    assert page.select_one("main a.btn")["href"] == "/login/provider?next=/check"
    entered = _log_in(client)
    assert (entered.status_code, entered.location) == (303, "/check")
    page = client.get("/check")
    assert "ann@example.org" in page.text
    assert client.post("/check", data={"code": "a"}, headers={"Origin": OURS}).status_code == 303
    lacking = client.post("/generate", data={"prompt": "a"}, headers={"Origin": OURS})
    assert (lacking.status_code, "&#39;generate&#39;" in lacking.text) == (403, True)
    assert client.get_cookie("attrib-login") is None


def test_groups_add_what_they_may(app, provider):
    provider.claims["groups"] = ["staff", "platform"]
    client = app.test_client()
    _log_in(client)
    assert client.get("/generate").status_code == 200
    assert provider.asked_scopes == ["openid email groups"]


def test_the_address_may_be_told_by_the_userinfo_endpoint_of_the_same_person(app, provider):
    provider.claims = {"sub": "1"}
    provider.in_userinfo = dict(ANN)
    assert _log_in(app.test_client()).status_code == 303
    provider.in_userinfo["sub"] = "2"
    assert _log_in(app.test_client()).status_code == 403


@pytest.mark.parametrize(
    "lie",
    [
        lambda claims: claims | {"iss": "https://evil.example"},
        lambda claims: claims | {"aud": "somebody-else"},
        lambda claims: claims | {"aud": "somebody-else", "azp": CLIENT_ID},
        lambda claims: claims | {"aud": ["somebody-else", CLIENT_ID], "azp": "somebody-else"},
        lambda claims: claims | {"exp": int(time.time()) - 3600},
        lambda claims: claims | {"nonce": "of another login"},
        lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
        lambda claims: claims | {"iat": int(time.time()) + 3600},
        lambda claims: claims | {"at_hash": "of another token"},
        lambda claims: claims | {"email_verified": False},
        lambda claims: claims | {"email_verified": "false"},
        lambda claims: {name: value for name, value in claims.items() if name != "email_verified"},
        lambda claims: claims | {"email": "ann@example.org.evil.example"},
        lambda claims: claims | {"email": "ann@evilexample.org"},
        lambda claims: claims | {"email": "xboss@example.com"},
        lambda claims: claims | {"email": "ann@elsewhere.example", "groups": "platform"},
        lambda claims: claims | {"email": ["ann@example.org"]},
        lambda claims: {name: value for name, value in claims.items() if name != "sub"},
    ],
)
def test_a_token_that_does_not_hold_logs_nobody_in(app, provider, lie):
    provider.lie = lie
    client = app.test_client()
    assert _log_in(client).status_code == 403
    assert client.get_cookie("attrib-session") is None


def test_a_token_signed_with_another_key_logs_nobody_in(app, provider):
    provider.published = RSAKey.generate_key(2048, {"kid": "one"})
    assert _log_in(app.test_client()).status_code == 403


@pytest.mark.parametrize("shared", [True, False])
def test_a_token_signed_with_our_own_secret_logs_nobody_in(app, provider, shared):
    secret = OctKey.import_key(CLIENT_SECRET, {"kid": "one"})
    provider.published = secret if shared else provider.signing
    provider.signing = secret
    provider.algorithm = "HS256"
    assert _log_in(app.test_client()).status_code == 403


def test_an_answer_is_good_for_the_browser_that_asked_only(app):
    victim, attacker = app.test_client(), app.test_client()
    begun = attacker.get("/login/provider")
    back = urlsplit(_answer_of(begun.location))
    assert victim.get(f"{back.path}?{back.query}").status_code == 403
    victim.get("/login/provider")
    assert victim.get(f"{back.path}?{back.query}").status_code == 403
    assert victim.get_cookie("attrib-session") is None


def test_an_answer_is_good_once(app):
    client = app.test_client()
    addresses = []
    assert _log_in(client, follow=lambda address: addresses.append(address) or address).status_code == 303
    back = urlsplit(addresses[0])
    assert client.get(f"{back.path}?{back.query}").status_code == 403


def test_where_to_go_on_to_cannot_be_changed_on_the_way(app):
    client = app.test_client()
    assert _log_in(client, then="//evil.example").location == "/"
    assert _log_in(client, follow=lambda address: address.replace("state=", "state=A")).status_code == 403


def test_an_answer_of_another_provider_is_refused(app):
    def elsewhere(address):
        return address.partition("&iss=")[0] + "&iss=https://evil.example"

    assert _log_in(app.test_client(), follow=elsewhere).status_code == 403


def test_a_provider_that_refuses_and_one_that_is_away_are_told(app, provider, settings, recorded, tmp_path):
    provider.refuses = True
    assert "did not log you in" in _log_in(app.test_client()).text
    away = load_config(settings | {"oidc_issuer": "http://127.0.0.1:9"}, {}, tmp_path)
    with open_access(away, always=True) as access:
        client = create_app(recorded, away, access=access).test_client()
        answer = client.get("/login/provider")
        assert (answer.status_code, "provider does not answer" in answer.text) == (502, True)


def test_metadata_of_another_issuer_are_refused(app, provider):
    provider.metadata = {"issuer": "https://evil.example"}
    assert app.test_client().get("/login/provider").status_code == 502


def test_logging_in_begins_a_new_session_and_ends_the_old_one(app):
    client = app.test_client()
    _log_in(client)
    first = client.get_cookie("attrib-session").value
    _log_in(client)
    assert client.get_cookie("attrib-session").value != first
    client.set_cookie("attrib-session", first)
    assert client.get("/check").status_code == 401


def test_the_redirect_names_the_address_that_was_set_whatever_the_host_header_says(app):
    answer = app.test_client().get("/login/provider", headers={"Host": "evil.example"})
    assert parse_qs(urlsplit(answer.location).query)["redirect_uri"] == [OURS + BACK]


def test_a_key_still_logs_in_beside_the_provider(app, recorded):
    guarded = Guarded(app, app.extensions["attrib"].access)
    assert guarded.browser(Scope.CHECK).get("/check").status_code == 200


def test_without_a_provider_there_is_no_way_to_one(guarded):
    guarded.key(Scope.CHECK)
    client = guarded.app.test_client()
    assert "/login/provider" not in client.get("/login").text
    assert client.get("/login/provider").status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc_issuer": "https://id.example.org"}, "also needs oidc_client_id"),
        ({"oidc_issuer": "http://id.example.org"}, "begins with https://"),
        ({"oidc_access": "everybody=check"}, "must be about @example.org"),
        ({"oidc_access": {"@example.org": ["everything"]}}, "'everything' is no scope"),
        ({"oidc_access": {}}, "must be a table"),
        ({"public_url": "attrib.example.org"}, "an address without a path"),
    ],
)
def test_settings_that_are_wrong_or_half_given_are_named(tmp_path, given, said):
    with pytest.raises(ConfigurationError, match=said):
        load_config(given, {}, tmp_path)


def test_the_secret_of_the_client_is_in_no_error_and_no_repr(settings, tmp_path):
    config = load_config(settings, {}, tmp_path)
    assert CLIENT_SECRET not in repr(config)
    assert CLIENT_SECRET not in repr(config.oidc)
