"""`attrib audit`: what stands in a whole tree, and what that asks for."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attrib.answers import Action
from attrib.cli import audit_options, options
from attrib.cli.inputs import STANDARD_INPUT, read_code
from attrib.cli.reporting import check_targets, give_out, report_options
from attrib.cli.terminal import notes, printable_line, progress_bar

if TYPE_CHECKING:
    from attrib.audits.settling import Precedents
    from attrib.service import Service


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@report_options
@options.exclude
@options.searched
@options.language
@audit_options.reading
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
    language: str | None,
    rev: str | None,
    since: str | None,
    staged: bool,
    ignore: tuple[str, ...],
    jobs: int | None,
    no_cache: bool,
    fail_on: str,
    decisions: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    fail_on_known: bool,
    fix: bool,
    dry_run: bool,
) -> None:
    """Audit every file of a folder, an archive, or the code on standard input ("-").

    --language says what standard input is written in.
    """
    from attrib.audits.baselines import baseline_text
    from attrib.audits.opening import Reading, open_tree, text_tree
    from attrib.bootstrap import build_service

    given = str(path) == STANDARD_INPUT
    if language is not None and not given:
        raise click.UsageError("--language is for standard input: a file's name says what it is written in")
    if dry_run and not fix:
        raise click.UsageError("--dry-run goes with --fix")
    if fix and (rev is not None or since is not None or staged or not path.is_dir()):
        raise click.UsageError("--fix mends a folder as it stands: give one")
    check_targets(forms, targets)
    settings = options.settings(context, {"collections": collections})
    reading = Reading(rev, since, staged, (*settings.audit_ignore, *ignore))
    text = read_code(STANDARD_INPUT, settings.max_code_bytes).code if given else b""
    with build_service(settings) as service, progress_bar() as bar:
        task = bar.add_task(f"auditing {printable_line(path.name)}", total=None)
        look = partial(
            service.audit_tree,
            exclude=exclude,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            precedents=_known(service, None if given else path, decisions, baseline),
            jobs=jobs,
            cached=not no_cache,
        )
        report = look(text_tree(text, language) if given else open_tree(path, reading))
        if fix and audit_options.mended(service, report, path, dry_run):
            report = look(open_tree(path, reading))
    for note in report.notes:
        notes().print(printable_line(note))
    if write_baseline is not None:
        write_baseline.write_text(baseline_text(report.findings), encoding="utf-8")
    report = replace(report, fail_on=None if fail_on == options.NEVER else Action(fail_on), fail_on_known=fail_on_known)
    if not dry_run:
        give_out(report, forms, targets)
    failing = [finding.verdict for finding in report.findings if report.fails(finding)]
    options.exit_by_verdict(context, [*failing, *(file.verdict for file in report.incomplete)], fail_on)


def _known(service: "Service", path: Path | None, decisions: Path | None, baseline: Path | None) -> "Precedents":
    """Return what is known of a tree, or of a text that was written in the folder where the command runs."""
    from attrib.audits.projects import precedents_of, project_of

    known = precedents_of(project_of(path or Path(), decisions), service.history, baseline)
    return known if path is not None else replace(known, project=None)
