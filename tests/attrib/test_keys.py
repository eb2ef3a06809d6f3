"""API keys: shown once, stored as hashes, and ended by time or by hand."""

import hmac
import json
import re
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from attrib import keys as keys_module
from attrib.cli.main import cli
from attrib.config import Config
from attrib.errors import ConfigurationError, KeyRefused, NoSuchKey
from attrib.key_text import WRITTEN, checksum, new_key_text, read_key_text
from attrib.keys import KeyStore
from attrib.principal import Principal
from attrib.scopes import Scope
from attrib.sessions import IDLE, LONGEST, SessionStore
from tests.services.stored import everything_stored

pytestmark = pytest.mark.databases("sqlite", "postgresql")

CHECK = frozenset({Scope.CHECK})


@dataclass
class Clock:
    """A time that a test moves on."""

    now: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(engine: Engine, clock: Clock) -> KeyStore:
    return KeyStore(engine, clock)


@pytest.fixture
def sessions(engine: Engine, clock: Clock) -> SessionStore:
    return SessionStore(engine, clock)


def test_a_key_is_256_random_bits_that_a_scanner_can_find() -> None:
    texts = {new_key_text().text for _ in range(200)}
    assert len(texts) == 200
    for text in texts:
        assert WRITTEN.fullmatch(text)
        assert read_key_text(text).text == text  # type: ignore[union-attr]
        assert len(text.split("_")[2]) == 43 + 6


@given(st.data())
def test_any_one_wrong_character_is_told_as_a_mistake_of_typing(data: st.DataObject) -> None:
    text = new_key_text().text
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(sorted(set(string.ascii_letters + string.digits + "_- ") - {text[place]})))
    assert read_key_text(text[:place] + other + text[place + 1 :]) is None


@given(st.text(max_size=80))
def test_any_text_may_be_shown(text: str) -> None:
    assert read_key_text(text) is None


def test_the_key_is_stored_nowhere(store: KeyStore, engine: Engine, config: Config) -> None:
    _, text = store.create("ci", CHECK)
    engine.dispose()
    stored = everything_stored(engine, config.home)
    assert text.id.encode() in stored
    assert text.sha256.encode() in stored
    assert text.text.encode() not in stored
    assert text.text[-40:].encode() not in stored
    assert text.text not in repr(text)


def test_a_key_admits_with_its_name_and_scopes(store: KeyStore) -> None:
    made, text = store.create("ci", frozenset({Scope.CHECK, Scope.AUDIT}))
    admitted = store.admitted(text.text)
    assert admitted == made
    assert admitted.principal.name == "ci"
    assert admitted.principal.may(Scope.AUDIT)
    assert not admitted.principal.may(Scope.GENERATE)


def test_whoever_administers_may_do_everything() -> None:
    assert all(Principal("a", frozenset({Scope.ADMIN})).may(scope) for scope in Scope)


