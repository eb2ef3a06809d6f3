"""`attrib generate`: code from a model, checked and attributed before it is shown."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attrib.answers import GenerateAnswer, GeneratedChoice
from attrib.cli import options
from attrib.cli.failures import EXIT_INTERRUPTED
from attrib.cli.generate_batch import BatchOptions, answer_batch, batched, report_batch
from attrib.cli.generate_options import writing
from attrib.cli.generation_text import show_generation
from attrib.cli.inputs import read_text
from attrib.cli.interrupts import interruptible
from attrib.cli.terminal import emit_json, notes, output, printable_line, working
from attrib.prompts import MODES, Mode, Prompt, asked
from attrib.side_files import SIDE_FILE_SUFFIX
from generator.base import GenerationRequest

if TYPE_CHECKING:
    from attrib.config import Config


@click.command()
@click.argument("prompt", required=False)
@click.option("--prompt-file", metavar="FILE", help='Take the prompt from a file, or from standard input with "-".')
@click.option("--suffix-file", metavar="FILE", help="What follows: fills in the middle between prompt and suffix.")
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="complete",
    show_default=True,
    help="instruct answers a request.",
)
@writing
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Write the attributed code to a file.")
@click.option("--stream", is_flag=True, help="Show text as soon as it may leave, after the sources it is copied from.")
@batched
@click.option("--report", "results", type=click.Path(path_type=Path), metavar="FILE", help="Report on a batch again.")
@options.model
@click.option("--steering", type=click.Choice(["off", "on", "retry"]), help="Away from blocked code (ATTRIB_STEERING).")
@options.language
@options.exclude
@options.searched
@options.fail_on
@options.as_json
@click.pass_context
def generate(
    context: click.Context,
    prompt: str | None,
    prompt_file: str | None,
    suffix_file: str | None,
    mode: Mode,
    settings: GenerationRequest,
    target: Path | None,
    stream: bool,
    batch: BatchOptions | None,
    results: Path | None,
    model: str | None,
    device: str | None,
    dtype: str | None,
    steering: str | None,
    language: str | None,
    exclude: tuple[str, ...],
    collections: tuple[str, ...] | None,
    fail_on: str,
    as_json: bool,
) -> None:
    """Continue PROMPT, checked and attributed.

    Prints the code with its matched lines marked, where they stand in the reference, and the notice to ship. With
    --batch the answers go to a file, a line each, and what the model reproduced from where is reported.
    """
    if sum(given is not None for given in (prompt, prompt_file, batch, results)) != 1:
        raise click.UsageError("give either PROMPT or --prompt-file, or else --batch or --report")
    if results is not None:
        if target is not None or stream:
            raise click.UsageError("--report prints a page: leave out --output and --stream")
        report_batch(context, results, fail_on, as_json)
        return
    chosen = {"model": model, "device": device, "dtype": dtype, "steering": steering, "collections": collections}
    config = options.settings(context, chosen)
    if batch is not None:
        if target is None or stream or suffix_file is not None:
            raise click.UsageError("--batch needs --output, and takes neither --stream nor --suffix-file")
        answer_batch(context, config, batch, target, Prompt(settings, language, mode), exclude)
        report_batch(context, target, fail_on, as_json)
        return
    _require_sense(settings, target, stream, as_json)
    text = read_text(prompt_file, config.max_code_bytes) if prompt_file is not None else prompt or ""
    suffix = None if suffix_file is None else read_text(suffix_file, config.max_code_bytes)
    wanted = Prompt(asked(settings, text, suffix, mode), language, mode)
    answer = (_streamed if stream else _generated)(config, wanted, exclude)
    if target is not None:
        _write(target, answer.choices[0])
    if as_json:
        emit_json(answer.as_json())
    elif not stream:
        show_generation(output(), answer)
    if any(choice.finish_reason == "cancelled" for choice in answer.choices):
        context.exit(EXIT_INTERRUPTED)
    options.exit_by_verdict(context, (choice.check.verdict for choice in answer.choices), fail_on)


def _require_sense(settings: GenerationRequest, target: Path | None, stream: bool, as_json: bool) -> None:
    """Refuse options that one answer at a terminal has no use for."""
    if settings.n != 1 and (target is not None or stream):
        raise click.UsageError(f"{'--stream' if stream else '--output'} writes one answer: leave out --n")
    if stream and as_json:
        raise click.UsageError("--stream shows text as it comes: leave out --json")
    if settings.logprobs is not None and not as_json:
        raise click.UsageError("--logprobs stand in the JSON answer: add --json")


def _generated(config: "Config", prompt: Prompt, exclude: tuple[str, ...]) -> GenerateAnswer:
    from attrib.bootstrap import build_service

    with working("generating and checking"), build_service(config) as service:
        return service.generate(prompt.request, language=prompt.language, exclude=exclude)


def _streamed(config: "Config", prompt: Prompt, exclude: tuple[str, ...]) -> GenerateAnswer:
    from attrib.bootstrap import build_service
    from attrib.cli.generate_stream import stream_generation

    with build_service(config) as service, interruptible() as cancel:
        with working("loading the model"):
            service.model()
        return stream_generation(service, prompt, exclude, cancel)


def _write(target: Path, choice: GeneratedChoice) -> None:
    code = choice.code_with_attribution or choice.code
    if code is None:
        notes().print(f"{printable_line(str(target))} is not written: the code is withheld")
    else:
        target.write_bytes(code.encode("utf-8", "surrogatepass"))
        if choice.check.attribution.side_file is not None:
            beside = target.with_name(target.name + SIDE_FILE_SUFFIX)
            beside.write_text(choice.check.attribution.side_file, encoding="utf-8")
            notes().print(f"its credit is in {printable_line(str(beside))}: it cannot stand in the code")
