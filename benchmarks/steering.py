"""Does steering keep the model off what the policy blocks, and leave everything else as it is?

Run `python -m benchmarks.steering`. The embedded model is asked to go on from the first three lines of each function
of its manifest, greedily and at a temperature, with steering off and on, in the same index; half of the functions are
blocked (`benchmarks.generate_reference`). Verbatim runs are counted in all that the model wrote, withheld or not, by
comparing lexemes with every blocked function, not by the index; near copies are what the final check then withholds.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import exp
from typing import Any

import torch

from attrib.answers import Action
from attrib.steering import SourceGuide
from benchmarks.generate_reference import HeardGenerator, LongestRuns, SplitReference, percentile, split_reference
from generator.base import CodeGenerator, GenerationRequest, gather
from generator.embedded.corpus import Function
from generator.loading import LoadedModel, load_model
from generator.local import LocalGenerator

_CERTAIN = 40
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """One generation: what was written, how many of its tokens were turned, and what the final check said."""

    text: str
    tokens: int
    steered: int
    verdict: Action


def main() -> int:
    """Print what steering does, and return 1 where a blocked run of the certain length was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=260, help="how many of the manifest's functions, half blocked")
    parser.add_argument("--tokens", type=int, default=300)
    parser.add_argument("--temperatures", type=float, nargs="+", default=[0.0, 0.6])
    arguments = parser.parse_args()
    loaded = load_model(device="cpu")
    generator = LocalGenerator(loaded)
    failed = False
    with split_reference() as split:
        half = arguments.functions // 2
        blocked, permitted = split.blocked[:half], split.permitted[:half]
        runs = LongestRuns(function.text for function in split.blocked)
        for temperature in arguments.temperatures:
            asked = [_request(function, temperature, arguments.tokens) for function in (*blocked, *permitted)]
            off, on = (_written(split, generator, asked, steering) for steering in ("off", "on"))
            print(f"temperature {temperature:g}: {len(asked)} generations, each with steering off and on")
            failed |= _tell_blocked(loaded, runs, blocked, off[: len(blocked)], on[: len(blocked)])
            _tell_permitted(off[len(blocked) :], on[len(blocked) :])
        _tell_cost(split, generator, blocked)
    return int(failed)


def _request(function: Function, temperature: float, tokens: int) -> GenerationRequest:
    return GenerationRequest(function.prompt, max_new_tokens=tokens, temperature=temperature, seed=1)


def _written(
    split: SplitReference, generator: CodeGenerator, asked: Sequence[GenerationRequest], steering: str
) -> list[Outcome]:
    """Ask for everything, several at a time as a busy service would."""
    heard = HeardGenerator(generator)
    with split.service(heard, steering=steering) as service, ThreadPoolExecutor(_AT_ONCE) as pool:

        def one(request: GenerationRequest) -> Outcome:
            (choice,) = service.generate(request, language="Python").choices
            (written,) = gather(heard.pieces[request.prompt])
            return Outcome(written.text, written.completion_tokens, written.steered_tokens, choice.check.verdict)

        return list(pool.map(one, asked))


def _tell_blocked(
    loaded: LoadedModel,
    runs: LongestRuns,
    functions: Sequence[Function],
    off: Sequence[Outcome],
    on: Sequence[Outcome],
) -> bool:
    print(f"  {'blocked functions, steering':<36}{'off':>10}{'on':>10}")
    longest = [[runs.longest(outcome.text) for outcome in outcomes] for outcomes in (off, on)]
    verbatim = [sum(run >= _CERTAIN for run in column) for column in longest]
    _row(f"verbatim runs of {_CERTAIN} lexemes or more", verbatim)
    _row("longest run, median", [statistics.median(column) for column in longest])
    _row("longest run, most", [max(column) for column in longest])
    _row("withheld by the final check", [sum(one.verdict is Action.BLOCK for one in column) for column in (off, on)])
    _row("tokens written", [sum(one.tokens for one in column) for column in (off, on)])
    _row("of which altered", [sum(one.steered for one in column) for column in (off, on)])
    _row("perplexity under the model", [_perplexity(loaded, functions, column) for column in (off, on)])
    return verbatim[1] > 0


def _tell_permitted(off: Sequence[Outcome], on: Sequence[Outcome]) -> None:
    same = sum(before.text == after.text for before, after in zip(off, on, strict=True))
    altered = sum(one.steered for one in on)
    kept = sum(one.verdict is not Action.BLOCK for one in on)
    print(f"  permitted functions: {same} of {len(on)} as before, {altered} tokens altered, {kept} not withheld")


def _row(name: str, values: Sequence[float]) -> None:
    shown = "".join(f"{value:>10,.2f}" if isinstance(value, float) else f"{value:>10,}" for value in values)
    print(f"  {name:<36}{shown}")


@torch.inference_mode()
def _perplexity(loaded: LoadedModel, functions: Sequence[Function], outcomes: Sequence[Outcome]) -> float:
    """Perplexity of what was written after its prompt, all tokens together (Jelinek et al. 1977)."""
    total, count = 0.0, 0
    model: Any = loaded.model
    for function, outcome in zip(functions, outcomes, strict=True):
        ids = [loaded.tokenizer(text)["input_ids"] for text in (function.prompt, outcome.text)]
        if not ids[1]:
            continue
        whole = torch.tensor([ids[0] + ids[1]])[:, : model.config.max_position_embeddings]
        logprobs = model(whole).logits[0, :-1].log_softmax(dim=-1)
        written = logprobs.gather(1, whole[0, 1:, None])[len(ids[0]) - 1 :]
        total -= float(written.sum())
        count += len(written)
    return exp(total / max(1, count))


def _tell_cost(split: SplitReference, generator: CodeGenerator, functions: Sequence[Function]) -> None:
    """Time the guide alone, on what the model would write: pieces as they come, one choice."""
    pieces = [[piece.text for piece in generator.stream(_request(function, 0.0, 300))] for function in functions[:60]]
    config = split.config()
    with split.index() as index:
        times: list[float] = []
        for texts in pieces:
            guide = SourceGuide(index, lambda expression: config.policy.verdict_on(expression).action, 1)
            for text in texts:
                begun = time.perf_counter()
                guide.barred(0, text)
                times.append((time.perf_counter() - begun) * 1e6)
    median, mean, high = statistics.median(times), statistics.mean(times), percentile(times, 0.95)
    print(f"the guide takes {median:,.0f} us a step (median), {high:,.0f} us (p95), {mean:,.0f} us (mean)")


if __name__ == "__main__":
    sys.exit(main())
