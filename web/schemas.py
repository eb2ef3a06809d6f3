"""What may be asked of the service: the requests of the API and of the forms, checked field by field."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from attrib.prompts import Mode
from generator.base import MOST_LOGPROBS, Overlong
from index.collection import EVERY_COLLECTION, Collection
from index.errors import UnusablePattern
from index.languages import LANGUAGES, language_named
from index.purls import source_pattern
from web.errors import FieldError, Problem

LONGEST_PROMPT = 200_000
MOST_NEW_TOKENS = 4_096
MOST_CHOICES = 8
MOST_STOPS = 8
MOST_EXCLUDED = 100


def _one_line(text: str) -> str:
    """Refuse a name with control characters, which no path, purl or language has."""
    if any(character < " " or character == "\x7f" for character in text):
        raise PydanticCustomError("control_character", "must not hold control characters")
    return text


def _text(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "must be text, without NUL characters")
    return text


def _known_language(name: str) -> str:
    language = language_named(name)
    if language is None:
        known = ", ".join(language.name for language in LANGUAGES)
        raise PydanticCustomError("unknown_language", "must be one of: {known}", {"known": known})
    return language.name


def _purl(text: str) -> str:
    try:
        return source_pattern(_one_line(text))
    except UnusablePattern:
        raise PydanticCustomError(
            "no_purl", "must be a purl such as pkg:pypi/flask or pkg:pypi/flask@3.1.3, or a beginning that ends in *"
        ) from None


Path = Annotated[str, Field(min_length=1, max_length=1_024), AfterValidator(_one_line)]
LanguageName = Annotated[str, AfterValidator(_known_language)]
Purl = Annotated[str, Field(max_length=512), AfterValidator(_purl)]
Text = Annotated[str, Field(max_length=LONGEST_PROMPT), AfterValidator(_text)]
Stop = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_text)]


class Asked(BaseModel):
    """Base of every request: a field that is not known is refused, and nothing is guessed from a wrong type."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read a JSON body; raises Problem `not-json` or `invalid-fields`."""
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise _problem(error) from None

    @classmethod
    def from_form(cls, fields: dict[str, Any]) -> Self:
        """Read the fields of a form, in which numbers are written as text; raises Problem `invalid-fields`."""
        try:
            return cls.model_validate(fields, strict=False)
        except ValidationError as error:
            raise _problem(error) from None


class CheckOptions(Asked):
    """What is known of code that is to be checked; `exclude` names sources that are not searched."""

    path: Path | None = None
    language: LanguageName | None = None
    exclude: tuple[Purl, ...] = Field((), max_length=MOST_EXCLUDED)


class CheckRequest(CheckOptions):
    """Code to be checked, with what is known of it."""

    code: str


class DetectRequest(Asked):
    """A licence's text or name, or a source file; its `path` tells the language of its comments."""

    text: str
    path: Path | None = None


class GenerateRequest(Asked):
    """A prompt to be continued, or with a suffix the text between the two."""

    prompt: Text
    suffix: Text | None = None
    max_new_tokens: int = Field(256, ge=1, le=MOST_NEW_TOKENS)
    n: int = Field(1, ge=1, le=MOST_CHOICES)
    temperature: float = Field(0.0, ge=0, le=2, allow_inf_nan=False)
    top_p: float = Field(1.0, gt=0, le=1, allow_inf_nan=False)
    top_k: int = Field(0, ge=0, le=1_000_000)
    repetition_penalty: float = Field(1.0, gt=0, le=100, allow_inf_nan=False)
    logprobs: int | None = Field(None, ge=0, le=MOST_LOGPROBS)
    time_limit: float | None = Field(None, gt=0, le=3_600, allow_inf_nan=False)
    mode: Mode = "complete"
    overlong: Overlong = "refuse"
    seed: int | None = Field(None, ge=0, lt=2**63)
    stop: tuple[Stop, ...] = Field((), max_length=MOST_STOPS)
    language: LanguageName | None = None
    exclude: tuple[Purl, ...] = Field((), max_length=MOST_EXCLUDED)
    stream: bool = False


class OriginsRequest(Asked):
    """Which part of the origins of a match: at most `limit` of them, from the one numbered `cursor` on."""

    limit: int = Field(50, ge=1, le=200)
    cursor: int = Field(0, ge=0)


class NoticeRequest(Asked):
    """How a notice is written."""

    format: Literal["text", "markdown", "html"] = "text"


class SourceRequest(Asked):
    """Which collections are meant: one that is named, otherwise all."""

    collection: Collection | None = None

    @property
    def collections(self) -> tuple[Collection, ...]:
        """The collections that are looked into."""
        return EVERY_COLLECTION if self.collection is None else (self.collection,)


class ListRequest(SourceRequest):
    """Which part of a list: the elements that hold `q`, at most `limit` of them, from `cursor` on."""

    q: Annotated[str, Field(max_length=200), AfterValidator(_one_line)] = ""
    limit: int = Field(50, ge=1, le=200)
    cursor: Annotated[str, Field(max_length=540), AfterValidator(_one_line)] | None = None


def _problem(error: ValidationError) -> Problem:
    mistakes = error.errors(include_url=False, include_input=False)
    if mistakes[0]["type"] == "json_invalid":
        reason = mistakes[0]["ctx"]["error"]
        return Problem("not-json", f"The body is not JSON: {reason}.")
    fields = [FieldError(tuple(str(part) for part in mistake["loc"]), _sentence(mistake)) for mistake in mistakes]
    if not fields[0].path:
        return Problem("invalid-fields", "The body must be one JSON object.")
    named = ", ".join(dict.fromkeys(field.field for field in fields))
    return Problem("invalid-fields", f"Wrong: {named}.", fields=fields)


def _sentence(mistake: ErrorDetails) -> str:
    match mistake["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of this request"
        case _:
            message = mistake["msg"].removeprefix("Input ").removeprefix("Value ")
            return message[:1].lower() + message[1:]
