"""From what a person or a line of a file asks to the request that a generator understands."""

from dataclasses import dataclass, replace
from typing import Literal

from generator.base import GenerationRequest, Message
from generator.errors import InvalidRequest

Mode = Literal["complete", "instruct"]
MODES: tuple[Mode, ...] = ("complete", "instruct")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request, the language its answer is written in where that is known, and how the prompt was meant."""

    request: GenerationRequest
    language: str | None = None
    mode: Mode = "complete"


def asked(settings: GenerationRequest, text: str, suffix: str | None, mode: Mode) -> GenerationRequest:
    """Return the settings with a text to continue, to fill, or in mode `instruct` to answer; raises InvalidRequest."""
    if mode == "complete":
        return replace(settings, prompt=text, suffix=suffix)
    if suffix is not None:
        raise InvalidRequest("suffix cannot be filled up to in mode instruct: leave one of them out.")
    return replace(settings, prompt="", messages=(Message("user", text),))
