"""`attrib index remove` and `attrib index opt-out`: takes reference code out, for now or for good."""

from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from attrib.cli import options
from attrib.cli.terminal import emit_json, output, printable_line
from attrib.counts import plural
from index.collection import Collection

if TYPE_CHECKING:
    from attrib.service import Service
    from index.opt_outs import OptedOut, OptOut

REMOVED_SHOWN = 20


@click.command()
@click.argument("purl")
@options.collections
@options.as_json
@click.pass_context
def remove(context: click.Context, purl: str, collections: tuple[Collection, ...], as_json: bool) -> None:
    """Remove one source; its code is no longer matched.

    It may be added again. Its bytes go at the next `attrib index merge`.
    """
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        files = service.remove(purl, collections)
    if as_json:
        emit_json({"removed": purl, "files": files})
    else:
        output().print(f"removed {printable_line(purl)} ({plural(files, 'file')})")


@click.command("opt-out")
@click.argument("pattern", required=False)
@click.option("--reason", default="", help="Why; shown wherever it is refused.")
@click.option("--list", "listing", is_flag=True, help="List what was opted out.")
@click.option("--undo", metavar="PATTERN", help="Admit it again, from the next time it is added.")
@options.as_json
@click.pass_context
def opt_out(
    context: click.Context, pattern: str | None, reason: str, listing: bool, undo: str | None, as_json: bool
) -> None:
    """Take out what its authors do not want in an index, and never admit it again.

    PATTERN is a purl, a purl without its version, a beginning that ends in "*", or the SWHID of one file's content
    (swh:1:cnt:...), which then goes from every source. It is gone from every answer at once, its bytes at the next
    `attrib index merge`.
    """
    from attrib.bootstrap import build_service

    if [pattern is not None, listing, undo is not None].count(True) != 1:
        raise click.UsageError("give one of PATTERN, --list and --undo", context)
    with build_service(options.settings(context, {})) as service:
        if pattern is not None:
            _opted_out(service.opt_out(pattern, " ".join(reason.split())), as_json)
        elif undo is not None:
            service.undo_opt_out(undo)
            _undone(undo, as_json)
        else:
            _list(service, as_json)


def _opted_out(done: "OptedOut", as_json: bool) -> None:
    if as_json:
        emit_json(_as_json(done.opt_out) | {"removed": list(done.sources), "files": done.files})
        return
    console = output()
    for purl in done.sources[:REMOVED_SHOWN]:
        console.print(Text.assemble(("- ", "red"), (printable_line(purl), "bold")))
    if len(done.sources) > REMOVED_SHOWN:
        console.print(Text(f"  and {plural(len(done.sources) - REMOVED_SHOWN, 'more source')} (--json lists them)"))
    console.print(
        f"{printable_line(done.opt_out.pattern)} is opted out: {plural(len(done.sources), 'source')} and "
        f"{plural(done.files, 'file')} removed"
    )


def _undone(pattern: str, as_json: bool) -> None:
    if as_json:
        emit_json({"undone": pattern})
    else:
        output().print(f"{printable_line(pattern)} may be added again")


def _list(service: "Service", as_json: bool) -> None:
    opt_outs = service.opt_outs()
    if as_json:
        emit_json({"opt_outs": [_as_json(one) for one in opt_outs]})
        return
    console = output()
    for one in opt_outs:
        why = f"  {printable_line(one.reason)}" if one.reason else ""
        console.print(Text.assemble((printable_line(one.pattern), "bold"), f"  since {one.since:%Y-%m-%d}{why}"))
    if not opt_outs:
        console.print("nothing was opted out")


def _as_json(one: "OptOut") -> dict[str, Any]:
    return {"pattern": one.pattern, "reason": one.reason, "since": one.since.isoformat()}
