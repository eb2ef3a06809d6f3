"""What does the check cost while the model writes, and how long after the last token does the answer leave?

Run `make bench-generate`, over the index in ATTRIB_HOME. The embedded model writes on the CPU with and without the
live check, the same prompts and seeds, in turn (A B B A), in one process; a ratio is that of sums over whole rounds,
so that what else the machine does falls on both alike. CPU time is that of the process. Then the service generates
whole answers, and what it does after the model's last piece is timed, in parts.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from attrib.audits.history import DecisionHistory
from attrib.bootstrap import open_index
from attrib.claims import ClaimStore
from attrib.config import Config, load_config
from attrib.database import open_database
from attrib.records import RecordStore
from attrib.service import Service
from benchmarks.generate_reference import HeardGenerator, percentile
from benchmarks.generate_speed import tell_speed
from generator.base import CodeGenerator, GenerationRequest
from generator.embedded.corpus import read_manifest
from generator.loading import load_model
from generator.local import LocalGenerator
from index.live import LiveSearch
from index.reference_index import ReferenceIndex


def main() -> int:
    """Print the share of the live check, the answer's delay, and the speed beside transformers' own loop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="of with, without, without, with")
    parser.add_argument("--functions", type=int, default=12, help="prompts of a round: beginnings the model knows")
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--answers", type=int, default=100)
    arguments = parser.parse_args()
    config = load_config({"device": "cpu"}, os.environ, Path.cwd())
    loaded = load_model(device="cpu")
    generator = LocalGenerator(loaded)
    functions, _ = read_manifest()
    # Half are recited, half are drawn so freely that they become something else.
    requests = [
        GenerationRequest(function.prompt, max_new_tokens=arguments.tokens, temperature=number % 2 * 1.2, seed=number)
        for number, function in enumerate(functions[:: max(1, len(functions) // arguments.functions)])
    ]
    _overhead(open_index(config), generator, requests[: arguments.functions], arguments.rounds)
    _delay(config, generator, requests, arguments.answers)
    tell_speed(loaded, generator, [function.prompt for function in functions[:8]], arguments.tokens, arguments.rounds)
    return 0


def _overhead(
    index: ReferenceIndex, generator: CodeGenerator, requests: Sequence[GenerationRequest], rounds: int
) -> None:
    def plain() -> int:
        return sum(piece.tokens for request in requests for piece in generator.stream(request))

    def checked() -> int:
        tokens = 0
        for request in requests:
            live = LiveSearch(index, "Python")
            for piece in generator.stream(request):
                live.feed(piece.text.encode())
                tokens += piece.tokens
        return tokens

    tokens = plain()
    assert checked() == tokens, "the check changes nothing of what is written"
    wall: dict[Callable[[], int], list[float]] = {plain: [], checked: []}
    cpu: dict[Callable[[], int], list[float]] = {plain: [], checked: []}
    for _ in range(rounds):
        for act in (checked, plain, plain, checked):
            begun, used = time.perf_counter(), time.process_time()
            act()
            wall[act].append(time.perf_counter() - begun)
            cpu[act].append(time.process_time() - used)
    print(f"the live check, {tokens} tokens in {len(requests)} texts, {rounds} rounds of A B B A")
    for name, times in (("wall", wall), ("CPU", cpu)):
        without, with_it = (statistics.median(times[act]) / tokens * 1000 for act in (plain, checked))
        ratios = _ratios(times[checked], times[plain])
        print(
            f"  {name:<5} without {without:.3f} ms a token, with {with_it:.3f}:"
            f" {sum(times[checked]) / sum(times[plain]) - 1:+.1%}"
            f" of the sums, {statistics.median(ratios) - 1:+.1%} the median round"
            f" (quartiles {percentile(ratios, 0.25) - 1:+.1%}, {percentile(ratios, 0.75) - 1:+.1%})",
            flush=True,
        )


def _ratios(some: Sequence[float], others: Sequence[float]) -> list[float]:
    """Ratios of whole rounds, of two measurements each."""
    pairs = range(0, len(some), 2)
    return [sum(some[at : at + 2]) / sum(others[at : at + 2]) for at in pairs]


def _delay(config: Config, generator: CodeGenerator, requests: Sequence[GenerationRequest], answers: int) -> None:
    heard = HeardGenerator(generator)
    engine = open_database(config.database_url)
    records = RecordStore(engine, config.retention)
    claims = ClaimStore(engine)
    with Service(
        config,
        open_index(config),
        records,
        config.policy,
        lambda: heard,
        engine.dispose,
        claims,
        history=DecisionHistory(engine),
    ) as service:
        service.warm_up()
        for request in requests[:2]:
            service.generate(request, language="Python")
        delays, used = [], []
        for number in range(answers):
            service.generate(requests[number % len(requests)], language="Python")
            delays.append((time.perf_counter() - heard.last) * 1000)
            used.append((time.thread_time() - heard.last_used) * 1000)
    print(
        f"the answer leaves {statistics.median(delays):.1f} ms (median), {percentile(delays, 0.95):.1f} ms (p95) after"
        f" the last piece, its record stored; {statistics.median(used):.1f} ms of CPU; {answers} answers",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
