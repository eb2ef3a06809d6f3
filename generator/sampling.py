"""Choosing the next tokens from a model's scores, each sequence by its own rules and its own random generator."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from generator.base import GenerationRequest


@dataclass(frozen=True, slots=True)
class Draw:
    """How one sequence draws: its request's settings, its random generator, and the tokens it has seen."""

    request: GenerationRequest
    generator: torch.Generator | None
    seen: Sequence[int]


def next_tokens(logits: torch.Tensor, draws: Sequence[Draw]) -> torch.Tensor:
    """One token per row: the likeliest at temperature 0, else drawn from the filtered distribution.

    `logits` is rows x vocabulary in float32, the result is rows. The order (repetition penalty, temperature, top-k,
    top-p) is that of transformers' `generate`; drawing divides by exponential noise, as torch.multinomial does.
    """
    for row, draw in enumerate(draws):
        if draw.request.repetition_penalty != 1.0:
            seen = torch.tensor([draw.seen], device=logits.device)
            logits[row] = penalise(logits[row : row + 1], seen, draw.request.repetition_penalty)[0]
    if all(draw.request.temperature == 0.0 for draw in draws):
        return logits.argmax(dim=-1)
    chosen = logits.argmax(dim=-1)
    for rows in _alike(draws):
        request = draws[rows[0]].request
        if request.temperature == 0.0:
            continue
        filtered = logits[rows] / request.temperature
        if 0 < request.top_k < logits.shape[-1]:
            filtered = keep_top_k(filtered, request.top_k)
        if request.top_p < 1.0:
            filtered = keep_top_p(filtered, request.top_p)
        noise = torch.stack(
            [torch.empty_like(logits[row]).exponential_(generator=draws[row].generator) for row in rows]
        )
        chosen[rows] = (filtered.softmax(dim=-1) / noise).argmax(dim=-1)
    return chosen


def _alike(draws: Sequence[Draw]) -> list[list[int]]:
    """Rows that are filtered alike, so that each kind is filtered at once."""
    groups: dict[tuple[float, int, float], list[int]] = {}
    for row, draw in enumerate(draws):
        groups.setdefault((draw.request.temperature, draw.request.top_k, draw.request.top_p), []).append(row)
    return list(groups.values())


def penalise(logits: torch.Tensor, seen: torch.Tensor, penalty: float) -> torch.Tensor:
    """Makes tokens that were seen less likely (Keskar et al. 2019, CTRL, section 4.1)."""
    scores = logits.gather(1, seen)
    scores = torch.where(scores < 0, scores * penalty, scores / penalty)
    return logits.scatter(1, seen, scores)


def keep_top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    """All but the k likeliest tokens become impossible."""
    least = logits.topk(k, dim=-1).values[:, -1:]
    return logits.masked_fill(logits < least, -torch.inf)


def keep_top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    """Keeps the fewest likeliest tokens whose shares sum to at least p (Holtzman et al. 2020, nucleus sampling)."""
    ordered, order = logits.sort(dim=-1, descending=True)
    shares = ordered.softmax(dim=-1)
    beyond = shares.cumsum(dim=-1) - shares >= p
    return logits.masked_fill(beyond.scatter(1, order, beyond), -torch.inf)
