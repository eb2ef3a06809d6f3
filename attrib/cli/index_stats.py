"""`attrib index stats`: how much the index holds, under which licences, in which languages, and in how many bytes."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from attrib.cli import options
from attrib.cli.terminal import emit_json, output, printable_line
from attrib.counts import plural

if TYPE_CHECKING:
    from index.statistics import IndexStatistics

ROWS_SHOWN = 10


@click.command()
@options.as_json
@click.pass_context
def stats(context: click.Context, as_json: bool) -> None:
    """Say how much the index holds."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        found = service.statistics()
    if as_json:
        emit_json(_as_json(found))
    else:
        _show(output(), found)


def _as_json(found: "IndexStatistics") -> dict[str, Any]:
    divided = asdict(found)
    del divided["totals"]
    return asdict(found.totals) | divided


def _show(console: Console, found: "IndexStatistics") -> None:
    totals = found.totals
    console.print(
        f"{plural(totals.sources, 'source')}, {plural(totals.files, 'file')}, {plural(totals.lexemes, 'lexeme')}\n"
        f"{plural(totals.segments, 'segment')}, {_size(totals.segment_bytes)} for "
        f"{_size(totals.source_bytes)} of code, revision {totals.revision}"
    )
    for one in found.collections:
        held = f"{plural(one.sources, 'source')}, {plural(one.files, 'file')}, {plural(one.lexemes, 'lexeme')}"
        stored = f"in {plural(one.segments, 'segment')}, {_size(one.segment_bytes)}"
        console.print(Text.assemble((f"  {one.collection:10} ", "dim"), f"{held} {stored}"))
    split = ", ".join(f"{name} {_size(size)}" for name, size in found.disk.items())
    console.print(Text.assemble(("  disk       ", "dim"), split))
    _table(console, "licences", [(one.license, plural(one.files, "file")) for one in found.licenses])
    languages = [(one.language or "unknown", plural(one.lexemes, "lexeme")) for one in found.languages]
    _table(console, "languages", languages)
    if found.removed_contents:
        freed = f"{plural(found.removed_contents, 'file')}, {_size(found.removed_bytes)} of code: attrib index merge"
        console.print(Text.assemble(("  removed    ", "dim"), freed))
    if found.incomplete_sources:
        lacking = f"{plural(found.incomplete_sources, 'source')}: attrib index verify names them"
        console.print(Text.assemble(("  incomplete ", "dim"), lacking))
    console.print(
        Text.assemble(
            ("  kept out   ", "dim"), f"{plural(found.refusals, 'refusal')}, {plural(found.opt_outs, 'opt-out')}"
        )
    )


def _table(console: Console, name: str, rows: list[tuple[str, str]]) -> None:
    shown = ", ".join(f"{printable_line(key)} {count}" for key, count in rows[:ROWS_SHOWN])
    more = f", and {len(rows) - ROWS_SHOWN:,} more (--json)" if len(rows) > ROWS_SHOWN else ""
    console.print(Text.assemble((f"  {name:10} ", "dim"), f"{shown or 'none'}{more}"))


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
