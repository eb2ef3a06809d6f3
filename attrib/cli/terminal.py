"""Writes to the terminal: colours only where there is one, and nothing a hostile name could do to it."""

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

from attrib.answers import Action

VERDICT_STYLE = {
    Action.ALLOW: "green",
    Action.ATTRIBUTE: "cyan",
    Action.REVIEW: "yellow",
    Action.BLOCK: "bold red",
}


def output() -> Console:
    """Return a console over stdout that never breaks lines or reads markup in what it prints."""
    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False, soft_wrap=True)


def notes() -> Console:
    """Return a console over stderr, for what is said to a person beside the answer."""
    return Console(file=sys.stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def emit_json(document: Mapping[str, Any]) -> None:
    """Write one JSON document to stdout, in ASCII so that every terminal and encoding carries it."""
    click.echo(json.dumps(document, indent=2))


def printable(text: str) -> str:
    """Show control, bidirectional and zero-width characters by their code, keeping tabs and line ends."""
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
        else f"\\u{ord(character):04x}"
        for character in text.replace("\r\n", "\n")
    )


def printable_line(text: str) -> str:
    """Show a name on one line: as `printable` does, and line ends and tabs by their code too."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Count what is done out of a known total on stderr while the block runs, if a person is watching."""
    with _shown(BarColumn(), MofNCompleteColumn()) as progress:
        yield progress


@contextmanager
def transfer_bar() -> Iterator[Progress]:
    """Count the bytes that are read, of an unknown total, on stderr while the block runs, if a person is watching."""
    with _shown(DownloadColumn(), TransferSpeedColumn()) as progress:
        yield progress


@contextmanager
def bytes_bar() -> Iterator[Progress]:
    """Count the bytes that are read, of a total that is known soon, on stderr while the block runs."""
    with _shown(BarColumn(), DownloadColumn()) as progress:
        yield progress


def _shown(*columns: ProgressColumn) -> Progress:
    console = notes()
    name = TextColumn("{task.description}", markup=False)
    return Progress(
        SpinnerColumn(),
        *columns,
        TimeElapsedColumn(),
        name,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def working(message: str) -> Iterator[None]:
    """Show on stderr that work goes on while the block runs, if a person is watching."""
    console = notes()
    if console.is_terminal:
        with console.status(message):
            yield
    else:
        yield
