"""How fast does the shape of StarCoderBase-7B write, against what the memory of the device allows?

Run `python -m benchmarks.gpu_speed` on a machine with a GPU. The weights are random, so what it writes means nothing
and its speed is that of the real model: 42 layers, 4096 wide, 32 heads over one key head, 8192 positions, bfloat16. A
step reads every weight once and the cache of every row; so many steps a second as the memory measured in the same run
can feed are the roofline. `--tiny` runs every line of it with a small shape on whatever device is there.
"""

import argparse
import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from tokenizers import Tokenizer, decoders
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import GPTBigCodeConfig, GPTBigCodeForCausalLM, PreTrainedTokenizerFast

from attrib.bootstrap import build_service, open_index
from attrib.config import load_config
from generator.base import GenerationRequest
from generator.embedded.corpus import read_manifest
from generator.loading import LoadedModel
from generator.local import LocalGenerator, cache_bytes
from generator.step import StepKind
from index.live import LiveSearch

_TOKEN_CHARACTERS = 4
_STEPS: tuple[StepKind, ...] = ("eager", "compiled")


@dataclass(frozen=True, slots=True)
class Shape:
    """What is run: the model's configuration, the prompt and the answer in tokens, and how many rows at once."""

    config: GPTBigCodeConfig
    prompt: int
    long_prompt: int
    tokens: int
    batches: tuple[int, ...]
    copied: int
    dtype: torch.dtype


def starcoderbase_7b() -> Shape:
    """Return the shape of bigcode/starcoderbase-7b, as its config.json has it."""
    return Shape(_config(42, 4096, 32, 8192, 49152), 512, 7000, 256, (1, 8, 64), 4 << 30, torch.bfloat16)


def tiny() -> Shape:
    """Return a shape for a CPU, of the same make."""
    return Shape(_config(2, 64, 4, 512, 1024), 48, 200, 24, (1, 4), 32 << 20, torch.float32)


