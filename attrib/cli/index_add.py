"""`attrib index add`: takes reference code in, and lists what was refused and why."""

from collections import Counter
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from attrib.cli import options
from attrib.cli.terminal import emit_json, output, printable_line, transfer_bar
from attrib.counts import plural
from attrib.errors import UnreadableInput
from index.collection import Collection

if TYPE_CHECKING:
    from attrib.ingest_report import IngestReport

REFUSED_SHOWN = 20
REASONS_SHOWN = 8
UNREADABLE_SAID = 5


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option("--purl", help="The source of a folder whose own files do not say it.")
@click.option("--license", "license_expression", metavar="EXPR", help="Its licence, as an SPDX expression.")
@click.option(
    "--collection",
    type=click.Choice([str(one) for one in Collection]),
    default=str(Collection.PERMISSIVE),
    show_default=True,
    help="What to take: permissive code, or what is refused there for its licence, so that a copy of it is told.",
)
@click.option("--second-opinion", is_flag=True, help="Ask ScanCode too, and refuse what it finds less permissive.")
@click.option("--spark", is_flag=True, help="Read, judge and sign rows of Parquet files on Apache Spark.")
@click.option(
    "--through", metavar="ADDRESS", help="With --spark: a folder or object store that all its machines reach."
)
@options.as_json
@click.pass_context
def add(
    context: click.Context,
    specs: tuple[str, ...],
    purl: str | None,
    license_expression: str | None,
    collection: str,
    second_opinion: bool,
    spark: bool,
    through: str | None,
    as_json: bool,
) -> None:
    """Add reference code.

    SPEC is "installed" (the packages of this Python environment), a folder, an archive (.whl, .zip, .tar.gz and the
    like), or a package to fetch: pkg:pypi/flask@3.1.3, pkg:npm/chalk@5. Only permissively licensed code is admitted,
    and what is refused is listed with its reason; --collection restricted takes just that, and keeps it apart. A SPEC
    that cannot be read does not keep the others out, but makes the exit status 2. Adding what is there already changes
    nothing; a run that was interrupted is completed by running it again.

    With --spark every SPEC is the address of Parquet files with rows of code, and all of them are added or nothing is.
    Spark's own settings say where it runs; without any it is this machine.
    """
    _require_sense(spark, through, purl is not None or license_expression is not None or second_opinion)
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service, transfer_bar() as bar:
        reading = bar.add_task("reading", total=None)
        fetching = bar.add_task("fetching", total=None, visible=False)

        def show(read: int, name: str) -> None:
            bar.update(reading, completed=read, description=printable_line(name))

        def arrived(size: int, name: str) -> None:
            bar.update(fetching, advance=size, description=f"fetching {printable_line(name)}", visible=True)

        if spark:
            report = service.add_on_spark(specs, collection=Collection(collection), progress=show, through=through)
        else:
            report = service.add(
                specs,
                purl=purl,
                license=license_expression,
                collection=Collection(collection),
                progress=show,
                arrived=arrived,
                second_opinion=second_opinion,
            )
    if as_json:
        emit_json(report.as_json())
    else:
        _show(output(), report)
    if report.unreadable:
        few = "; ".join(f"{one.spec}: {one.reason}" for one in report.unreadable[:UNREADABLE_SAID])
        raise UnreadableInput(f"{len(report.unreadable)} of {plural(len(specs), 'SPEC')} could not be read: {few}")


def _require_sense(spark: bool, through: str | None, about_one_source: bool) -> None:
    if through is not None and not spark:
        raise UnreadableInput("--through goes with --spark: leave it out.")
    if spark and about_one_source:
        raise UnreadableInput("--purl, --license and --second-opinion do not go with --spark: leave them out.")


def _show(console: Console, report: "IngestReport") -> None:
    widest = max((len(source.purl) for source in report.added), default=0)
    for source in report.added:
        size = f"{plural(source.files, 'file')}, {plural(source.lexemes, 'lexeme')}"
        line = f"  {printable_line(source.license_expression)}", (f"  {size}", "dim")
        console.print(Text.assemble(("+ ", "green"), (f"{printable_line(source.purl):{widest}}", "bold"), *line))
    sources = [refusal for refusal in report.refused if not refusal.path]
    files = Counter(refusal.reason for refusal in report.refused if refusal.path)
    for refusal in sources[:REFUSED_SHOWN]:
        reason = printable_line(refusal.reason)
        console.print(Text.assemble(("- ", "red"), (printable_line(refusal.purl), "bold"), f"  refused: {reason}"))
    if len(sources) > REFUSED_SHOWN:
        console.print(Text(f"  and {plural(len(sources) - REFUSED_SHOWN, 'more source')} refused (--json lists them)"))
    for one in report.unreadable:
        console.print(Text.assemble(("- ", "red"), (printable_line(one.spec), "bold"), "  could not be read"))
    for reason, count in files.most_common(REASONS_SHOWN):
        console.print(Text.assemble(("- ", "red"), f"{plural(count, 'file')} refused: {printable_line(reason)}"))
    # A refused file is also among those left out, and has been told already.
    left_out = [(reason, count) for reason, count in report.left_out if reason not in files]
    for reason, count in left_out[:REASONS_SHOWN]:
        console.print(Text(f"  {plural(count, 'file')} left out: {printable_line(reason)}", style="dim"))
    if report.passed_over:
        none = "have no code for this collection"
        console.print(Text(f"= {plural(len(report.passed_over), 'source')} {none}", style="dim"))
    if report.unchanged:
        console.print(Text(f"= {plural(len(report.unchanged), 'source')} unchanged", style="dim"))
    console.print(
        f"{plural(len(report.added), 'source')} added: "
        f"{plural(sum(source.files for source in report.added), 'file')}, {plural(report.lexemes, 'lexeme')} "
        f"from {report.bytes / 1e6:,.1f} MB in {report.seconds:.1f} s"
    )
