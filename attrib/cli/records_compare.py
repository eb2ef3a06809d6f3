"""`attrib records compare`: what is new, gone and unchanged between two stored audits."""

from typing import TYPE_CHECKING

import click
from rich.text import Text

from attrib.cli import options
from attrib.cli.terminal import VERDICT_STYLE, emit_json, output, printable_line
from attrib.counts import plural

if TYPE_CHECKING:
    from attrib.audits.comparing import Kept
    from attrib.audits.findings import Finding


@click.command()
@click.argument("id")
@click.argument("earlier", metavar="[EARLIER]", required=False)
@options.as_json
@click.pass_context
def compare(context: click.Context, id: str, earlier: str | None, as_json: bool) -> None:
    """Hold the audit ID against an EARLIER one, otherwise against the one before it of the same project."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        comparison = service.compared(id, earlier or service.audit_before(id))
    if as_json:
        emit_json(comparison.as_json())
        return
    console = output()
    console.print(
        f"{plural(len(comparison.new), 'new finding')}, {len(comparison.gone):,} gone, "
        f"{len(comparison.unchanged):,} unchanged since {comparison.earlier.id}",
        highlight=False,
    )
    for finding in comparison.new:
        console.print(_line("new ", finding))
    for finding in comparison.gone:
        console.print(_line("gone", finding))
    for kept in comparison.unchanged:
        if kept.is_judged_anew:
            console.print(Text.assemble(_line("same", kept.now), _before(kept)))


def _line(what: str, finding: "Finding") -> Text:
    output = finding.match.output
    place = printable_line(f"{finding.path}:{output.start_line}-{output.end_line}")
    origin = finding.match.origins[0]
    verdict = (f"{finding.verdict.value:9}", VERDICT_STYLE[finding.verdict])
    return Text.assemble(f"{what}  ", verdict, f"  {place}  ", printable_line(f"{origin.purl} ({origin.license})"))


def _before(kept: "Kept") -> str:
    return f", before: {kept.before.verdict.value}"