def test_secrets_are_compared_in_constant_time_even_where_no_key_has_the_id(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []
    genuine = hmac.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return genuine(one, other)

    monkeypatch.setattr(keys_module.hmac, "compare_digest", compare)
    _, text = store.create("ci", CHECK)
    store.admitted(text.text)
    stranger = new_key_text()
    with pytest.raises(KeyRefused, match="no such key"):
        store.admitted(stranger.text)
    assert [one for one, _ in compared] == [text.sha256, stranger.sha256]


def test_a_key_whose_id_is_known_and_whose_secret_is_not_opens_nothing(store: KeyStore) -> None:
    _, text = store.create("ci", CHECK)
    other = new_key_text()
    forged = other.text.replace(other.id, text.id, 1)
    forged = forged[:-6] + checksum(forged[:-6])
    with pytest.raises(KeyRefused, match="no such key"):
        store.admitted(forged)


def test_a_key_ends_when_it_expires_and_when_it_is_revoked(store: KeyStore, clock: Clock) -> None:
    _, short = store.create("short", CHECK, timedelta(days=90))
    _, long = store.create("long", CHECK)
    clock.now += timedelta(days=90) - timedelta(seconds=1)
    assert store.admitted(short.text).name == "short"
    clock.now += timedelta(seconds=1)
    with pytest.raises(KeyRefused, match="'short' expired on 2027-02-22"):
        store.admitted(short.text)
    assert store.admitted(long.text).name == "long"
    store.revoke("long")
    with pytest.raises(KeyRefused, match="'long' was revoked"):
        store.admitted(long.text)
    with pytest.raises(NoSuchKey, match="attrib keys list"):
        store.revoke("nobody")
    assert store.any()


def test_the_last_use_is_written_once_a_minute_at_most(store: KeyStore, clock: Clock, engine: Engine) -> None:
    _, text = store.create("ci", CHECK)
    written: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: written.append(args[2]))
    for _ in range(5):
        store.admitted(text.text)
        clock.now += timedelta(seconds=10)
    assert sum(statement.startswith("UPDATE") for statement in written) == 1
    clock.now += timedelta(seconds=10)
    store.admitted(text.text)
    assert sum(statement.startswith("UPDATE") for statement in written) == 2
    assert store.list()[0].last_used_at == clock.now


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\u202eb", " a", "a" * 65, "a\x1b[31m", "a\u200bb"])
def test_a_name_can_be_read_on_one_line(store: KeyStore, name: str) -> None:
    with pytest.raises(ConfigurationError, match="name"):
        store.create(name, CHECK)


def test_a_session_of_a_key_ends_with_the_key(store: KeyStore, sessions: SessionStore, clock: Clock) -> None:
    key, _ = store.create("ann", CHECK, timedelta(hours=1))
    other, _ = store.create("bob", CHECK)
    ann, bob = sessions.begin(key), sessions.begin(other)
    assert sessions.standing(ann.token) == ann
    assert ann.principal == key.principal
    store.revoke("bob")
    assert sessions.standing(bob.token) is None
    clock.now += timedelta(hours=1)
    assert sessions.standing(ann.token) is None


def test_a_session_ends_when_idle_when_old_and_when_ended(sessions: SessionStore, clock: Clock) -> None:
    person = Principal("ann@example.org", CHECK)
    idle, ended, kept = sessions.begin(person), sessions.begin(person), sessions.begin(person)
    assert len({idle.token, ended.token, kept.token}) == 3
    sessions.end(ended.token)
    assert sessions.standing(ended.token) is None
    begun = clock.now
    while clock.now - begun < LONGEST - IDLE:
        clock.now += IDLE / 2
        assert sessions.standing(kept.token) == kept
    assert sessions.standing(idle.token) is None
    clock.now = begun + LONGEST
    assert sessions.standing(kept.token) is None


def test_the_token_of_a_session_is_stored_nowhere(sessions: SessionStore, engine: Engine, config: Config) -> None:
    begun = sessions.begin(Principal("ann@example.org", CHECK))
    engine.dispose()
    stored = everything_stored(engine, config.home)
    assert b"ann@example.org" in stored
    assert begun.token.encode() not in stored
    assert begun.token not in repr(begun)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTRIB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_the_command_shows_a_key_once(home: Path) -> None:
    runner = CliRunner()
    made = runner.invoke(cli, ["keys", "create", "--name", "ci", "--scope", "generate,check", "--expires", "90d"])
    assert made.exit_code == 0
    assert WRITTEN.fullmatch(made.stdout.strip())
    assert "Keep it now" in made.stderr
    listed = runner.invoke(cli, ["keys", "list"]).stdout
    assert "check,generate" in listed
    assert made.stdout.strip() not in listed
    (key,) = json.loads(runner.invoke(cli, ["keys", "list", "--json"]).stdout)["keys"]
    assert key["id"] == made.stdout.split("_")[1]
    assert (key["name"], key["scopes"], key["last_used_at"]) == ("ci", ["check", "generate"], None)
    revoked = runner.invoke(cli, ["keys", "revoke", key["id"]])
    assert "opens nothing any more" in revoked.stdout
    assert re.search(r"revoked \d{4}", runner.invoke(cli, ["keys", "list"]).stdout)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["create", "--name", "a", "--scope", "read"], "'read' is no scope: give one or more of check, generate"),
        (["create", "--name", "a", "--scope", ""], "is no scope"),
        (["create", "--name", "a", "--scope", "check", "--expires", "soon"], "give one such as 12h, 90d or 8w"),
        (["create", "--name", "a", "--scope", "check", "--expires", "0d"], "no time from now"),
        (["create", "--name", "a", "--scope", "check", "--expires", "999999w"], "no time from now"),
        (["create", "--name", "a\nb", "--scope", "check"], "readable on one line"),
        (["revoke", "a"], "no key has the id or name 'a'"),
    ],
)
def test_a_mistake_is_one_line(home: Path, args: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, ["keys", *args])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert said in result.stderr


def _doctor() -> dict[str, str]:
    found = json.loads(CliRunner().invoke(cli, ["doctor", "--json"]).stdout)["findings"]
    return next(finding for finding in found if finding["name"] == "access")


def test_doctor_tells_whether_a_key_is_asked_for(home: Path) -> None:
    assert "nobody is asked for a key" in _doctor()["detail"]
    CliRunner().invoke(cli, ["keys", "create", "--name", "ci", "--scope", "check"])
    assert "1 of 1 key may be used" in _doctor()["detail"]
    CliRunner().invoke(cli, ["keys", "revoke", "ci"])
    found = _doctor()
    assert (found["state"], "no key stands any more" in found["detail"]) == ("warning", True)
    assert "attrib keys create" in found["mend"]
