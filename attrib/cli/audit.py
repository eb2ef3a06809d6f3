"""`attrib audit`: what stands in a whole tree, and what that asks for."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from attrib.cli import audit_options, options
from attrib.cli.terminal import notes, output, printable, printable_line, progress_bar
from attrib.reports.formats import FORMATS

if TYPE_CHECKING:
    from attrib.audits.report import AuditReport


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How it is told."
)
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Write the report to a file.")
@options.exclude
@options.searched
@options.fail_on
@audit_options.precedents
@audit_options.mending
@click.pass_context
def audit(
    context: click.Context,
    path: Path,
    form: str,
    target: Path | None,
    exclude: tuple[str, ...],
    collections: tuple[str, ...] | None,
    fail_on: str,
    decisions: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    fail_on_known: bool,
    fix: bool,
    dry_run: bool,
) -> None:
    """Audit every file of a folder."""
    if dry_run and not fix:
        raise click.UsageError("--dry-run goes with --fix")
    if fix and not path.is_dir():
        raise click.UsageError("--fix mends a folder: give one")
    from attrib.audits.baselines import baseline_text
    from attrib.audits.projects import precedents_of, project_of
    from attrib.audits.settling import counting
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {"collections": collections})) as service, progress_bar() as bar:
        task = bar.add_task(f"auditing {printable_line(path.name)}", total=None)
        known = precedents_of(project_of(path, decisions), service.history, baseline)
        look = partial(
            service.audit,
            path,
            exclude=exclude,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            precedents=known,
        )
        report = look()
        if fix and audit_options.mended(service, report, path, dry_run):
            report = look()
    for note in report.notes:
        notes().print(printable_line(note))
    if write_baseline is not None:
        write_baseline.write_text(baseline_text(report.findings), encoding="utf-8")
    if not dry_run:
        _tell(report, form, target)
    options.exit_by_verdict(context, counting(report.findings, fail_on_known), fail_on)


def _tell(report: "AuditReport", form: str, target: Path | None) -> None:
    text = FORMATS[form].render(report)
    if target is not None:
        target.write_bytes(_encoded(text))
        notes().print(f"the report is in {printable_line(str(target))}")
    elif form == "text":
        output().print(Text(printable(text.rstrip())))
    else:
        click.echo(_encoded(text), nl=False)


def _encoded(text: str) -> bytes:
    # The escape of an undecodable byte in a name is also an escape of JSON.
    return text.encode("utf-8", "backslashreplace")
