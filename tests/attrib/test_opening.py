"""To whom `attrib serve` opens, and to which host names it answers."""

from pathlib import Path

import pytest

from attrib.bootstrap import open_access
from attrib.cli.opening import Opening
from attrib.config import Config, load_config
from attrib.errors import ConfigurationError
from attrib.scopes import Scope

OIDC = {
    "oidc_issuer": "https://id.example.org",
    "oidc_client_id": "attrib",
    "oidc_client_secret": "secret",
    "oidc_access": "@example.org=check",
    "public_url": "https://attrib.example.org:8443",
}
LOCAL = Opening("127.0.0.1", loopback=True, open_to_all=False)
REACHED = Opening("0.0.0.0", loopback=False, open_to_all=False)
TO_ALL = Opening("0.0.0.0", loopback=False, open_to_all=True)


@pytest.fixture
def with_provider(tmp_path: Path) -> Config:
    return load_config({"home": tmp_path / "home", **OIDC}, {}, tmp_path)


@pytest.mark.parametrize(("opening", "asks"), [(LOCAL, False), (REACHED, True), (TO_ALL, False)])
def test_a_key_is_asked_for_beyond_this_machine_unless_it_is_open_to_all(
    config: Config, opening: Opening, asks: bool
) -> None:
    with open_access(config, opening.always_asks(config)) as access:
        assert access.asks is asks
        access.keys.create("ci", frozenset({Scope.CHECK}))
        assert access.asks


@pytest.mark.parametrize("opening", [LOCAL, REACHED, TO_ALL])
def test_with_a_provider_a_login_is_always_asked_for(with_provider: Config, opening: Opening) -> None:
    with open_access(with_provider, opening.always_asks(with_provider)) as access:
        assert access.asks
        opening.require_safe(with_provider, access)


def test_only_a_server_beyond_this_machine_needs_a_key_to_start(config: Config) -> None:
    with open_access(config, always=True) as access:
        LOCAL.require_safe(config, access)
        TO_ALL.require_safe(config, access)
        with pytest.raises(ConfigurationError, match=r"0\.0\.0\.0 can be reached .*`attrib keys create`"):
            REACHED.require_safe(config, access)
        access.keys.create("ci", frozenset({Scope.CHECK}))
        REACHED.require_safe(config, access)


def test_only_names_that_are_meant_are_answered_to(config: Config, with_provider: Config) -> None:
    assert LOCAL.trusted_hosts(config) == ("localhost", "127.0.0.1", "[::1]", "127.0.0.1")
    assert REACHED.trusted_hosts(config) is None
    for opening in (LOCAL, REACHED, TO_ALL):
        assert "attrib.example.org" in (opening.trusted_hosts(with_provider) or ())
