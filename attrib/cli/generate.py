"""`attrib generate`: code from a model, checked and attributed before it is shown."""

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from attrib.answers import Action, CheckAnswer, GenerateAnswer, GeneratedChoice
from attrib.cli import options
from attrib.cli.answer_text import show_check
from attrib.cli.inputs import read_text
from attrib.cli.terminal import VERDICT_STYLE, emit_json, notes, output, printable, printable_line, working
from attrib.side_files import SIDE_FILE_SUFFIX


@click.command()
@click.argument("prompt", required=False)
@click.option("--prompt-file", metavar="FILE", help='Take the prompt from a file, or from standard input with "-".')
@click.option("--suffix-file", metavar="FILE", help="What follows: fills in the middle between prompt and suffix.")
@click.option("--max-new-tokens", type=int, default=256, show_default=True, help="Longest answer, in tokens.")
@click.option("--n", type=int, default=1, show_default=True, help="How many answers.")
@click.option("--temperature", type=float, default=0.0, show_default=True, help="0 takes the likeliest token.")
@click.option("--top-p", type=float, default=1.0, show_default=True, help="Share of likelihood to choose from.")
@click.option("--seed", type=int, help="The same seed gives the same answer.")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Write the attributed code to a file.")
@options.model
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
    max_new_tokens: int,
    n: int,
    temperature: float,
    top_p: float,
    seed: int | None,
    target: Path | None,
    model: str | None,
    device: str | None,
    dtype: str | None,
    language: str | None,
    exclude: tuple[str, ...],
    collections: tuple[str, ...] | None,
    fail_on: str,
    as_json: bool,
) -> None:
    """Continue PROMPT, checked and attributed.

    Prints the code with its matched lines marked, where they stand in the reference, and the notice to ship.
    """
    if (prompt is None) == (prompt_file is None):
        raise click.UsageError("give either PROMPT or --prompt-file")
    if target is not None and n != 1:
        raise click.UsageError("--output writes one answer: leave out --n")
    from attrib.bootstrap import build_service
    from generator.base import GenerationRequest

    given = {"model": model, "device": device, "dtype": dtype, "collections": collections}
    config = options.settings(context, given)
    request = GenerationRequest(
        prompt=read_text(prompt_file, config.max_code_bytes) if prompt_file is not None else prompt or "",
        suffix=None if suffix_file is None else read_text(suffix_file, config.max_code_bytes),
        max_new_tokens=max_new_tokens,
        n=n,
        temperature=temperature,
        top_p=top_p,
        seed=seed,
    )
    with working("generating and checking"), build_service(config) as service:
        answer = service.generate(request, language=language, exclude=exclude)
    if target is not None:
        _write(target, answer.choices[0])
    if as_json:
        emit_json(answer.as_json())
    else:
        _show(output(), answer)
    options.exit_by_verdict(context, (choice.check.verdict for choice in answer.choices), fail_on)


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


def _show(console: Console, answer: GenerateAnswer) -> None:
    for number, choice in enumerate(answer.choices, start=1):
        name = "generated code" if len(answer.choices) == 1 else f"generated code {number} of {len(answer.choices)}"
        if number > 1:
            console.print()
        if choice.code is None:
            withheld = f"The code is withheld: {printable_line('; '.join(choice.reasons))}"
            console.print(Text(withheld, style=VERDICT_STYLE[Action.BLOCK]))
        else:
            _show_code(console, choice.code, choice.check)
        console.print()
        show_check(console, name, choice.check)


def _show_code(console: Console, code: str, check: CheckAnswer) -> None:
    """Print code with numbered lines; a bar marks the lines that match, in the verdict's colour, dim where common."""
    style: dict[int, str] = {}
    for match in sorted(check.matches, key=lambda match: (not match.common, match.verdict.action.severity)):
        lines = range(match.output.start_line, match.output.end_line + 1)
        style.update(dict.fromkeys(lines, "dim" if match.common else VERDICT_STYLE[match.verdict.action]))
    for number, line in enumerate(printable(code).split("\n"), start=1):
        bar = ("▌", style[number]) if number in style else " "
        console.print(Text.assemble(bar, (f"{number:4d}  ", "dim"), line))
