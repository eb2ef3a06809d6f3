"""`attrib audit`: what stands in a whole tree, and what that asks for."""

from pathlib import Path

import click
from rich.text import Text

from attrib.cli import options
from attrib.cli.terminal import notes, output, printable, printable_line, progress_bar
from attrib.reports.formats import FORMATS


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How it is told."
)
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Write the report to a file.")
@options.exclude
@options.searched
@options.fail_on
@click.pass_context
def audit(
    context: click.Context,
    path: Path,
    form: str,
    target: Path | None,
    exclude: tuple[str, ...],
    collections: tuple[str, ...] | None,
    fail_on: str,
) -> None:
    """Audit every file of a folder."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {"collections": collections})) as service, progress_bar() as bar:
        task = bar.add_task(f"auditing {printable_line(path.name)}", total=None)
        report = service.audit(
            path, exclude=exclude, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    text = FORMATS[form].render(report)
    if target is not None:
        target.write_bytes(_encoded(text))
        notes().print(f"the report is in {printable_line(str(target))}")
    elif form == "text":
        output().print(Text(printable(text.rstrip())))
    else:
        click.echo(_encoded(text), nl=False)
    options.exit_by_verdict(context, (finding.verdict for finding in report.findings), fail_on)


def _encoded(text: str) -> bytes:
    # The escape of an undecodable byte in a name is also an escape of JSON.
    return text.encode("utf-8", "backslashreplace")
