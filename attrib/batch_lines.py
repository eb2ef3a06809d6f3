"""One line of a batch's results: whose answer it is, under which settings it was made, and the answer or its error."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import IO, Any

from attrib.answers import GenerateAnswer
from attrib.config import Config
from attrib.errors import AttribError, UnreadableInput
from attrib.policy_report import policy_json
from attrib.prompt_files import FilePrompt
from attrib.prompts import Prompt
from generator.errors import GeneratorError
from index.errors import ReferenceIndexError

# Every line begins so, which tells a cut one from what is somebody else's.
BEGINNING = b'{"line": '


def run_json(config: Config, exclude: tuple[str, ...], index_revision: int) -> dict[str, Any]:
    """Return what holds for all lines of a run and decides what they come to.

    The policy is known by its hash, as it stands on one day, so that the day makes no difference.
    """
    policy = json.dumps(policy_json(config.policy, date.min), sort_keys=True).encode()
    return {
        "model": config.model,
        "steering": config.steering,
        "policy": sha256(policy).hexdigest()[:16],
        "index_revision": str(index_revision),
        "collections": [str(one) for one in config.collections],
        "exclude": [*config.exclude, *exclude],
    }


def settings_json(prompt: Prompt) -> dict[str, Any]:
    """Return all that is asked of one prompt besides its text."""
    settings = asdict(prompt.request)
    for name in ("prompt", "suffix", "messages"):
        del settings[name]
    return {"mode": prompt.mode, "language": prompt.language} | settings | {"stop": list(prompt.request.stop)}


def line_json(run: Mapping[str, Any], prompt: FilePrompt, outcome: GenerateAnswer | Exception) -> dict[str, Any]:
    """Return a line as an object: `answer` is the contract's answer to a generation, `error` stands in for it."""
    line = {
        "line": prompt.line,
        "id": prompt.name,
        "input": prompt.given,
        "settings": settings_json(prompt.prompt),
        "run": run,
    }
    if isinstance(outcome, GenerateAnswer):
        return line | {"answer": outcome.as_json()}
    return line | {"error": {"type": type(outcome).__name__, "message": _message(outcome)}}


def encoded(line: Mapping[str, Any]) -> bytes:
    """Return a line in ASCII, ending in a newline; no other newline is in it."""
    return json.dumps(line).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class WholeLine:
    """A line as it was read: its number in its file, the byte behind it, and its object."""

    number: int
    end: int
    told: dict[str, Any]


def whole_lines(content: IO[bytes], name: str) -> Iterator[WholeLine]:
    """Yield each line; what a killed process wrote of one more is passed over.

    Raises UnreadableInput where a line is none of a batch.
    """
    end = 0
    for number, line in enumerate(content, start=1):
        if not line.endswith(b"\n") and (line.startswith(BEGINNING) or BEGINNING.startswith(line)):
            return
        end += len(line)
        told = _object(line)
        if told is None:
            raise UnreadableInput(f"{name}, line {number} is no line of a batch's results: name another file")
        yield WholeLine(number, end, told)


def _object(line: bytes) -> dict[str, Any] | None:
    if not (line.startswith(BEGINNING) and line.endswith(b"\n")):
        return None
    try:
        told = json.loads(line)
    except ValueError:
        return None
    whole = {"input": dict, "settings": dict, "run": dict}
    return told if all(isinstance(told.get(part), kind) for part, kind in whole.items()) else None


def _message(error: Exception) -> str:
    if isinstance(error, AttribError | GeneratorError | ReferenceIndexError):
        return str(error)
    # What else an error says may hold anything, a database's for one the whole record.
    return f"This is a fault of Attrib's own ({type(error).__name__})."
