"""`attrib records`: what was checked, generated and audited; here, what lists, shows and deletes it."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from attrib.ages import age_of
from attrib.answers import Action
from attrib.cli import options
from attrib.cli.records_compare import compare
from attrib.cli.records_verify import verify
from attrib.cli.terminal import VERDICT_STYLE, emit_json, output, printable_line
from attrib.counts import plural

if TYPE_CHECKING:
    from attrib.records import Record
    from attrib.service import Service

PAGE = 200


def _age(context: click.Context, option: click.Parameter, text: str | None) -> timedelta | None:
    try:
        return None if text is None else age_of(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.group()
def records() -> None:
    """Look at what was checked, generated and audited, and delete it."""


records.add_command(verify)
records.add_command(compare)


@records.command("list")
@click.argument("text", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="List so many, newest first.")
@options.as_json
@click.pass_context
def list_records(context: click.Context, text: str | None, limit: int, as_json: bool) -> None:
    """List the newest records, or those that name TEXT: a path, purl, licence, id, or the SHA-256 of some code."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        found = list(islice(_all_records(service, text), limit))
    if as_json:
        emit_json({"records": [record.summary() for record in found]})
        return
    console = output()
    for record in found:
        console.print(_line(record))
    if not found:
        console.print("no records yet" if text is None else "no such record")


@records.command()
@click.argument("id")
@options.as_json
@click.pass_context
def show(context: click.Context, id: str, as_json: bool) -> None:
    """Show one record; with --json all of it, its code included where that was kept."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        record = service.record(id)
    if as_json:
        emit_json(record.as_json())
        return
    console = output()
    console.print(_line(record))
    rows = {
        "path": record.request.get("path"),
        "model": None if record.model is None else record.model.get("name"),
        "index": f"revision {record.index_revision}",
        "code": _kept(record),
    }
    for name, value in rows.items():
        if value is not None:
            console.print(Text.assemble((f"  {name:10}", "dim"), printable_line(str(value))))
    for purl, path, license in dict.fromkeys(_origins(record.answer)):
        console.print(Text(f"  {'found in':10}{printable_line(f'{purl} {path} ({license})')}"))


@records.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@options.as_json
@click.pass_context
def delete(context: click.Context, ids: tuple[str, ...], as_json: bool) -> None:
    """Delete records for good."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        for id in ids:
            service.delete_record(id)
    if as_json:
        emit_json({"deleted": list(ids)})
    else:
        output().print(f"{plural(len(ids), 'record')} deleted")


@records.command()
@click.option(
    "--older-than",
    "age",
    callback=_age,
    metavar="AGE",
    help="Hours, days or weeks, such as 12h, 90d or 2w; otherwise what keep_days says.",
)
@options.as_json
@click.pass_context
def expire(context: click.Context, age: timedelta | None, as_json: bool) -> None:
    """Delete the records that are too old for good.

    `attrib serve` does so by itself once an hour where keep_days is set.
    """
    from attrib.bootstrap import build_service

    config = options.settings(context, {})
    if age is None and config.keep_days:
        age = timedelta(days=config.keep_days)
    if age is None:
        raise click.UsageError("keep_days is not set, so give --older-than, such as --older-than 90d", context)
    with build_service(config) as service:
        deleted = service.expire_records(age)
    if as_json:
        emit_json({"deleted": deleted})
    else:
        output().print(f"{plural(deleted, 'record')} deleted")


def _all_records(service: "Service", text: str | None) -> "Iterator[Record]":
    cursor = None
    while True:
        page = service.records(PAGE, cursor, text)
        yield from page.records
        cursor = page.cursor
        if cursor is None:
            return


def _line(record: "Record") -> Text:
    when = f"{record.created_at:%Y-%m-%d %H:%M:%S}"
    verdict = (f"{record.verdict:9}", VERDICT_STYLE[Action(record.verdict)])
    return Text.assemble((record.id, "bold"), f"  {when}  {record.kind.value:10}  ", verdict, f"  {record.status}")


def _kept(record: "Record") -> str | None:
    if record.code is not None:
        return f"kept, {plural(len(record.code), 'byte')}, SHA-256 {record.code_hash}"
    return None if record.code_hash is None else f"not kept, SHA-256 {record.code_hash}"


def _origins(value: Any) -> Iterator[tuple[str, str, str]]:
    """Yield purl, path and licence of the best origin of every match that stands anywhere in an answer."""
    if isinstance(value, dict):
        origins = value.get("origins")
        if origins:
            yield origins[0]["purl"], origins[0]["path"], origins[0]["license"]
        else:
            for part in value.values():
                yield from _origins(part)
    elif isinstance(value, list):
        for part in value:
            yield from _origins(part)
