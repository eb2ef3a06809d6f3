"""`attrib index`: looks after the reference code; here, what lists and shows it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from attrib.cli import options
from attrib.cli.index_add import add
from attrib.cli.index_merge import merge
from attrib.cli.index_postings import load_postings
from attrib.cli.index_publish import publish, pull
from attrib.cli.index_remove import opt_out, remove
from attrib.cli.index_stats import stats
from attrib.cli.index_verify import verify
from attrib.cli.terminal import emit_json, output, printable_line
from attrib.counts import plural
from index.collection import Collection

if TYPE_CHECKING:
    from attrib.service import Service
    from index.entries import SourceSummary

LEFT_OUT_SHOWN = 20
PAGE = 200


@click.group()
def index() -> None:
    """Look after the reference code that is searched."""


for command in (add, remove, opt_out, merge, publish, pull, verify, stats, load_postings):
    index.add_command(command)


@index.command("list")
@click.argument("text", required=False)
@options.collections
@options.as_json
@click.pass_context
def list_sources(context: click.Context, text: str | None, collections: tuple[Collection, ...], as_json: bool) -> None:
    """List the sources, or those whose purl has TEXT in it."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        sources = list(_all_sources(service, text, collections))
    if as_json:
        emit_json({"sources": [_as_json(source) for source in sources]})
        return
    console = output()
    widest = max((len(source.purl) for source in sources), default=0)
    for source in sources:
        size = f"{plural(source.files, 'file')}, {plural(source.lexemes, 'lexeme')}"
        purl = f"{printable_line(source.purl):{widest}}"
        licence = f"  {printable_line(source.license_expression)}"
        kept = "" if source.collection is Collection.PERMISSIVE else f"  {source.collection}"
        console.print(Text.assemble((purl, "bold"), licence, (f"  {size}", "dim"), (kept, "yellow")))
    if not sources:
        console.print("the index is empty: attrib index add installed" if text is None else "no such source")


@index.command()
@click.argument("purl")
@options.collections
@options.as_json
@click.pass_context
def show(context: click.Context, purl: str, collections: tuple[Collection, ...], as_json: bool) -> None:
    """Show one source: licence, copyright, size, what was left out.

    A source of which two collections hold something is shown twice; with --json, the permissive one unless
    --collection names the other.
    """
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        source = service.source(purl, collections)
        following = service.sources(None, len(Collection), source.cursor, collections)
    if as_json:
        emit_json(_as_json(source))
        return
    for held in (source, *(one for one in following if one.purl == purl)):
        _show_source(output(), held)


def _all_sources(
    service: "Service", text: str | None, collections: tuple[Collection, ...]
) -> "Iterator[SourceSummary]":
    cursor = None
    while page := service.sources(text, PAGE, cursor, collections):
        yield from page
        cursor = page[-1].cursor


def _as_json(source: "SourceSummary") -> dict[str, Any]:
    return {
        "purl": source.purl,
        "collection": source.collection,
        "url": source.url,
        "license": source.license_expression,
        "license_evidence": source.license_evidence,
        "copyright": list(source.copyright),
        "files": source.files,
        "lexemes": source.lexemes,
        "released": source.released.isoformat() if source.released else None,
        "left_out": [{"path": path, "reason": reason} for path, reason in source.left_out],
    }


def _show_source(console: Console, source: "SourceSummary") -> None:
    console.print(Text(printable_line(source.purl), style="bold"))
    rows = {
        "kept as": source.collection,
        "licence": f"{source.license_expression}  ({source.license_evidence})",
        "copyright": "; ".join(source.copyright) or "not stated",
        "url": source.url or "not stated",
        "released": source.released.isoformat() if source.released else "not known",
        "size": f"{plural(source.files, 'file')}, {plural(source.lexemes, 'lexeme')}",
        "left out": plural(len(source.left_out), "file"),
    }
    for name, value in rows.items():
        console.print(Text.assemble((f"  {name:10}", "dim"), printable_line(value)))
    for path, reason in source.left_out[:LEFT_OUT_SHOWN]:
        console.print(Text(f"            {printable_line(path)}: {printable_line(reason)}", style="dim"))
    if len(source.left_out) > LEFT_OUT_SHOWN:
        console.print(Text(f"            and {len(source.left_out) - LEFT_OUT_SHOWN:,} more (--json)", style="dim"))
