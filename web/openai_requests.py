"""What OpenAI-compatible clients may ask: completions, conversations and fill-in-the-middle, checked field by field.

As OpenAI does, a field that the API does not have is refused; one that it has and nobody here can honour is refused
unless it asks for nothing; names of users and the like are read and forgotten.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from generator.base import MOST_LOGPROBS, GenerationRequest, Message, Role
from web.openai_errors import OpenAIError
from web.schemas import LONGEST_PROMPT, MOST_CHOICES, MOST_EXCLUDED, MOST_NEW_TOKENS, MOST_STOPS, LanguageName, Purl

DEFAULT_COMPLETION_TOKENS = 16
DEFAULT_ANSWER_TOKENS = 512

Prompt = Annotated[str, Field(max_length=LONGEST_PROMPT)]
Stops = str | Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(max_length=MOST_STOPS)] | None


def _nothing(value: Any) -> Any:
    if value not in (None, 0, 0.0, {}, [], ()):
        raise ValueError("is not offered here: leave it out")
    return value


Nothing = Annotated[Any, AfterValidator(_nothing)]


class StreamOptions(BaseModel):
    """What is said at the end of a stream."""

    model_config = ConfigDict(frozen=True)

    include_usage: bool = False


class Asked(BaseModel):
    """What all three have in common; `language`, `exclude`, `top_k` and `repetition_penalty` are ours."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    model: str
    temperature: float | None = Field(1.0, ge=0, le=2, allow_inf_nan=False)
    top_p: float | None = Field(1.0, gt=0, le=1, allow_inf_nan=False)
    n: int | None = Field(1, ge=1, le=MOST_CHOICES)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    stop: Stops = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None
    store: bool | None = None
    frequency_penalty: Nothing = None
    presence_penalty: Nothing = None
    logit_bias: Nothing = None
    top_k: int = Field(0, ge=0, le=1_000_000)
    repetition_penalty: float = Field(1.0, gt=0, le=100, allow_inf_nan=False)
    language: LanguageName | None = None
    exclude: tuple[Purl, ...] = Field((), max_length=MOST_EXCLUDED)

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read a body; raises OpenAIError that names the first wrong field."""
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            mistake = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(part for part in map(str, mistake["loc"]) if _names_a_field(part))
            raise OpenAIError(400, _sentence(mistake["type"], mistake["msg"], field), param=field or None) from None

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop strings, however they were given."""
        given = (self.stop,) if isinstance(self.stop, str) else self.stop or ()
        return tuple(stop for stop in given if stop)

    @property
    def include_usage(self) -> bool:
        """Whether a stream ends with a chunk that counts tokens."""
        return self.stream_options is not None and self.stream_options.include_usage

    def _request(
        self,
        prompt: str,
        suffix: str | None,
        most: int,
        logprobs: int | None,
        messages: Sequence[Message] = (),
    ) -> GenerationRequest:
        return GenerationRequest(
            prompt=prompt,
            suffix=suffix,
            max_new_tokens=most,
            n=self.n or 1,
            temperature=1.0 if self.temperature is None else self.temperature,
            top_p=1.0 if self.top_p is None else self.top_p,
            top_k=self.top_k,
            repetition_penalty=self.repetition_penalty,
            seed=None if self.seed is None else self.seed % 2**63,
            stop=self.stops,
            logprobs=logprobs,
            messages=tuple(messages),
        )


class CompletionRequest(Asked):
    """`/v1/completions`: one prompt, or the text between prompt and suffix."""

    prompt: Prompt | tuple[Prompt, ...] = "<|endoftext|>"
    suffix: Prompt | None = None
    max_tokens: int | None = Field(DEFAULT_COMPLETION_TOKENS, ge=1, le=MOST_NEW_TOKENS)
    logprobs: int | None = Field(None, ge=0, le=MOST_LOGPROBS)
    echo: bool | None = False
    best_of: int | None = None

    @property
    def request(self) -> GenerationRequest:
        """What the generator is asked; raises OpenAIError for several prompts at once."""
        if not isinstance(self.prompt, str) and len(self.prompt) != 1:
            raise OpenAIError(400, "prompt must be one text: send a request for each.", param="prompt")
        if self.best_of is not None and self.best_of != (self.n or 1):
            raise OpenAIError(400, "best_of is not offered here: leave it out.", param="best_of")
        prompt = self.prompt if isinstance(self.prompt, str) else self.prompt[0]
        return self._request(prompt, self.suffix or None, self.max_tokens or DEFAULT_COMPLETION_TOKENS, self.logprobs)


class ChatMessage(BaseModel):
    """One turn; its content is a text, or parts that are texts."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: str | tuple[dict[str, Any], ...]

    @property
    def message(self) -> Message:
        """The turn as the generator knows it; raises OpenAIError for a part that is no text."""
        role: Role = "system" if self.role == "developer" else self.role
        if isinstance(self.content, str):
            return Message(role, self.content)
        texts = [part.get("text") for part in self.content if part.get("type") == "text"]
        if len(texts) != len(self.content) or not all(isinstance(text, str) for text in texts):
            raise OpenAIError(400, "messages may hold text only.", param="messages")
        return Message(role, "".join(str(text) for text in texts))


class ChatRequest(Asked):
    """`/v1/chat/completions`: a conversation to be answered."""

    messages: tuple[ChatMessage, ...] = Field(min_length=1, max_length=200)
    max_tokens: int | None = Field(None, ge=1, le=MOST_NEW_TOKENS)
    max_completion_tokens: int | None = Field(None, ge=1, le=MOST_NEW_TOKENS)
    logprobs: bool | None = False
    top_logprobs: int | None = Field(None, ge=0, le=MOST_LOGPROBS)
    response_format: dict[str, Any] | None = None
    tools: Nothing = None
    tool_choice: Nothing = None

    @property
    def request(self) -> GenerationRequest:
        """What the generator is asked; raises OpenAIError for what is not text."""
        if (self.response_format or {"type": "text"}).get("type") != "text":
            raise OpenAIError(400, "response_format other than text is not offered here.", param="response_format")
        most = self.max_completion_tokens or self.max_tokens or DEFAULT_ANSWER_TOKENS
        logprobs = (self.top_logprobs or 0) if self.logprobs else None
        return self._request("", None, most, logprobs, [message.message for message in self.messages])


class FimRequest(Asked):
    """`/v1/fim/completions`, as Mistral's clients and editors ask it: what stands between prompt and suffix."""

    prompt: Prompt
    suffix: Prompt | None = None
    max_tokens: int | None = Field(None, ge=1, le=MOST_NEW_TOKENS)
    min_tokens: Nothing = None
    random_seed: int | None = Field(None, ge=0, lt=2**63)

    @property
    def request(self) -> GenerationRequest:
        """What the generator is asked."""
        asked = self if self.random_seed is None else self.model_copy(update={"seed": self.random_seed})
        return asked._request(self.prompt, self.suffix or "", self.max_tokens or DEFAULT_ANSWER_TOKENS, None)


def _names_a_field(part: str) -> bool:
    """Tell fields from the names that pydantic gives the members of a union."""
    return not part.startswith(("tuple[", "str", "constrained", "function"))


def _sentence(kind: str, message: str, field: str) -> str:
    if kind == "json_invalid":
        return f"The body is not JSON: {message}."
    if kind == "extra_forbidden":
        return f"Unrecognized request argument supplied: {field}"
    if kind == "missing":
        return f"Missing required parameter: '{field}'."
    said = message.removeprefix("Value error, ").removeprefix("Input ").removeprefix("Value ")
    return f"Invalid '{field}': {said[:1].lower()}{said[1:]}."