def _config(layers: int, width: int, heads: int, positions: int, vocabulary: int) -> GPTBigCodeConfig:
    # No end token: every answer has the length that is asked for.
    return GPTBigCodeConfig(
        n_layer=layers,
        n_embd=width,
        n_head=heads,
        n_inner=4 * width,
        n_positions=positions,
        vocab_size=vocabulary,
        multi_query=True,
        bos_token_id=None,
        eos_token_id=None,
    )


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second of all rows together from the first token on, and the milliseconds that one took to come."""

    tokens: float
    first_ms: float


def main() -> int:
    """Print the table; return 2 with a line where there is no GPU and nothing tiny was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a small shape, on the CPU too")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if not arguments.tiny and not torch.cuda.is_available():
        print("gpu_speed: no GPU is here; --tiny runs a small shape on the CPU", file=sys.stderr)
        return 2
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    shape = tiny() if arguments.tiny else starcoderbase_7b()
    loaded = random_model(shape, device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    size = weight_bytes(loaded)
    print(f"{name}, torch {torch.__version__}; random weights, {size / 1e9:.2f} GB read a step, {shape.dtype}")
    bandwidth = max(copy_bandwidth(device, shape), gemv_bandwidth(device, shape))
    print(f"memory: {bandwidth / 1e9:,.0f} GB/s, the better of a copy and of a matrix times a vector")
    print(f"prompt {shape.prompt} tokens, answer {shape.tokens}, greedy, medians of {arguments.rounds}")
    print(f"{'batch':>6} {'':<14}{'tokens/s':>10}{'of roofline':>13}{'first ms':>10}{'memory GB':>11}")
    for batch in shape.batches:
        roofline = roofline_tokens(loaded, shape, batch, bandwidth)
        print(f"{batch:>6} {'roofline':<14}{roofline:>10,.0f}")
        theirs = _median(arguments.rounds, partial(by_transformers, loaded, shape, batch))
        _row("transformers", theirs, roofline)
        for step in _STEPS:
            ours = measured(loaded, shape, batch, step, arguments.rounds)
            _row(step, ours, roofline)
            print(f"{'':>6} {'':<14}{ours.tokens / theirs.tokens:>10.2f} times transformers' generate", flush=True)
    _tell_long_prompt(loaded, shape)
    _tell_check(loaded, shape, arguments.rounds)
    return 0


def _row(name: str, speed: Speed, roofline: float) -> None:
    print(
        f"{'':>6} {name:<14}{speed.tokens:>10,.0f}{speed.tokens / roofline:>13.0%}{speed.first_ms:>10.1f}"
        f"{_memory_gb():>11.2f}",
        flush=True,
    )


def random_model(shape: Shape, device: torch.device) -> LoadedModel:
    """Make the model on its device, and a tokenizer whose tokens are as many words."""
    torch.manual_seed(1)
    before = torch.get_default_dtype()
    torch.set_default_dtype(shape.dtype)
    try:
        with torch.device(device):
            model = GPTBigCodeForCausalLM(shape.config)
    finally:
        torch.set_default_dtype(before)
    words = {f"w{number:05}": number for number in range(shape.config.vocab_size)}
    tokenizer = Tokenizer(WordLevel(words, unk_token="w00000"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.decoder = decoders.Fuse()
    torch.nn.Module.eval(model)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)  # type: ignore[no-untyped-call]
    return LoadedModel("random", model, fast)


def weight_bytes(loaded: LoadedModel) -> int:
    """Return the bytes of weights that a step reads: all but the table of positions, of which it reads a row."""
    model: Any = loaded.model
    positions = model.transformer.wpe.weight
    return sum(one.numel() * one.element_size() for one in model.parameters() if one is not positions)


def roofline_tokens(loaded: LoadedModel, shape: Shape, batch: int, bandwidth: float) -> float:
    """Return the tokens a second at which memory would be read all the time, at the answer's middle."""
    cache = batch * cache_bytes(loaded) * (shape.prompt + shape.tokens // 2)
    return batch * bandwidth / (weight_bytes(loaded) + cache)


def copy_bandwidth(device: torch.device, shape: Shape) -> float:
    """Return bytes a second of a large copy, read and written ones."""
    source = torch.empty(shape.copied, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * shape.copied / _fastest(device, lambda: target.copy_(source))


def gemv_bandwidth(device: torch.device, shape: Shape) -> float:
    """Return bytes a second of a large matrix times a vector, which is what a step at batch 1 is made of."""
    width = shape.config.n_embd
    element = torch.empty((), dtype=shape.dtype).element_size()
    matrix = torch.ones(shape.copied // (width * element), width, dtype=shape.dtype, device=device)
    vector = torch.ones(width, 1, dtype=shape.dtype, device=device)
    return matrix.numel() * element / _fastest(device, lambda: matrix @ vector)


def _fastest(device: torch.device, act: Callable[[], object], rounds: int = 10) -> float:
    times = []
    for _ in range(rounds):
        _synchronise(device)
        begun = time.perf_counter()
        act()
        _synchronise(device)
        times.append(time.perf_counter() - begun)
    return min(times)


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _memory_gb() -> float:
    """Return the most memory that was in use since the last measurement began; on a CPU, of the process so far."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _released() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _median(rounds: int, act: Callable[[], Speed]) -> Speed:
    _released()
    act()
    speeds = [act() for _ in range(rounds)]
    return Speed(statistics.median(one.tokens for one in speeds), statistics.median(one.first_ms for one in speeds))


@torch.inference_mode()
def by_transformers(loaded: LoadedModel, shape: Shape, batch: int) -> Speed:
    """Time transformers' own `generate`, the first token by a request for only one."""
    model: Any = loaded.model
    # Ours may have set it otherwise.
    model.set_attn_implementation("sdpa")
    ids = torch.arange(shape.prompt, device=model.device).repeat(batch, 1)

    def asked(tokens: int) -> float:
        _synchronise(model.device)
        begun = time.perf_counter()
        model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False, pad_token_id=0)
        _synchronise(model.device)
        return time.perf_counter() - begun

    first = asked(1)
    return Speed(batch * (shape.tokens - 1) / max(1e-9, asked(shape.tokens) - first), first * 1000)


def measured(loaded: LoadedModel, shape: Shape, batch: int, step: StepKind, rounds: int) -> Speed:
    """Time our own loop with so many choices of one request, through the queue and the text as a service does."""
    generator = LocalGenerator(loaded, step, slots=batch)
    return _median(rounds, lambda: _written(generator, shape, batch))


def _written(generator: LocalGenerator, shape: Shape, batch: int, feed: Callable[[], object] | None = None) -> Speed:
    prompt = " ".join(f"w{number:05}" for number in range(shape.prompt))
    begun = time.perf_counter()
    first = all_begun = 0.0
    tokens, late, begun_choices = 0, 0, set()
    for piece in generator.stream(GenerationRequest(prompt, max_new_tokens=shape.tokens, n=batch)):
        first = first or time.perf_counter()
        begun_choices.add(piece.choice)
        tokens += piece.tokens
        if not all_begun and len(begun_choices) == batch:
            all_begun, late = time.perf_counter(), tokens
        if feed is not None:
            feed()
    return Speed((tokens - late) / (time.perf_counter() - all_begun), (first - begun) * 1000)


def _tell_long_prompt(loaded: LoadedModel, shape: Shape) -> None:
    _released()
    generator = LocalGenerator(loaded, "eager", slots=1)
    prompt = " ".join(f"w{number % shape.config.vocab_size:05}" for number in range(shape.long_prompt))
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        next(iter(generator.stream(GenerationRequest(prompt, max_new_tokens=1))))
        times.append((time.perf_counter() - begun) * 1000)
    print(f"a prompt of {shape.long_prompt:,} tokens: the first token after {min(times):,.0f} ms")


def _tell_check(loaded: LoadedModel, shape: Shape, rounds: int) -> None:
    """Write with and without the live check in turn; what it is fed is code it knows, a piece a token."""
    _released()
    functions, _ = read_manifest()
    with TemporaryDirectory(prefix="attrib-bench-") as folder:
        source = Path(folder) / "source"
        source.mkdir()
        (source / "known.py").write_text("\n\n\n".join(function.text for function in functions), encoding="utf-8")
        config = load_config({"home": Path(folder) / "home"}, {}, Path(folder))
        with build_service(config) as service:
            service.add([str(source)], purl="pkg:generic/known@1", license="MIT")
        index = open_index(config)
        index.warm_up()
        code = (source / "known.py").read_bytes()
        generator = LocalGenerator(loaded, "auto", slots=1)

        def checked() -> Speed:
            live, pieces = LiveSearch(index, "Python"), _pieces(code)
            return _written(generator, shape, 1, lambda: live.feed(next(pieces)))

        _written(generator, shape, 1)
        checked()
        plain, watched = [], []
        for _ in range(rounds):
            plain.append(_written(generator, shape, 1).tokens)
            watched.append(checked().tokens)
        without, with_it = statistics.median(plain), statistics.median(watched)
        print(
            f"the live check at batch 1, in turn: {without:,.0f} tokens/s without, {with_it:,.0f} with it:"
            f" {without / with_it - 1:+.1%} time (single rounds from {min(plain) / max(watched) - 1:+.1%}"
            f" to {max(plain) / min(watched) - 1:+.1%})"
        )


def _pieces(code: bytes) -> Iterator[bytes]:
    for at in range(0, len(code), _TOKEN_CHARACTERS):
        yield code[at : at + _TOKEN_CHARACTERS]


if __name__ == "__main__":
    sys.exit(main())
