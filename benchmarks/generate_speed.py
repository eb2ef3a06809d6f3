"""Tokens a second of our decode loop beside transformers' own `generate`, in the same run, the same greedy tokens."""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import torch

from generator.base import CodeGenerator, GenerationRequest
from generator.loading import LoadedModel

_BATCHES = (1, 8)


def tell_speed(loaded: LoadedModel, generator: CodeGenerator, prompts: Sequence[str], tokens: int, rounds: int) -> None:
    """Print the speeds for one and for eight sequences at once, and how often ours is theirs."""
    print(
        f"tokens a second of wall time (of CPU time), greedy, at most {tokens} each, medians of {rounds} rounds in turn"
    )
    for batch in _BATCHES:
        asked = prompts[:batch]
        acts: dict[str, Callable[[], int]] = {
            "attrib": partial(_ours, generator, asked, tokens),
            "generate": partial(_theirs, loaded, asked, tokens),
        }
        speeds: dict[str, list[tuple[float, float]]] = {name: [] for name in acts}
        for act in acts.values():
            act()
        for _ in range(rounds):
            for name, act in acts.items():
                begun, used = time.perf_counter(), time.process_time()
                count = act()
                speeds[name].append((count / (time.perf_counter() - begun), count / (time.process_time() - used)))
        medians = {name: [statistics.median(one) for one in zip(*rows, strict=True)] for name, rows in speeds.items()}
        (wall, cpu), (their_wall, their_cpu) = medians["attrib"], medians["generate"]
        print(
            f"  batch {batch}: Attrib {wall:,.0f} ({cpu:,.0f}), transformers {their_wall:,.0f} ({their_cpu:,.0f}):"
            f" {wall / their_wall:.2f} times ({cpu / their_cpu:.2f})",
            flush=True,
        )


def _ours(generator: CodeGenerator, prompts: Sequence[str], tokens: int) -> int:
    with ThreadPoolExecutor(len(prompts)) as pool:
        asked = [GenerationRequest(prompt, max_new_tokens=tokens) for prompt in prompts]
        return sum(choice.completion_tokens for (choice,) in pool.map(generator.complete, asked))


@torch.inference_mode()
def _theirs(loaded: LoadedModel, prompts: Sequence[str], tokens: int) -> int:
    model: Any = loaded.model
    loaded.tokenizer.padding_side = "left"
    loaded.tokenizer.pad_token = loaded.tokenizer.pad_token or loaded.tokenizer.eos_token
    given = loaded.tokenizer(list(prompts), return_tensors="pt", padding=True)
    length = given["input_ids"].shape[1]
    written = model.generate(
        input_ids=given["input_ids"],
        attention_mask=given["attention_mask"],
        max_new_tokens=tokens,
        do_sample=False,
        pad_token_id=loaded.tokenizer.pad_token_id,
    )[:, length:]
    # Only what belongs to an answer counts: its end token too, but no padding behind it.
    ended = (written == loaded.tokenizer.eos_token_id).long().cumsum(dim=1)
    return int(((ended == 0) | ((ended == 1) & (written == loaded.tokenizer.eos_token_id))).sum())
