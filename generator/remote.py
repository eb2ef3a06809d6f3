"""Any OpenAI-compatible server (vLLM, TGI, llama.cpp's server) as a CodeGenerator: streaming, retries, clear errors.

The server runs the model, so that it may have more GPUs, or other ones, than this machine.
"""

import random
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import httpx2

from generator.base import (
    Completion,
    FinishReason,
    GenerationRequest,
    Guide,
    ModelDescription,
    Piece,
    PromptFit,
    gather,
)
from generator.errors import FillInMiddleUnsupported, GeneratorBusy, InvalidRequest, UpstreamError
from generator.fim import FimTokens, suffix_start
from generator.guided import guided
from generator.upstream import chat_pieces, completion_pieces, error_message

CONNECT_SECONDS = 10.0
# Between two pieces of an answer, or before the first one: a server may have a long queue.
READ_SECONDS = 180.0
TRIES = 4
FIRST_PAUSE = 0.5
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model behind an API: base URL (with its `/v1`), the name that server gives it, its key, its family's FIM."""

    url: str
    name: str
    key: str | None = None
    family: FimTokens | None = None


class RemoteGenerator:
    """A model that a server runs; what is sent to it leaves this machine."""

    def __init__(
        self,
        model: RemoteModel,
        transport: httpx2.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model = model
        self._pause = pause
        headers = {"Authorization": f"Bearer {model.key}"} if model.key else {}
        timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx2.Client(base_url=model.url, headers=headers, timeout=timeout, transport=transport)

    def describe(self) -> ModelDescription:
        """What is known of a model that runs elsewhere; nothing is asked of the server."""
        return ModelDescription(
            name=self._model.name,
            architecture="remote",
            parameters=None,
            positions=None,
            device=self._model.url,
            dtype="remote",
            fills_in_middle=self._model.family is not None,
        )

    def fit(self, request: GenerationRequest) -> PromptFit:
        """Nobody here can count the server's tokens: it refuses what is too long by itself."""
        return PromptFit(None)

    def complete(
        self, request: GenerationRequest, cancel: threading.Event | None = None, guide: Guide | None = None
    ) -> tuple[Completion, ...]:
        """All choices once they are finished; raises what `stream` raises."""
        return gather(self.stream(request, cancel, guide))

    def stream(
        self, request: GenerationRequest, cancel: threading.Event | None = None, guide: Guide | None = None
    ) -> Generator[Piece, None, None]:
        """Pieces of all choices as they arrive; with a guide one after another, each asked for anew where it is barred.

        Raises FillInMiddleUnsupported and InvalidRequest at once; the iterator raises GeneratorBusy and UpstreamError.
        """
        self._asked(request)
        stopped = cancel or threading.Event()
        return self._pieces(request, stopped) if guide is None else guided(self._pieces, request, guide, stopped)

    def _asked(self, request: GenerationRequest) -> tuple[str, dict[str, Any]]:
        body: dict[str, Any] = {
            "model": self._model.name,
            "max_tokens": request.max_new_tokens,
            "n": request.n,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        optional = {
            "seed": request.seed,
            "stop": _stops(request) or None,
            "top_k": request.top_k or None,
            "repetition_penalty": None if request.repetition_penalty == 1.0 else request.repetition_penalty,
        }
        body |= {name: value for name, value in optional.items() if value is not None}
        if request.messages:
            if request.logprobs is not None:
                body |= {"logprobs": True, "top_logprobs": request.logprobs}
            body["messages"] = [{"role": message.role, "content": message.content} for message in request.messages]
            return "chat/completions", body
        if request.logprobs is not None:
            body["logprobs"] = request.logprobs
        body["prompt"] = request.prompt if request.suffix is None else self._middle(request.prompt, request.suffix)
        return "completions", body

    def _middle(self, prompt: str, suffix: str) -> str:
        """Fill-in-the-middle as a prompt, because servers refuse a suffix or wrap it in another family's words."""
        family = self._model.family
        if family is None:
            raise FillInMiddleUnsupported(
                f"Nobody knows how {self._model.name!r} fills in the middle: leave the suffix out, or name its family "
                "behind the model, such as ?fim=starcoder."
            )
        for mark in family.marks:
            if mark in prompt or mark in suffix:
                raise InvalidRequest(
                    f"prompt or suffix holds {mark!r}, which a server would read as a mark: take it out."
                )
        return family.render(prompt, suffix)

    def _pieces(self, request: GenerationRequest, cancel: threading.Event) -> Generator[Piece, None, None]:
        path, body = self._asked(request)
        deadline = None if request.time_limit is None else time.monotonic() + request.time_limit
        ended: set[int] = set()
        read = chat_pieces if request.messages else completion_pieces
        with self._answering(path, body) as response:
            try:
                for piece in read(response):
                    yield piece
                    if piece.finish_reason is not None:
                        ended.add(piece.choice)
                    late = deadline is not None and time.monotonic() > deadline
                    if cancel.is_set() or late:
                        # Leaving closes the connection, and servers end what nobody listens to.
                        yield from self._ended(request.n, ended, "cancelled" if cancel.is_set() else "time_limit")
                        return
            except httpx2.TimeoutException as error:
                raise UpstreamError(f"{self._model.url} sent nothing for {READ_SECONDS:.0f} s: try again.") from error
            except httpx2.TransportError as error:
                raise UpstreamError(f"{self._model.url} broke off in the middle of an answer: try again.") from error
        if len(ended) < request.n:
            raise UpstreamError(f"{self._model.url} ended its answer without saying why: try again.")

    def _ended(self, choices: int, ended: set[int], reason: FinishReason) -> Generator[Piece, None, None]:
        yield from (Piece(choice, "", reason) for choice in range(choices) if choice not in ended)

    def _answering(self, path: str, body: dict[str, Any]) -> "_Answer":
        """Ask until the server begins to answer; raises GeneratorBusy and UpstreamError."""
        request = self._client.build_request("POST", path, json=body)
        for trial in range(1, TRIES + 1):
            try:
                response = self._client.send(request, stream=True)
            except httpx2.TransportError as error:
                if trial == TRIES:
                    raise UpstreamError(
                        f"{self._model.url} cannot be reached ({type(error).__name__}): is the server running?"
                    ) from error
                self._pause(_backoff(trial, None))
                continue
            if response.status_code == 200:
                return _Answer(response)
            response.read()
            response.close()
            if response.status_code in _AGAIN and trial < TRIES:
                self._pause(_backoff(trial, response.headers.get("Retry-After")))
                continue
            said = f"{self._model.url} answers {response.status_code}: {error_message(response)}"
            raise GeneratorBusy(said) if response.status_code in _BUSY else UpstreamError(said)
        raise AssertionError("the last try returns or raises")


class _Answer:
    """A response that is closed when it is left."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def __enter__(self) -> httpx2.Response:
        return self._response

    def __exit__(self, *error: object) -> None:
        self._response.close()


def _stops(request: GenerationRequest) -> list[str]:
    """What ends an answer: a middle that has run into its suffix is at its end."""
    start = suffix_start(request.suffix or "")
    return [*request.stop, *([] if start is None else [start])]


def _backoff(trial: int, asked: str | None) -> float:
    """Seconds to wait before the next try: what the server asks for, up to a minute, else twice as long each time."""
    if asked is not None and asked.isdecimal():
        return min(60.0, float(asked))
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - only so that clients do not come back all at once
    return float(FIRST_PAUSE * 2 ** (trial - 1) * spread)
