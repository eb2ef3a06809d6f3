"""What every code model offers, whatever runs it: requests, pieces of text, completions."""

import threading
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from generator.errors import InvalidRequest

FinishReason = Literal["stop", "length", "cancelled", "time_limit"]
Role = Literal["system", "user", "assistant"]
Overlong = Literal["refuse", "cut"]
MOST_LOGPROBS = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What to continue, and how.

    `suffix` asks for the middle between `prompt` and `suffix`; `messages` are answered instead of a prompt, in the
    words that the model's family has for a conversation. `temperature` 0 takes the likeliest token at each step;
    `top_k` 0 and `top_p` 1 switch those filters off. `max_new_tokens` is an upper bound: it is clipped to the
    positions the model has left. `stop` strings end a choice and are not part of its text. `logprobs` asks for the
    likelihood of each token, and of so many alternatives. `time_limit` is in seconds from when it is asked.
    `overlong` says what becomes of a prompt that the model has no room for: it is refused, or cut at its far ends.

    Raises InvalidRequest, which names the field.
    """

    prompt: str
    suffix: str | None = None
    max_new_tokens: int = 256
    n: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    logprobs: int | None = None
    time_limit: float | None = None
    messages: tuple[Message, ...] = ()
    overlong: Overlong = "refuse"

    def __post_init__(self) -> None:
        checks = {
            "max_new_tokens": (self.max_new_tokens >= 1, "at least 1"),
            "n": (1 <= self.n <= 64, "from 1 to 64"),
            "temperature": (0.0 <= self.temperature <= 100.0, "from 0 to 100"),
            "top_p": (0.0 < self.top_p <= 1.0, "more than 0 and at most 1"),
            "top_k": (self.top_k >= 0, "0 (off) or more"),
            "repetition_penalty": (0.0 < self.repetition_penalty <= 100.0, "more than 0 and at most 100"),
            "seed": (self.seed is None or 0 <= self.seed < 2**63, "from 0 to 2**63 - 1, or none"),
            "stop": (not isinstance(self.stop, str) and all(self.stop), "a tuple of strings that are not empty"),
            "logprobs": (self.logprobs is None or 0 <= self.logprobs <= MOST_LOGPROBS, f"from 0 to {MOST_LOGPROBS}"),
            "time_limit": (self.time_limit is None or self.time_limit > 0, "more than 0 seconds, or none"),
            "messages": (not self.messages or not (self.prompt or self.suffix), "left out where there is a prompt"),
            "overlong": (self.overlong in get_args(Overlong), "refuse or cut"),
        }
        for field, (holds, allowed) in checks.items():
            if not holds:
                raise InvalidRequest(f"{field} is {getattr(self, field)!r}; it must be {allowed}.")


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token that was taken, its log-probability under the model, and the likeliest alternatives with theirs."""

    token: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """The next piece of one choice's text; its last piece, and only that, says why the choice ended.

    `tokens` is how many tokens were taken since that choice's piece before, `steered` how many of them while the
    likeliest one was barred; `logprobs` has one element a token where the request asks for them. `prompt_tokens` is
    what a server says of the prompt, on the last piece of all, where nobody here can count.
    """

    choice: int
    text: str
    finish_reason: FinishReason | None = None
    tokens: int = 0
    steered: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()
    prompt_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """The whole text of one choice; `completion_tokens` counts the end token and cut-off stop strings too."""

    text: str
    finish_reason: FinishReason
    completion_tokens: int
    steered_tokens: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()
    prompt_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class PromptFit:
    """How many positions a prompt takes, and how many of its tokens are cut before and after for want of room.

    `tokens` is None where only a server can count them.
    """

    tokens: int | None
    cut_before: int = 0
    cut_after: int = 0


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What a model is and where it runs; `positions` is the most tokens prompt and answer may have together.

    `parameters` and `positions` are None where a server does not say them.
    """

    name: str
    architecture: str
    parameters: int | None
    positions: int | None
    device: str
    dtype: str
    fills_in_middle: bool


class Guide(Protocol):
    """Keeps the choices of one request away from texts; it is asked between two steps, so it must be quick."""

    def barred(self, choice: int, text: str) -> Sequence[str]:
        """Take in what a choice has written since it was last asked; return the texts that must not come next."""
        ...


class CodeGenerator(Protocol):
    """A code model that can be asked from any thread."""

    def describe(self) -> ModelDescription:
        """The model, its size and its device."""
        ...

    def stream(
        self, request: GenerationRequest, cancel: threading.Event | None = None, guide: Guide | None = None
    ) -> Generator[Piece, None, None]:
        """Pieces of all choices as they are written; setting `cancel` ends every open choice at the next token.

        Text arrives as whole characters and stop strings never do. Raises PromptTooLong, FillInMiddleUnsupported,
        GeneratorBusy and OutOfMemory.
        """
        ...

    def complete(self, request: GenerationRequest, cancel: threading.Event | None = None) -> tuple[Completion, ...]:
        """All choices once they are finished; raises what `stream` raises."""
        ...

    def fit(self, request: GenerationRequest) -> PromptFit:
        """How many positions the prompt of a request takes, special tokens included; raises PromptTooLong."""
        ...


def gather(pieces: Iterable[Piece]) -> tuple[Completion, ...]:
    """Puts the pieces of a stream together, one completion a choice."""
    choices: dict[int, list[Piece]] = {}
    for piece in pieces:
        choices.setdefault(piece.choice, []).append(piece)
    return tuple(_completion(choices[choice]) for choice in sorted(choices))


def _completion(pieces: list[Piece]) -> Completion:
    reason = pieces[-1].finish_reason
    assert reason is not None, "a choice ends with the piece that says why"
    return Completion(
        text="".join(piece.text for piece in pieces),
        finish_reason=reason,
        completion_tokens=sum(piece.tokens for piece in pieces),
        steered_tokens=sum(piece.steered for piece in pieces),
        logprobs=tuple(logprob for piece in pieces for logprob in piece.logprobs),
        prompt_tokens=next(
            (piece.prompt_tokens for piece in reversed(pieces) if piece.prompt_tokens is not None), None
        ),
    )
