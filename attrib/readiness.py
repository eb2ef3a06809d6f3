"""Whether a service can answer, part by part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from attrib.errors import AttribError
from generator.errors import GeneratorError
from index.errors import ReferenceIndexError

TOLD = (AttribError, ReferenceIndexError, GeneratorError)
"""Errors whose message is for whoever looks after the service."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a service, whether it can do its work, and in what state it is or why it cannot."""

    name: str
    ok: bool
    reason: str


def looked_at(parts: Mapping[str, Callable[[], str]]) -> tuple[Part, ...]:
    """Look at each part; a look returns the state it found, and raises where there is something wrong."""
    return tuple(_part(name, look) for name, look in parts.items())


def _part(name: str, look: Callable[[], str]) -> Part:
    try:
        return Part(name, True, look())
    except TOLD as error:
        return Part(name, False, str(error))
    except Exception as error:
        # Its message may hold anything.
        return Part(name, False, f"it failed with {type(error).__name__}: see `attrib doctor`")
