"""`attrib audit`: what stands in a whole tree, and what that asks for."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from attrib.answers import Action
from attrib.cli import audit_options, options
from attrib.cli.reporting import check_targets, give_out, report_options
from attrib.cli.terminal import notes, printable_line, progress_bar


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@report_options
@options.exclude
@options.searched
@options.fail_on
@audit_options.precedents
@audit_options.mending
@click.pass_context
def audit(
    context: click.Context,
    path: Path,
    forms: tuple[str, ...],
    targets: tuple[Path, ...],
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

    check_targets(forms, targets)
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
    report = replace(report, fail_on=None if fail_on == options.NEVER else Action(fail_on), fail_on_known=fail_on_known)
    if not dry_run:
        give_out(report, forms, targets)
    options.exit_by_verdict(context, counting(report.findings, fail_on_known), fail_on)
