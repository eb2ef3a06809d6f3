"""The options of `attrib audit` that say what is known already, and what is to be mended."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from attrib.cli.terminal import notes, output, printable, printable_line
from attrib.counts import plural

if TYPE_CHECKING:
    from attrib.audits.report import AuditReport
    from attrib.service import Service


def reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which part or state of a tree is audited, and how."""
    for option in (
        click.option("--no-cache", is_flag=True, help="Read everything anew, and remember nothing."),
        click.option("--jobs", type=click.IntRange(1), help="Search so many files at once; otherwise one a core."),
        click.option("--ignore", multiple=True, metavar="GLOB", help="Leave these out, as a .gitignore. Repeatable."),
        click.option("--staged", is_flag=True, help="Audit only what is staged in git, as it is staged."),
        click.option("--since", metavar="REV", help="Audit only what changed since this git revision, or is new."),
        click.option("--rev", metavar="REV", help="Audit the folder as it is at this git revision."),
    ):
        command = option(command)
    return command


def precedents(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name decisions and baselines."""
    for option in (
        click.option("--fail-on-known", is_flag=True, help="Findings of the baseline count for --fail-on, too."),
        click.option("--write-baseline", type=click.Path(path_type=Path), help="Write what is found as a baseline."),
        click.option(
            "--baseline",
            type=click.Path(path_type=Path),
            help="A baseline, or an earlier JSON report: what is in it is known and does not fail.",
        ),
        click.option(
            "--decisions",
            type=click.Path(path_type=Path),
            help="What was decided about findings, where it is not the tree's attrib-decisions.toml.",
        ),
    ):
        command = option(command)
    return command


def mending(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that have a tree mended."""
    for option in (
        click.option("--dry-run", is_flag=True, help="With --fix: show what it would change, and change nothing."),
        click.option("--fix", is_flag=True, help="Add the tags, notices and licence texts that are missing."),
    ):
        command = option(command)
    return command


def mended(service: "Service", report: "AuditReport", root: Path, dry_run: bool) -> bool:
    """Mend a tree, or show how, and tell whether it is another one now."""
    from attrib.audits import fixing
    from attrib.audits.credit_files import CreditFiles
    from attrib.audits.duties import Credit
    from attrib.audits.tree import folder_tree

    fix = fixing.fix_of(report, root, Credit(CreditFiles(folder_tree(root).documents), service.legal_files))
    for sentence in fix.left:
        notes().print(printable_line(sentence))
    if dry_run:
        output().print(Text(printable(fixing.diff(fix).rstrip("\n"))))
        return False
    fixing.apply(fix, root)
    told = ", ".join(change.path for change in fix.changes)
    notes().print(printable_line(f"{plural(len(fix.changes), 'file')} mended: {told}" if told else "nothing to mend"))
    return bool(fix.changes)
