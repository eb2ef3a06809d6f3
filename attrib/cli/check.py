"""`attrib check`: does this code stand in the reference, and what does that ask for."""

import click

from attrib.answers import CheckAnswer, strictest
from attrib.cli import options
from attrib.cli.answer_text import show_check
from attrib.cli.inputs import STANDARD_INPUT, CodeInput, read_code
from attrib.cli.terminal import emit_json, output


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE... or -]")
@options.as_json
@options.language
@options.exclude
@options.searched
@options.fail_on
@click.pass_context
def check(
    context: click.Context,
    files: tuple[str, ...],
    as_json: bool,
    language: str | None,
    exclude: tuple[str, ...],
    collections: tuple[str, ...] | None,
    fail_on: str,
) -> None:
    """Check code against the reference index.

    Reads standard input without FILE or with "-". With --json one file gives the answer itself, several give
    {"verdict": ..., "checks": [{"path": ..., ...}]}.
    """
    from attrib.bootstrap import build_service

    config = options.settings(context, {"collections": collections})
    inputs = [read_code(name, config.max_code_bytes) for name in files or (STANDARD_INPUT,)]
    with build_service(config) as service:
        answers = [service.check(given.code, path=given.path, language=language, exclude=exclude) for given in inputs]
    if as_json:
        _emit(inputs, answers)
    else:
        _show(inputs, answers)
    options.exit_by_verdict(context, (answer.verdict for answer in answers), fail_on)


def _emit(inputs: list[CodeInput], answers: list[CheckAnswer]) -> None:
    if len(answers) == 1:
        emit_json(answers[0].as_json())
        return
    checks = [{"path": given.path} | answer.as_json() for given, answer in zip(inputs, answers, strict=True)]
    emit_json({"verdict": strictest([answer.verdict for answer in answers]).value, "checks": checks})


def _show(inputs: list[CodeInput], answers: list[CheckAnswer]) -> None:
    console = output()
    for given, answer in zip(inputs, answers, strict=True):
        show_check(console, given.name, answer)
        if answer.matches:
            console.print()
