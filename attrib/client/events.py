"""The events of a streamed generation, read from server-sent events (HTML Living Standard, section 9.2.6)."""

from dataclasses import dataclass

from attrib.client.answers import GeneratedChoice, Match, Model, Problem, Usage
from attrib.client.errors import ApiError
from attrib.client.reading import read


@dataclass(frozen=True, slots=True)
class MatchEvent:
    """A match of a choice whose text comes next."""

    choice: int
    match: Match


@dataclass(frozen=True, slots=True)
class TextEvent:
    """The next text of a choice."""

    choice: int
    text: str


@dataclass(frozen=True, slots=True)
class ChoiceEvent:
    """A choice that is finished and checked whole."""

    choice: int
    answer: GeneratedChoice


@dataclass(frozen=True, slots=True)
class DoneEvent:
    """The last event: the record is stored."""

    id: str
    model: Model
    usage: Usage


@dataclass(frozen=True, slots=True)
class _Numbered:
    choice: int


Event = MatchEvent | TextEvent | ChoiceEvent | DoneEvent


class EventReader:
    """Puts lines together to events."""

    def __init__(self) -> None:
        self._name = ""
        self._data: list[str] = []

    def feed(self, line: str) -> Event | None:
        """Take in the next line, without its end; return the event that it ends. Raises ApiError for `error`."""
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                self._name = value
            elif name == "data":
                self._data.append(value)
            return None
        name, data = self._name, "\n".join(self._data)
        self._name, self._data = "", []
        return _event(name, data) if data else None


def _event(name: str, data: str) -> Event | None:
    match name:
        case "match":
            return read(MatchEvent, data)
        case "text":
            return read(TextEvent, data)
        case "choice":
            return ChoiceEvent(read(_Numbered, data).choice, read(GeneratedChoice, data))
        case "done":
            return read(DoneEvent, data)
        case "error":
            raise ApiError(read(Problem, data))
        case _:
            # A newer server may have more to tell.
            return None
