"""`attrib generate --stream`: text appears as it may leave, and what it was copied from stands before it."""

import threading
from contextlib import closing

import click
from rich.text import Text

from attrib.answers import AttributedMatch, GenerateAnswer
from attrib.cli.generation_text import show_verdict
from attrib.cli.terminal import VERDICT_STYLE, notes, output, printable, printable_line
from attrib.generation import MatchEvent, TextEvent
from attrib.match_text import likeness, lines, place
from attrib.prompts import Prompt
from attrib.service import Service


def stream_generation(
    service: Service, prompt: Prompt, exclude: tuple[str, ...], cancel: threading.Event
) -> GenerateAnswer:
    """Write the text to stdout; each match goes to stderr before the text it is in, and at the end the whole verdict.

    Setting `cancel` ends the writing, and so does a reader that leaves; what was written is recorded by then.
    """
    beside, watched = notes(), output().is_terminal
    written = "\n"
    answer: GenerateAnswer | None = None
    stream = service.stream(prompt.request, language=prompt.language, exclude=exclude, cancel=cancel)
    with closing(stream) as events:
        for event in events:
            match event:
                case TextEvent(_, text):
                    click.echo(printable(text) if watched else text, nl=False)
                    written = text
                case MatchEvent(_, found):
                    beside.print(_match_line(found, "" if written.endswith("\n") else "\n"))
                    written = "\n"
                case GenerateAnswer():
                    answer = event
    assert answer is not None, "a stream that is read to its end gives the answer"
    click.echo("" if written.endswith("\n") else "\n", nl=False)
    beside.print()
    show_verdict(beside, answer, 0)
    return answer


def _match_line(match: AttributedMatch, before: str) -> Text:
    origin = match.origins[0]
    where = printable_line(f"{origin.purl} {place(origin)}  {origin.license}")
    style = VERDICT_STYLE[match.verdict.action]
    return Text.assemble(before, ("▌ ", style), (likeness(match), "bold"), f"  {lines(match.output)}  from {where}")
