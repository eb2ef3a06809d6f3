"""What every code model offers, whatever runs it: requests, pieces of text, completions."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from generator.errors import InvalidRequest

FinishReason = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What to continue, and how.

    `suffix` asks for the middle between `prompt` and `suffix`. `temperature` 0 takes the likeliest token at each
    step; `top_k` 0 and `top_p` 1 switch those filters off. `max_new_tokens` is an upper bound: it is clipped to the
    positions the model has left. `stop` strings end a choice and are not part of its text.

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
        }
        for field, (holds, allowed) in checks.items():
            if not holds:
                raise InvalidRequest(f"{field} is {getattr(self, field)!r}; it must be {allowed}.")


@dataclass(frozen=True, slots=True)
class Piece:
    """The next piece of one choice's text; its last piece, and only that, says why the choice ended.

    `tokens` is how many tokens were taken since that choice's piece before.
    """

    choice: int
    text: str
    finish_reason: FinishReason | None = None
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """The whole text of one choice; `completion_tokens` counts the end token and cut-off stop strings too."""

    text: str
    finish_reason: FinishReason
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written for one request."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What a model is and where it runs; `positions` is the most tokens prompt and answer may have together."""

    name: str
    architecture: str
    parameters: int
    positions: int
    device: str
    dtype: str
    fills_in_middle: bool


class CodeGenerator(Protocol):
    """A code model that can be asked from any thread."""

    def describe(self) -> ModelDescription:
        """The model, its size and its device."""
        ...

    def stream(self, request: GenerationRequest, cancel: threading.Event | None = None) -> Iterator[Piece]:
        """Pieces of all choices as they are written; setting `cancel` ends every open choice at the next token.

        Text arrives as whole characters and stop strings never do. Raises PromptTooLong, FillInMiddleUnsupported
        and OutOfMemory.
        """
        ...

    def complete(self, request: GenerationRequest, cancel: threading.Event | None = None) -> tuple[Completion, ...]:
        """All choices once they are finished; raises what `stream` raises."""
        ...

    def count_tokens(self, prompt: str, suffix: str | None = None) -> int:
        """How many positions a prompt takes, fill-in-the-middle tokens included."""
        ...


def gather(pieces: Iterable[Piece]) -> tuple[Completion, ...]:
    """Puts the pieces of a stream together, one completion a choice."""
    texts: dict[int, list[str]] = {}
    tokens: dict[int, int] = {}
    reasons: dict[int, FinishReason] = {}
    for piece in pieces:
        texts.setdefault(piece.choice, []).append(piece.text)
        tokens[piece.choice] = tokens.get(piece.choice, 0) + piece.tokens
        if piece.finish_reason is not None:
            reasons[piece.choice] = piece.finish_reason
    return tuple(Completion("".join(texts[choice]), reasons[choice], tokens[choice]) for choice in sorted(texts))
