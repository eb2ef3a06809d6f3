"""The options of `attrib generate` that say how to write, gathered into one request without a prompt."""

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_args

import click

from generator.base import MOST_LOGPROBS, GenerationRequest, Overlong

_OPTIONS = (
    click.option("--max-new-tokens", type=int, default=256, show_default=True, help="Longest answer, in tokens."),
    click.option("--n", type=int, default=1, show_default=True, help="How many answers."),
    click.option("--temperature", type=float, default=0.0, show_default=True, help="0 takes the likeliest token."),
    click.option("--top-p", type=float, default=1.0, show_default=True, help="Share of likelihood to choose from."),
    click.option("--top-k", type=int, default=0, show_default=True, help="Tokens to choose from; 0 is all of them."),
    click.option(
        "--repetition-penalty", type=float, default=1.0, show_default=True, help="More than 1 repeats itself less."
    ),
    click.option("--seed", type=int, help="The same seed gives the same answer."),
    click.option("--stop", multiple=True, metavar="TEXT", help="Ends an answer before this. May be given again."),
    click.option("--logprobs", type=int, metavar="N", help=f"Likelihoods, with N (to {MOST_LOGPROBS}) others each."),
    click.option("--time-limit", type=float, metavar="SECONDS", help="Ends an answer after so long."),
    click.option(
        "--overlong",
        type=click.Choice(get_args(Overlong)),
        default="refuse",
        show_default=True,
        help="What becomes of a prompt that is too long; cut takes its far ends off.",
    ),
)
_OF_THE_PROMPT = ("prompt", "suffix", "messages")
_NAMES = [field.name for field in fields(GenerationRequest) if field.name not in _OF_THE_PROMPT]


def writing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command receives them as `settings`, a request with an empty prompt.

    A value out of range raises InvalidRequest, which names it.
    """

    @functools.wraps(command)
    def gathered(*arguments: Any, **options: Any) -> Any:
        settings = GenerationRequest("", **{name: options.pop(name) for name in _NAMES})
        return command(*arguments, settings=settings, **options)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered
