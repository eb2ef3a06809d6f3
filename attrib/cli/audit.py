"""`attrib audit`: what stands in a whole tree, and what that asks for."""

from dataclasses import replace
from pathlib import Path

import click

from attrib.answers import Action
from attrib.cli import options
from attrib.cli.reporting import check_targets, give_out, report_options
from attrib.cli.terminal import printable_line, progress_bar


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@report_options
@options.exclude
@options.searched
@options.fail_on
@click.pass_context
def audit(
    context: click.Context,
    path: Path,
    forms: tuple[str, ...],
    targets: tuple[Path, ...],
    exclude: tuple[str, ...],
    collections: tuple[str, ...] | None,
    fail_on: str,
) -> None:
    """Audit every file of a folder."""
    from attrib.bootstrap import build_service

    check_targets(forms, targets)
    with build_service(options.settings(context, {"collections": collections})) as service, progress_bar() as bar:
        task = bar.add_task(f"auditing {printable_line(path.name)}", total=None)
        report = service.audit(
            path, exclude=exclude, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    report = replace(report, fail_on=None if fail_on == options.NEVER else Action(fail_on))
    give_out(report, forms, targets)
    options.exit_by_verdict(context, (finding.verdict for finding in report.findings), fail_on)
