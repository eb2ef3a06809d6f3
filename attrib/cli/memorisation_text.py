"""Shows the memorisation report to a person, on one page; `--json` has all of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from attrib.answers import Action
from attrib.cli.terminal import VERDICT_STYLE, printable_line

if TYPE_CHECKING:
    from attrib.reports.memorisation import Line


def show_memorisation(console: Console, report: Mapping[str, Any]) -> None:
    """Print a report."""
    from attrib.reports.memorisation import sections

    for number, section in enumerate(sections(report)):
        console.print(Text(f"\n{section.title}" if number else section.title, style="bold"))
        for row in section.rows:
            console.print(_line(row))
        if section.rest:
            console.print(Text(f"  {section.rest}", style="dim"))


def _line(row: "Line") -> Text:
    told = Text("  " + (f"{row.figures}  " if row.figures else ""))
    if row.verdict:
        told.append(f"{row.verdict:<10}", VERDICT_STYLE[Action(row.verdict)])
    told.append(printable_line(row.what))
    if row.seen:
        told.append(f"; {printable_line(row.seen)}", "dim")
    return told
