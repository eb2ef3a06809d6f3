"""Shows a generation to a person: the code with its matched lines marked, and what it asks for."""

from rich.console import Console
from rich.text import Text

from attrib.answers import Action, CheckAnswer, GenerateAnswer, GeneratedChoice
from attrib.cli.answer_text import show_check
from attrib.cli.terminal import VERDICT_STYLE, printable, printable_line
from attrib.counts import plural


def show_generation(console: Console, answer: GenerateAnswer) -> None:
    """Print every choice: its code, or why it is withheld, then its check."""
    for number, choice in enumerate(answer.choices):
        if number:
            console.print()
        if choice.code is not None:
            _show_code(console, choice.code, choice.check)
            console.print()
        show_verdict(console, answer, number)


def show_verdict(console: Console, answer: GenerateAnswer, number: int) -> None:
    """Print what is to be said of a choice besides its code."""
    choice = answer.choices[number]
    several = len(answer.choices) > 1
    name = f"generated code {number + 1} of {len(answer.choices)}" if several else "generated code"
    if choice.code is None:
        withheld = f"The code is withheld: {printable_line('; '.join(choice.reasons))}"
        console.print(Text(withheld, style=VERDICT_STYLE[Action.BLOCK]))
        console.print()
    show_check(console, name, choice.check)
    for line in _how_it_was_made(choice):
        console.print(Text(line, style="dim"))


def _how_it_was_made(choice: GeneratedChoice) -> list[str]:
    told = []
    if choice.steered_tokens:
        told.append(f"Steered: {plural(choice.steered_tokens, 'token')} turned away from blocked code.")
    if choice.attempts > 1:
        told.append(f"Tried {plural(choice.attempts, 'time')}: what was blocked before was written anew.")
    if choice.finish_reason == "time_limit":
        told.append("The time limit ended it.")
    return told


def _show_code(console: Console, code: str, check: CheckAnswer) -> None:
    """Print code with numbered lines; a bar marks the lines that match, in the verdict's colour, dim where common."""
    style: dict[int, str] = {}
    for match in sorted(check.matches, key=lambda match: (not match.common, match.verdict.action.severity)):
        lines = range(match.output.start_line, match.output.end_line + 1)
        style.update(dict.fromkeys(lines, "dim" if match.common else VERDICT_STYLE[match.verdict.action]))
    for number, line in enumerate(printable(code).split("\n"), start=1):
        bar = ("▌", style[number]) if number in style else " "
        console.print(Text.assemble(bar, (f"{number:4d}  ", "dim"), line))
