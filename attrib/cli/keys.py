"""`attrib keys`: makes, lists and revokes API keys."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from attrib.cli import options
from attrib.cli.terminal import emit_json, notes, output, printable_line

if TYPE_CHECKING:
    from attrib.keys import ApiKey, KeyStore

UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=36_500)


class Duration(click.ParamType[timedelta]):
    """A time from now, such as 12h, 90d or 8w."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> timedelta:
        """Read the time; a hundred years at most."""
        if isinstance(value, timedelta):
            return value
        written = re.fullmatch(r"(\d{1,6})([hdw])", value)
        lasting = int(written[1]) * UNITS[written[2]] if written else timedelta()
        if not timedelta() < lasting <= LONGEST:
            self.fail(f"{value!r} is no time from now: give one such as 12h, 90d or 8w", param, context)
        return lasting


@click.group()
def keys() -> None:
    """Look after the API keys.

    Once there is one, everybody who asks the server needs one.
    """


@keys.command()
@click.option("--name", required=True, help="Whose key it is; records say so.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    help="What it may do: check, generate, audit, admin; several with commas. admin may do everything.",
)
@click.option("--expires", type=Duration(), help="When it ends: 12h, 90d, 8w from now. Otherwise never.")
@options.as_json
@click.pass_context
def create(context: click.Context, name: str, scopes: str, expires: timedelta | None, as_json: bool) -> None:
    """Make a key and show it, this once."""
    from attrib.scopes import read_scopes

    wanted = read_scopes(scopes.split(","))
    with _store(context) as store:
        key, text = store.create(name, wanted, expires)
    if as_json:
        emit_json({"key": text.text, **_json(key)})
        return
    output().print(text.text)
    notes().print(f"Keep it now: it is not stored and cannot be shown again. Its id is {key.id}.")


@keys.command("list")
@options.as_json
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """List every key there ever was, without its secret."""
    with _store(context) as store:
        known = store.list()
    if as_json:
        emit_json({"keys": [_json(key) for key in known]})
        return
    for key in known:
        used = "never used" if key.last_used_at is None else f"last used {key.last_used_at:%Y-%m-%d %H:%M}Z"
        scopes = ",".join(_json(key)["scopes"])
        output().print(f"{key.id}  {_state(key):20}  {scopes:28}  {used:27}  {printable_line(key.name)}")
    if not known:
        notes().print("No key was ever made: `attrib keys create --name NAME --scope check` makes one.")


@keys.command()
@click.argument("key")
@options.as_json
@click.pass_context
def revoke(context: click.Context, key: str, as_json: bool) -> None:
    """End a key at once, by its id or its name, and the logins made with it."""
    with _store(context) as store:
        revoked = store.revoke(key)
    if as_json:
        emit_json(_json(revoked))
    else:
        output().print(f"the key {printable_line(revoked.name)} ({revoked.id}) opens nothing any more")


@contextmanager
def _store(context: click.Context) -> Iterator["KeyStore"]:
    from attrib.database import open_database
    from attrib.keys import KeyStore

    engine = open_database(options.settings(context, {}).database_url)
    try:
        yield KeyStore(engine)
    finally:
        engine.dispose()


def _state(key: "ApiKey") -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "stands"
    return f"{'expired' if key.expires_at <= datetime.now(UTC) else 'until'} {key.expires_at:%Y-%m-%d}"


def _json(key: "ApiKey") -> dict[str, Any]:
    from attrib.scopes import in_order

    moments = ("created_at", "expires_at", "revoked_at", "last_used_at")
    told = {moment: getattr(key, moment) for moment in moments}
    return {
        "id": key.id,
        "name": key.name,
        "scopes": in_order(key.scopes),
        **{moment: None if at is None else at.isoformat(timespec="seconds") for moment, at in told.items()},
    }
