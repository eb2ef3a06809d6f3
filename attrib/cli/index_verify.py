"""`attrib index verify`: reads everything, says what is wrong, and mends what can be mended."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from attrib.cli import failures, options
from attrib.cli.terminal import bytes_bar, emit_json, output, printable_line
from attrib.counts import plural

if TYPE_CHECKING:
    from index.integrity import Flaw, IntegrityReport


@click.command()
@click.option("--mend", is_flag=True, help="Mend what can be mended.")
@options.as_json
@click.pass_context
def verify(context: click.Context, mend: bool, as_json: bool) -> None:
    """Read the whole index and say what is wrong with it.

    Compares every segment with its checksums, every file with its SWHID, and the catalogue with both. With --mend a
    damaged segment is written anew from what can be read, and the sources that lost files are named: add them again.

    Exit status: 0 the index is whole; 1 something is wrong and stays so.
    """
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service, bytes_bar() as bar:
        task = bar.add_task("reading", total=None)
        report = service.verify(mend, lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        emit_json(
            {
                "status": "whole" if report.whole else "wrong",
                "segments": report.segments,
                "contents": report.contents,
                "bytes": report.bytes,
                "flaws": [asdict(flaw) for flaw in report.flaws],
                "seconds": report.seconds,
            }
        )
    else:
        _show(output(), report)
    context.exit(0 if report.whole else failures.EXIT_FOUND)


def _show(console: Console, report: "IntegrityReport") -> None:
    for flaw in report.flaws:
        console.print(_line(flaw))
    read = (
        f"{plural(report.segments, 'segment')} with {plural(report.contents, 'file')} read, "
        f"{report.bytes / 1e6:,.1f} MB in {report.seconds:.1f} s"
    )
    wrong = sum(not flaw.mended for flaw in report.flaws)
    mended = len(report.flaws) - wrong
    found = ([f"{wrong:,} wrong"] if wrong else []) + ([f"{mended:,} mended"] if mended else [])
    console.print(f"{read}: {', '.join(found) if found else 'the index is whole'}")


def _line(flaw: "Flaw") -> Text:
    state = ("mended  ", "green") if flaw.mended else ("wrong   ", "bold red")
    mend = "" if flaw.mended else f": {flaw.mend}"
    return Text.assemble(state, (printable_line(flaw.where), "bold"), f" {printable_line(flaw.what)}{mend}")
