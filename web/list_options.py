"""The choices of a filter: each with its value, its words, and how many there are of it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from web.wording import Wording

Option = tuple[str, str, int | None]

Name = TypeVar("Name", bound=StrEnum)


def options(wordings: Mapping[Name, Wording], counts: Mapping[str, int] | None = None) -> list[Option]:
    """Return what there are words for; with counts, how many there are of each, 0 included."""
    return [
        (key.value, wording.label, None if counts is None else counts.get(key.value, 0))
        for key, wording in wordings.items()
    ]


def counted(found: Iterable[tuple[str, int]], current: str | None = None) -> list[Option]:
    """Return what was counted, under its own name, and what is chosen now even where there is none of it."""
    listed: list[Option] = [(name, name, count) for name, count in found]
    if current and current not in [name for name, _, _ in listed]:
        listed.append((current, current, 0))
    return listed
