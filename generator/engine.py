"""Writes many requests at once: prompts are read one by one, then every step takes all open sequences one token on.

Sequences join and leave between two steps (continuous batching, Yu et al. 2022, Orca). Nothing here knows threads.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

from generator.base import FinishReason, Piece, TokenLogprob
from generator.healing import TokenBeginnings, hold_to
from generator.sampling import next_tokens
from generator.sequence import Written
from generator.slots import Slots
from generator.steering import TokenTexts, bar
from generator.step import DecodeStep, StepKind

_CHUNK = 2048


@dataclass(slots=True)
class Job:
    """A request at work: the choices that it is made of, and where their pieces go."""

    prompt: list[int]
    choices: list[Written]
    send: Callable[[Piece], None]
    cancelled: Callable[[], bool]
    deadline: float | None

    @property
    def done(self) -> bool:
        """Whether every choice has ended."""
        return all(choice.done for choice in self.choices)


class Engine:
    """The decode loop of one model over its slots; called by one thread only."""

    def __init__(
        self,
        model: Any,
        slots: Slots,
        step: StepKind,
        ends: frozenset[int],
        texts: Callable[[], TokenTexts],
        beginnings: Callable[[], TokenBeginnings],
        decode: Callable[[Sequence[int]], str],
    ) -> None:
        self._model = model
        self._slots = slots
        self._step = DecodeStep(model, slots, step)
        self._ends = ends
        self._texts = texts
        self._beginnings = beginnings
        self._decode = decode
        self._open: list[tuple[Job, Written]] = []

    @property
    def jobs(self) -> list[Job]:
        """The requests at work, oldest first."""
        return list({id(job): job for job, _ in self._open}.values())

    @property
    def idle(self) -> bool:
        """Whether nothing is at work."""
        return not self._open

    def has_room(self, choices: int) -> bool:
        """Whether so many more sequences can be written at once."""
        return len(self._open) + choices <= self._slots.count

    @torch.inference_mode()
    def start(self, job: Job) -> None:
        """Read a prompt and take the first token of each of its choices; raises what the model raises."""
        cache, scores = self._read(job.prompt)
        for choice, row in zip(job.choices, scores.repeat(len(job.choices), 1), strict=True):
            self._slots.fill(len(self._open), cache, len(job.prompt))
            self._open.append((job, choice))
            self._advance([(job, choice)], row.unsqueeze(0))
        self._sweep()

    @torch.inference_mode()
    def step(self) -> None:
        """Take every open sequence one token on; raises what the model raises."""
        tokens = [choice.seen[-1] for _, choice in self._open]
        positions = [choice.position for _, choice in self._open]
        self._advance(self._open, self._step(tokens, positions))
        self._sweep()

    @torch.inference_mode()
    def drop(self, job: Job) -> None:
        """Forget a request that failed."""
        for choice in job.choices:
            choice.done = True
        self._compact()

    def _read(self, prompt: list[int]) -> tuple[DynamicCache, torch.Tensor]:
        """Read a prompt, in chunks; its cache, and the scores of the token after it (1 x vocabulary, float32)."""
        cache = DynamicCache()
        ids = torch.tensor([prompt], device=self._model.device)
        scores = ids
        for begin in range(0, len(prompt), _CHUNK):
            chunk = ids[:, begin : begin + _CHUNK]
            scores = self._model(chunk, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        return cache, scores[:, -1, :].float()

    def _advance(self, rows: Sequence[tuple[Job, Written]], scores: torch.Tensor) -> None:
        choices = [choice for _, choice in rows]
        raw = scores.clone() if any(choice.request.logprobs is not None for choice in choices) else scores
        for row, choice in enumerate(choices):
            if choice.begin and (spelling := self._beginnings().beginning(choice.begin)):
                hold_to(scores[row], spelling)
        steered = self._steer(choices, scores)
        chosen = next_tokens(scores, [choice.draw for choice in choices]).tolist()
        for row, ((job, choice), token) in enumerate(zip(rows, chosen, strict=True)):
            if choice.begin:
                choice.begin = self._beginnings().rest(choice.begin, token)
            logprob = self._logprob(raw[row], token, choice.request.logprobs)
            for piece in choice.take(token, self._ends, row in steered, logprob):
                job.send(piece)

    def _steer(self, choices: Sequence[Written], scores: torch.Tensor) -> set[int]:
        """Bar what must not come next, in place; return the rows whose likeliest token was barred."""
        guided = [row for row, choice in enumerate(choices) if choice.barred]
        likeliest = {row: int(scores[row].argmax()) for row in guided}
        for row in guided:
            bar(scores[row], self._texts(), choices[row].barred)
        return {row for row in guided if scores[row, likeliest[row]] == -torch.inf}

    def _logprob(self, scores: torch.Tensor, token: int, alternatives: int | None) -> TokenLogprob | None:
        if alternatives is None:
            return None
        logprobs = scores.log_softmax(dim=-1)
        best = logprobs.topk(alternatives)
        named = tuple(
            (self._decode([number]), value)
            for value, number in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        )
        return TokenLogprob(self._decode([token]), float(logprobs[token]), named)

    def _sweep(self) -> None:
        """End what was cancelled or has run out of time, and let go of what is done."""
        now = time.monotonic()
        for job in self.jobs:
            reason: FinishReason
            if job.cancelled():
                reason = "cancelled"
            elif job.deadline is not None and now > job.deadline:
                reason = "time_limit"
            else:
                continue
            for choice in job.choices:
                if not choice.done:
                    job.send(choice.end(reason))
        self._compact()

    def _compact(self) -> None:
        """Move the last sequences into the gaps, so that the rows at work are the first ones."""
        for slot in reversed(range(len(self._open))):
            if not self._open[slot][1].done:
                continue
            last = self._open.pop()
            if slot < len(self._open):
                self._slots.move(len(self._open), slot, last[1].position)
                self._open[slot] = last
