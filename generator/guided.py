"""Steers a model that cannot be told what to leave out: where it must not go on its answer is cut and asked for anew.

What was written up to there stays, as it does with a model whose tokens are masked.
"""

import re
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from generator.base import FinishReason, GenerationRequest, Guide, Piece

# So often an answer is asked for anew from one point; each time the draw is freer, so that it comes out differently.
_MOST_TURNS = 4
_FREER = 0.4
_WARMEST = 1.6
_SEEDS = 1 << 63
_WORD = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")

Stream = Callable[[GenerationRequest, threading.Event], Generator[Piece, None, None]]


@dataclass(slots=True)
class _Choice:
    """One choice as far as it is written; `turns` counts how often it was turned away at this point."""

    number: int
    text: str = ""
    tokens: int = 0
    turns: int = 0
    barred: tuple[str, ...] = ()


def guided(
    stream: Stream, request: GenerationRequest, guide: Guide, cancel: threading.Event
) -> Generator[Piece, None, None]:
    """Pieces of all choices, one choice after another, none of which goes on where the guide bars it."""
    for number in range(request.n):
        yield from _written(stream, request, guide, cancel, _Choice(number))


def _written(
    stream: Stream, request: GenerationRequest, guide: Guide, cancel: threading.Event, choice: _Choice
) -> Generator[Piece, None, None]:
    while True:
        turned = False
        for piece in stream(_asked(request, choice), cancel):
            kept = _until_barred(piece.text, guide, choice)
            turned = len(kept) < len(piece.text)
            reason: FinishReason | None = None if turned else piece.finish_reason
            choice.text += kept
            choice.tokens += piece.tokens
            if kept.strip():
                choice.turns = 0
            yield Piece(choice.number, kept, reason, piece.tokens, int(turned), piece.logprobs, piece.prompt_tokens)
            if turned:
                break
            if reason is not None:
                return
        choice.turns += 1
        if not turned or request.messages or choice.turns > _MOST_TURNS or choice.tokens >= request.max_new_tokens:
            # An answer in a conversation cannot be gone on with, and some models know no other way: it ends here.
            yield Piece(choice.number, "", "length" if choice.tokens >= request.max_new_tokens else "stop")
            return


def _asked(request: GenerationRequest, choice: _Choice) -> GenerationRequest:
    seed = None if request.seed is None else (request.seed + 7919 * choice.turns + choice.number) % _SEEDS
    warmth = request.temperature if not choice.turns else min(_WARMEST, request.temperature + _FREER * choice.turns)
    return replace(
        request,
        prompt=request.prompt if request.messages else request.prompt + choice.text,
        n=1,
        max_new_tokens=max(1, request.max_new_tokens - choice.tokens),
        seed=seed,
        temperature=warmth,
    )


def _until_barred(text: str, guide: Guide, choice: _Choice) -> str:
    """Return the beginning of a piece that may stay, word by word."""
    at = 0
    for word in _WORD.findall(text):
        bare = word.strip()
        if bare and any(_begins(barred, bare) for barred in choice.barred):
            break
        choice.barred = tuple(guide.barred(choice.number, word))
        at += len(word)
    return text[:at]


def _begins(barred: str, word: str) -> bool:
    first = _WORD.match(barred.lstrip())
    return first is not None and (first[0] == word or first[0].startswith(word))
