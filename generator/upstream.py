"""What OpenAI-compatible servers answer, read into pieces: completions and conversations, streamed as events."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2

from generator.base import FinishReason, Piece, TokenLogprob
from generator.errors import UpstreamError

_LONGEST_MESSAGE = 300
_REASONS: dict[str, FinishReason] = {"stop": "stop", "length": "length", "eos": "stop", "eos_token": "stop"}


def completion_pieces(response: httpx2.Response) -> Iterator[Piece]:
    """Pieces of `/completions`; raises UpstreamError where an event is no such answer."""
    counted: Counter[int] = Counter()
    for choice, event in _choices(response):
        logprobs = _completion_logprobs(choice.get("logprobs"))
        yield _piece(choice, choice.get("text"), event, logprobs, counted)


def chat_pieces(response: httpx2.Response) -> Iterator[Piece]:
    """Pieces of `/chat/completions`; raises UpstreamError where an event is no such answer."""
    counted: Counter[int] = Counter()
    for choice, event in _choices(response):
        text = (choice.get("delta") or {}).get("content")
        yield _piece(choice, text, event, _chat_logprobs(choice.get("logprobs")), counted)


def error_message(response: httpx2.Response) -> str:
    """Return what a server says of an error, in OpenAI's shape or any other, on one line."""
    try:
        body = response.json()
    except ValueError:
        body = response.text
    if isinstance(body, dict):
        error = body.get("error", body)
        body = error.get("message") or error.get("detail") or error if isinstance(error, dict) else error
    return " ".join(str(body).split())[:_LONGEST_MESSAGE] or "nothing more"


def _choices(response: httpx2.Response) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every choice of every event, the last ones held until the usage, which follows them, is known."""
    held: list[tuple[dict[str, Any], dict[str, Any]]] = []
    try:
        for sent in httpx2.EventSource(response):
            if sent.data.strip() == "[DONE]":
                break
            event = sent.json()
            if not isinstance(event, dict) or "error" in event:
                raise UpstreamError(f"The model server failed: {_said(event)}")
            for choice in event.get("choices") or ():
                if choice.get("finish_reason"):
                    held.append((choice, event))
                else:
                    yield choice, event
            if event.get("usage") and held:
                held = [(choice, event) for choice, _ in held]
    except ValueError as error:
        raise UpstreamError("The model server sent an event that is not JSON: is it OpenAI-compatible?") from error
    except httpx2.SSEError as error:
        raise UpstreamError("The model server does not stream events: is it OpenAI-compatible?") from error
    yield from held


def _said(event: Any) -> str:
    error = event.get("error") if isinstance(event, dict) else event
    return " ".join(str(error.get("message") if isinstance(error, dict) else error).split())[:_LONGEST_MESSAGE]


def _piece(
    choice: dict[str, Any],
    text: str | None,
    event: dict[str, Any],
    logprobs: tuple[TokenLogprob, ...],
    counted: Counter[int],
) -> Piece:
    """Return one piece; a server sends a token an event, more or less, and says at the end how many there were."""
    number = int(choice.get("index") or 0)
    tokens = max(bool(text), len(logprobs))
    counted[number] += tokens
    reason = choice.get("finish_reason")
    if not reason:
        return Piece(number, text or "", None, tokens, 0, logprobs)
    usage = event.get("usage") or {}
    if len(counted) == 1 and isinstance(usage.get("completion_tokens"), int):
        tokens += usage["completion_tokens"] - counted[number]
    return Piece(number, text or "", _REASONS.get(reason, "stop"), tokens, 0, logprobs, usage.get("prompt_tokens"))


def _completion_logprobs(given: dict[str, Any] | None) -> tuple[TokenLogprob, ...]:
    if not given:
        return ()
    tokens, values = given.get("tokens") or (), given.get("token_logprobs") or ()
    tops = given.get("top_logprobs") or [{}] * len(tokens)
    return tuple(
        TokenLogprob(str(token), float(value), tuple((top or {}).items()))
        for token, value, top in zip(tokens, values, tops, strict=False)
        if value is not None
    )


def _chat_logprobs(given: dict[str, Any] | None) -> tuple[TokenLogprob, ...]:
    return tuple(
        TokenLogprob(
            str(one["token"]),
            float(one["logprob"]),
            tuple((str(top["token"]), float(top["logprob"])) for top in one.get("top_logprobs") or ()),
        )
        for one in (given or {}).get("content") or ()
    )
