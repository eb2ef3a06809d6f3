"""Choosing the next token from a model's scores."""

import torch

from generator.base import GenerationRequest


def next_tokens(
    logits: torch.Tensor, seen: torch.Tensor, request: GenerationRequest, drawn: torch.Generator | None
) -> torch.Tensor:
    """One token per row: the likeliest at temperature 0, else drawn from the filtered distribution.

    `logits` is rows x vocabulary in float32, `seen` is rows x tokens so far (prompt included), the result is rows.
    The order (repetition penalty, temperature, top-k, top-p) is that of transformers' `generate`.
    """
    if request.repetition_penalty != 1.0:
        logits = penalise(logits, seen, request.repetition_penalty)
    if request.temperature == 0.0:
        return logits.argmax(dim=-1)
    logits = logits / request.temperature
    if 0 < request.top_k < logits.shape[-1]:
        logits = keep_top_k(logits, request.top_k)
    if request.top_p < 1.0:
        logits = keep_top_p(logits, request.top_p)
    return torch.multinomial(logits.softmax(dim=-1), 1, generator=drawn).squeeze(1)


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
