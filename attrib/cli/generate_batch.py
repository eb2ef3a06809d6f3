"""`attrib generate --batch` and `--report`: a file of prompts answered, and what the model reproduced in all."""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attrib.answers import Action
from attrib.cli import options
from attrib.cli.failures import EXIT_FOUND, EXIT_INTERRUPTED
from attrib.cli.interrupts import interruptible
from attrib.cli.memorisation_text import show_memorisation
from attrib.cli.terminal import emit_json, notes, output, printable_line, progress_bar
from attrib.counts import plural
from attrib.errors import UnreadableInput
from attrib.prompts import Prompt

if TYPE_CHECKING:
    from attrib.config import Config


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What `--batch` was given: the prompts ("-" is standard input), how many at once, and whether to begin again."""

    prompts: str
    concurrency: int | None
    restart: bool


def batched(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a batch; the command receives them as `batch`, None where there is none."""

    @click.option("--batch", "prompts", metavar="FILE", help='Answer a file of prompts, one a line, or "-" for stdin.')
    @click.option("--concurrency", type=click.IntRange(1, 256), help="Prompts of a batch at work at once; else 8.")
    @click.option("--restart", is_flag=True, help="Begin a batch again, not behind what --output has.")
    @functools.wraps(command)
    def gathered(*arguments: Any, prompts: str | None, concurrency: int | None, restart: bool, **others: Any) -> Any:
        if prompts is None and (concurrency is not None or restart):
            raise click.UsageError("--concurrency and --restart go with --batch")
        batch = None if prompts is None else BatchOptions(prompts, concurrency, restart)
        return command(*arguments, batch=batch, **others)

    return gathered


def answer_batch(
    context: click.Context,
    config: "Config",
    batch: BatchOptions,
    target: Path,
    defaults: Prompt,
    exclude: tuple[str, ...],
) -> None:
    """Answer every prompt that has no line in the results yet; leave with status 130 where that was interrupted.

    Raises UnreadableInput where a line of the prompts or of the results cannot be used, and what loading a model does.
    """
    from attrib.batch import CONCURRENCY, Batch
    from attrib.batch_lines import run_json
    from attrib.batch_output import opened_output
    from attrib.bootstrap import build_service
    from attrib.prompt_files import opened_prompts

    _require_two_files(batch.prompts, target)
    with (
        opened_prompts(batch.prompts, defaults) as file,
        build_service(config) as service,
        interruptible() as cancel,
        progress_bar() as bar,
    ):
        total = file.check()
        prompts, run = iter(file), run_json(config, exclude, service.stats().revision)
        with opened_output(target) as results:
            if batch.restart:
                results.clear()
            else:
                results.resume(prompts, run)
            task = bar.add_task("generating and checking", completed=results.lines, total=total)
            _tell(target, results.lines, total, "" if results.lines == total else "; the others follow")
            if results.lines < total:
                service.model()
            work = Batch(service, results, run, exclude, batch.concurrency or CONCURRENCY, cancel)
            work.answer(prompts, lambda: bar.update(task, completed=results.lines))
    if results.lines < total:
        _tell(target, results.lines, total, ": the same command goes on behind them")
        context.exit(EXIT_INTERRUPTED)


def report_batch(context: click.Context, results: Path, fail_on: str, as_json: bool) -> None:
    """Show what the results of a batch come to, and leave with 1 by `--fail-on`, or where prompts have failed."""
    from attrib.memorisation import memorisation_of
    from attrib.memorisation_report import memorisation_json

    try:
        with results.open("rb") as content:
            told = memorisation_of(content, str(results))
    except OSError as error:
        raise UnreadableInput(f"{results} cannot be read: {error.strerror}") from error
    report = memorisation_json(told)
    if as_json:
        emit_json(report)
    else:
        show_memorisation(output(), report)
    options.exit_by_verdict(context, [action for action in Action if told.verdicts[action]], fail_on)
    if told.failed and fail_on != options.NEVER:
        context.exit(EXIT_FOUND)


def _tell(target: Path, lines: int, total: int, behind: str) -> None:
    if lines:
        notes().print(f"{printable_line(str(target))} has {lines:,} of {plural(total, 'answer')}{behind}")


def _require_two_files(prompts: str, target: Path) -> None:
    try:
        same = os.path.samefile(prompts, target)
    except OSError:
        return
    if same:
        raise UnreadableInput(f"{target} holds the prompts: write the results to another --output")
