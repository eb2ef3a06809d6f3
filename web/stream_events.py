"""What a streamed generation sends, as types, and how it is sent once more from its record."""

from collections.abc import Generator, Mapping
from typing import Any, Literal

from typing_extensions import TypedDict

from attrib.answer_json import GeneratedChoiceJson, MatchJson, ModelJson, UsageJson
from web.answers import ProblemJson
from web.events import Event


class MatchData(TypedDict):
    """A match of a choice whose text comes next."""

    choice: int
    match: MatchJson


class TextData(TypedDict):
    """Text of a choice that may leave."""

    choice: int
    text: str


class ChoiceData(GeneratedChoiceJson):
    """A whole choice: its check has the last word."""

    choice: int


class DoneData(TypedDict):
    """The end of a stream, with the id of its record."""

    id: str
    model: ModelJson
    usage: UsageJson


class MatchEventJson(TypedDict):
    """Comes before the text that the match is in."""

    event: Literal["match"]
    data: MatchData


class TextEventJson(TypedDict):
    """The next text of a choice."""

    event: Literal["text"]
    data: TextData


class ChoiceEventJson(TypedDict):
    """A choice that is finished."""

    event: Literal["choice"]
    data: ChoiceData


class DoneEventJson(TypedDict):
    """The last event."""

    event: Literal["done"]
    data: DoneData


class ErrorEventJson(TypedDict):
    """Ends a stream that breaks."""

    event: Literal["error"]
    data: ProblemJson


GenerateEventJson = MatchEventJson | TextEventJson | ChoiceEventJson | DoneEventJson | ErrorEventJson


def events_again(kept: Mapping[str, Any]) -> Generator[Event, None, None]:
    """Yield the events of a generation from the answer that its record keeps, each text in one piece."""
    for number, choice in enumerate(kept["choices"]):
        if choice["code"] is not None:
            yield from (("match", {"choice": number, "match": found}) for found in choice["check"]["matches"])
            yield "text", {"choice": number, "text": choice.get("text", choice["code"])}
    for number, choice in enumerate(kept["choices"]):
        yield "choice", {"choice": number, **choice}
    yield "done", {"id": kept["id"], "model": kept["model"], "usage": kept["usage"]}
