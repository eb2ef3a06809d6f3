"""Files of prompts: one JSON object a line, plain or gzip, read twice and never held whole."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any, cast

from attrib.errors import UnreadableInput
from attrib.json_lines import BadLine, json_object, numbered_lines, unzipped
from attrib.line_numbers import line_ranges
from attrib.prompts import MODES, Prompt, asked
from generator.base import GenerationRequest
from generator.errors import InvalidRequest
from index.languages import language_named

STANDARD_INPUT = "-"
LONGEST_LINE = 16_000_000
_SEEDS = 1 << 63
# So many different complaints are told at once; the same one about many lines is told once.
_MOST_COMPLAINTS = 40

_TEXT, _WHOLE, _NUMBER = ((str,), "a text"), ((int,), "a whole number"), ((int, float), "a number")
_FIELDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "prompt": _TEXT,
    "suffix": _TEXT,
    "language": _TEXT,
    "mode": _TEXT,
    "id": ((str, int), "a text or a whole number"),
    "task_id": ((str, int), "a text or a whole number"),
    "max_new_tokens": _WHOLE,
    "n": _WHOLE,
    "temperature": _NUMBER,
    "top_p": _NUMBER,
    "top_k": _WHOLE,
    "repetition_penalty": _NUMBER,
    "seed": _WHOLE,
    "stop": ((str, list), "a text or a list of texts"),
    "logprobs": _WHOLE,
    "time_limit": _NUMBER,
    "overlong": _TEXT,
}
_OF_REQUEST = frozenset(field.name for field in fields(GenerationRequest)) - {"prompt", "suffix", "messages"}


@dataclass(frozen=True, slots=True)
class FilePrompt:
    """The prompt of one line: its number from 1, the object as it stands there, and what it asks."""

    line: int
    given: Mapping[str, Any]
    prompt: Prompt

    @property
    def name(self) -> str | int | None:
        """What the file calls it: its `id`, or else its `task_id`."""
        given = self.given.get("id")
        return cast(str | int | None, self.given.get("task_id") if given is None else given)


class PromptFile:
    """Prompts of one file; what a line does not say is taken from `defaults`.

    Every line has another seed where the defaults have one, so that a prompt that stands twice is answered twice.
    """

    def __init__(self, name: str, content: IO[bytes], defaults: Prompt) -> None:
        self._name = name
        self._content = content
        self._defaults = defaults

    def check(self) -> int:
        """Read every line and return how many prompts there are.

        Raises UnreadableInput with the numbers of all lines that cannot be used, or where there is none at all.
        """
        prompts, bad = 0, dict[str, list[int]]()
        for number, line in numbered_lines(self._content, self._name, LONGEST_LINE):
            try:
                self._read(number, line)
                prompts += 1
            except BadLine as error:
                bad.setdefault(str(error), []).append(number)
        if bad:
            told = [f"{line_ranges(numbers)}: {what}" for what, numbers in islice(bad.items(), _MOST_COMPLAINTS)]
            if len(bad) > _MOST_COMPLAINTS:
                told.append(f"and {len(bad) - _MOST_COMPLAINTS} other mistakes")
            raise UnreadableInput(f"{self._name}, {'; '.join(told)}")
        if not prompts:
            raise UnreadableInput(f'{self._name} has no prompts: write one JSON object a line, {{"prompt": "..."}}')
        return prompts

    def __iter__(self) -> Iterator[FilePrompt]:
        for number, line in numbered_lines(self._content, self._name, LONGEST_LINE):
            try:
                yield self._read(number, line)
            except BadLine as error:
                raise UnreadableInput(f"{self._name}, line {number}: {error}") from None

    def _read(self, number: int, line: bytes) -> FilePrompt:
        given = _object(line)
        for name, (kinds, expected) in _FIELDS.items():
            value = given.get(name)
            if value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
                raise BadLine(f"{name} must be {expected}")
        if given.get("prompt") is None:
            raise BadLine("prompt is missing")
        try:
            return FilePrompt(number, given, self._prompt(number, given))
        except InvalidRequest as error:
            # A semicolon stands between lines.
            raise BadLine(str(error).rstrip(".").replace("; ", ", ")) from None

    def _prompt(self, number: int, given: Mapping[str, Any]) -> Prompt:
        mode = given.get("mode") or self._defaults.mode
        if mode not in MODES:
            raise BadLine(f"mode must be {' or '.join(MODES)}")
        language = self._defaults.language
        if given.get("language"):
            known = language_named(given["language"])
            if known is None:
                raise BadLine(f"language {given['language']!r} is none that is known here")
            language = known.name
        said = {name: value for name, value in given.items() if name in _OF_REQUEST and value is not None}
        if "stop" in said:
            stops = [said["stop"]] if isinstance(said["stop"], str) else said["stop"]
            if not all(isinstance(stop, str) for stop in stops):
                raise BadLine("stop must be a text or a list of texts")
            said["stop"] = tuple(stops)
        settings = self._defaults.request
        if settings.seed is not None:
            settings = replace(settings, seed=(settings.seed + number - 1) % _SEEDS)
        request = asked(replace(settings, **said), given["prompt"], given.get("suffix"), mode)
        return Prompt(request, language, mode)


@contextmanager
def opened_prompts(name: str, defaults: Prompt) -> Iterator[PromptFile]:
    """Open a file of prompts, or standard input for "-", for as long as the block runs; gzip is told by its content.

    Raises UnreadableInput.
    """
    with ExitStack() as opened:
        if name == STANDARD_INPUT:
            # It is read twice.
            content: IO[bytes] = opened.enter_context(tempfile.TemporaryFile())
            copyfileobj(sys.stdin.buffer, content)
            content.seek(0)
        else:
            try:
                content = opened.enter_context(Path(name).open("rb"))
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else "its name holds a zero byte"
                raise UnreadableInput(f"{name} cannot be read: {reason}") from error
            if not content.seekable():
                raise UnreadableInput(f'{name} is no file that can be read twice: pipe it into "-"')
        yield PromptFile("standard input" if name == STANDARD_INPUT else name, unzipped(content), defaults)


def _object(line: bytes) -> dict[str, Any]:
    given = json_object(line, LONGEST_LINE)
    for name in ("prompt", "suffix"):
        if isinstance(given.get(name), str) and not _whole(given[name]):
            raise BadLine(f"{name} holds half a character")
    return given


def _whole(text: str) -> bool:
    """Whether a text can be encoded: JSON lets half of a surrogate pair stand alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
