"""`attrib audit`: what stands in a whole tree, and what that asks for."""

import importlib
from pathlib import Path

import click
from rich.text import Text

from attrib.cli import options
from attrib.cli.inputs import STANDARD_INPUT, read_code
from attrib.cli.terminal import notes, output, printable, printable_line, progress_bar

FORMATS = ("text", "json")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How it is told.")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Write the report to a file.")
@options.exclude
@options.searched
@options.language
@click.option("--rev", metavar="REV", help="Audit the folder as it is at this git revision.")
@click.option("--since", metavar="REV", help="Audit only files that changed since this git revision, or are new.")
@click.option("--staged", is_flag=True, help="Audit only what is staged in git, as it is staged.")
@click.option("--ignore", multiple=True, metavar="GLOB", help="Leave these files out, as in a .gitignore. Repeatable.")
@click.option("--jobs", type=click.IntRange(1), help="Search so many files at once; otherwise one for each core.")
@click.option("--no-cache", is_flag=True, help="Read everything anew, and remember nothing.")
@options.fail_on
@click.pass_context
def audit(
    context: click.Context,
    path: Path,
    form: str,
    target: Path | None,
    exclude: tuple[str, ...],
    collections: tuple[str, ...] | None,
    language: str | None,
    rev: str | None,
    since: str | None,
    staged: bool,
    ignore: tuple[str, ...],
    jobs: int | None,
    no_cache: bool,
    fail_on: str,
) -> None:
    """Audit every file of a folder, an archive, or the code on standard input ("-").

    --language says what standard input is written in.
    """
    from attrib.audits.opening import Reading, open_tree, text_tree
    from attrib.bootstrap import build_service

    settings = options.settings(context, {"collections": collections})
    reading = Reading(rev, since, staged, (*settings.audit_ignore, *ignore))
    given = str(path) == STANDARD_INPUT
    if language is not None and not given:
        raise click.UsageError("--language is for standard input: a file's name says what it is written in")
    tree = text_tree(read_code("-", settings.max_code_bytes).code, language) if given else open_tree(path, reading)
    with build_service(settings) as service, progress_bar() as bar:
        task = bar.add_task(f"auditing {printable_line(path.name)}", total=None)
        report = service.audit_tree(
            tree,
            exclude=exclude,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            jobs=jobs,
            cached=not no_cache,
        )
    text = importlib.import_module(f"attrib.reports.{form}").render(report)
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
