"""How a command gives out a report: to the terminal, or to files, one for each format that is asked for."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.text import Text

from attrib.cli.terminal import notes, output, printable, printable_line

if TYPE_CHECKING:
    from attrib.audits.report import AuditReport

# As attrib.reports.formats.FORMATS has them; a test holds the two together. Every command would wait for that one.
FORMAT_NAMES: Final = (
    "text",
    "json",
    "html",
    "markdown",
    "notice",
    "sarif",
    "spdx",
    "spdx3",
    "cyclonedx",
    "csv",
    "junit",
)
_TEXT: Final = FORMAT_NAMES[0]


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say in which formats a report is written, and where to."""
    for option in (
        click.option(
            "-o",
            "--output",
            "targets",
            multiple=True,
            type=click.Path(path_type=Path),
            help="Write the report to a file; with several formats one for each, in their order.",
        ),
        click.option(
            "--format",
            "forms",
            multiple=True,
            type=click.Choice(FORMAT_NAMES),
            default=(_TEXT,),
            show_default="text",
            help="How it is told. May be given again, each time with an --output.",
        ),
    ):
        command = option(command)
    return command


def check_targets(forms: Sequence[str], targets: Sequence[Path]) -> None:
    """Refuse formats and files that do not go together; raises click.UsageError."""
    if len(targets) != len(forms) and not (len(forms) == 1 and not targets):
        raise click.UsageError(
            f"{len(forms)} formats and {len(targets)} files do not go together: give each --format an --output"
        )


def give_out(report: "AuditReport", forms: Sequence[str], targets: Sequence[Path]) -> None:
    """Write a report in each format, to its file, or to stdout where there is none; raises ConfigurationError."""
    from attrib.reports.documents import reproducible
    from attrib.reports.formats import FORMATS

    settled = reproducible(report, os.environ)
    for number, form in enumerate(forms):
        text = FORMATS[form].render(settled)
        if targets:
            targets[number].write_bytes(_encoded(text))
            notes().print(f"the report is in {printable_line(str(targets[number]))}")
        elif form == _TEXT:
            output().print(Text(printable(text.rstrip())))
        else:
            click.echo(_encoded(text), nl=False)


def _encoded(text: str) -> bytes:
    # The escape of an undecodable byte in a name is also an escape of JSON.
    return text.encode("utf-8", "backslashreplace")
