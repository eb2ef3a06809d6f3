"""Files of what a model wrote, one JSON object a line: results of a batch, or code that was generated elsewhere.

Of other people's files a line needs `code` (or `completion`, as HumanEval's samples have it), null where it is
withheld; `id` (or `task_id`), `language` and `model` may stand beside it. Lines of one id answer one prompt.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, NotRequired
from urllib.parse import quote

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from attrib.answer_json import IndexJson, MatchJson, ModelJson
from attrib.answers import Action
from attrib.errors import UnreadableInput
from attrib.json_lines import BadLine, json_object, numbered_lines, unzipped
from index.languages import language_named
from index.matches import SearchStatus

LONGEST_LINE: Final = 64_000_000
_LONGEST_ID: Final = 200
_LONGEST_REASON: Final = 200

_Count = Annotated[int, Field(ge=0, le=1 << 53)]
_Id = str | int | None


class CheckLine(TypedDict):
    """What the check of a generation found when it was written."""

    status: SearchStatus
    verdict: Action
    language: str | None
    lexemes: _Count
    matched_lexemes: _Count
    matches: list[MatchJson]
    index: IndexJson


class _Choice(TypedDict):
    code: str | None
    check: CheckLine
    steered_tokens: _Count
    attempts: _Count


class _Usage(TypedDict):
    completion_tokens: _Count


class _Answer(TypedDict):
    id: str
    model: ModelJson
    choices: list[_Choice]
    usage: _Usage


class _Error(TypedDict):
    type: str


class _BatchLine(TypedDict):
    id: _Id
    settings: dict[str, Any]
    run: dict[str, Any]
    answer: NotRequired[_Answer]
    error: NotRequired[_Error]


class _CodeLine(TypedDict):
    id: NotRequired[_Id]
    task_id: NotRequired[_Id]
    language: NotRequired[str | None]
    model: NotRequired[str | None]
    code: NotRequired[str | None]
    completion: NotRequired[str | None]


@dataclass(frozen=True, slots=True)
class Generation:
    """One text that a model wrote: its path in the audit, its language ('' where nobody says), its code as bytes.

    `code` is None where it is withheld; `check` is what was found then, None where nobody says.
    """

    path: str
    language: str
    code: bytes | None
    check: CheckLine | None = None
    steered_tokens: int = 0
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Answered:
    """A line with what was written for one prompt; `error` says why nothing was.

    Lines of the same `prompt` belong together. `record` is that of the generation, '' where there is none.
    """

    line: int
    prompt: str | int
    id: _Id
    run: Mapping[str, Any]
    folder: str
    generations: tuple[Generation, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] | None = None
    tokens: int = 0
    record: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """A line of which nothing can be used, and why."""

    line: int
    reason: str


def read_generations(path: Path) -> Iterator[Answered | Unusable]:
    """Yield what every line holds, each time the same; raises UnreadableInput where the file cannot be read.

    Lines of another run or model than the first are not usable: figures of two models together say nothing of either.
    """
    try:
        with path.open("rb") as content:
            reader = _Reader()
            for number, line in numbered_lines(unzipped(content), str(path), LONGEST_LINE):
                try:
                    yield reader.read(number, line)
                except BadLine as error:
                    yield Unusable(number, str(error))
    except OSError as error:
        raise UnreadableInput(f"{path} cannot be read: {error.strerror}") from error


class _Reader:
    """Reads one line after another and numbers the choices of each folder."""

    def __init__(self) -> None:
        self._run: Mapping[str, Any] | None = None
        self._choices = Counter[str]()

    def read(self, number: int, line: bytes) -> Answered:
        given = json_object(line, LONGEST_LINE)
        answered = self._batch(number, given) if "run" in given else self._code(number, given)
        if self._run is not None and answered.run != self._run:
            raise BadLine("it belongs to another run or model than the lines before it")
        self._run = answered.run
        return answered

    def _batch(self, number: int, given: Mapping[str, Any]) -> Answered:
        told = _validated(_BatchLine, given)
        answer, failed = told.get("answer"), told.get("error")
        folder = _folder(told["id"], number)
        if "model" not in told["run"]:
            raise BadLine("run.model is missing")
        if answer is None:
            error = failed["type"] if failed else "no reason is given"
            return Answered(number, number, told["id"], told["run"], folder, settings=told["settings"], error=error)
        return Answered(
            line=number,
            prompt=number,
            id=told["id"],
            run=told["run"],
            folder=folder,
            generations=tuple(self._choice(folder, choice, told["settings"]) for choice in answer["choices"]),
            settings=told["settings"],
            model=answer["model"],
            tokens=answer["usage"]["completion_tokens"],
            record=answer["id"],
        )

    def _choice(self, folder: str, choice: _Choice, settings: Mapping[str, Any]) -> Generation:
        check = choice["check"]
        for match in check["matches"]:
            if not match["origins"]:
                raise BadLine("a match has no origin")
            for lines in (match["output"], *match["origins"]):
                if not 0 < lines["start_line"] <= lines["end_line"]:
                    raise BadLine("the lines of a match are none")
        language = _language(check["language"] or settings.get("language"))
        path = self._path(folder, language)
        return Generation(path, language, _bytes(choice["code"]), check, choice["steered_tokens"], choice["attempts"])

    def _code(self, number: int, given: Mapping[str, Any]) -> Answered:
        told = _validated(_CodeLine, given)
        if "code" not in told and "completion" not in told:
            raise BadLine("it has neither code nor completion, nor is it a line of a batch")
        name = told.get("id") if told.get("id") is not None else told.get("task_id")
        folder, language = _folder(name, number), _language(told.get("language"))
        code = told["code"] if "code" in told else told["completion"]
        generation = Generation(self._path(folder, language), language, _bytes(code))
        run = {"model": told.get("model") or "not named"}
        return Answered(number, number if name is None else str(name), name, run, folder, (generation,))

    def _path(self, folder: str, language: str) -> str:
        known = language_named(language) if language else None
        ending = min(known.extensions, key=len) if known and known.extensions else ""
        number = self._choices[folder]
        self._choices[folder] += 1
        return f"{folder}/choice-{number}{ending}"


def _folder(name: _Id, number: int) -> str:
    """Return a prompt's name as a folder that lies below the root, whatever the name; different names stay different.

    Raises BadLine where it is empty or too long.
    """
    if name is None:
        return f"line-{number}"
    told = str(name)
    if not told or len(told) > _LONGEST_ID:
        raise BadLine(f"its id must have from 1 to {_LONGEST_ID} characters")
    return "/".join(map(_part, told.split("/")))


def _part(part: str) -> str:
    """Return one part of a name with what a path could stumble over quoted; an empty one is told by a bare %."""
    quoted = quote(part, safe=" +,=@()", errors="backslashreplace")
    return quoted.replace(".", "%2E") if not quoted.strip(".") and quoted else quoted or "%"


def _language(name: object) -> str:
    if not name:
        return ""
    known = language_named(name) if isinstance(name, str) else None
    if known is None:
        raise BadLine(f"its language {str(name)[:40]!r} is none that is known here")
    return known.name


def _bytes(code: str | None) -> bytes | None:
    # JSON lets half of a surrogate pair stand alone.
    return None if code is None else code.encode("utf-8", "surrogatepass")


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _validated(shape: Any, given: Mapping[str, Any]) -> Any:
    """Return what a shape knows of an object; raises BadLine with the first thing that is wrong."""
    try:
        return _adapter(shape).validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))[:_LONGEST_REASON]
        raise BadLine(f"{place}: {first['msg'][0].lower()}{first['msg'][1:]}") from None
