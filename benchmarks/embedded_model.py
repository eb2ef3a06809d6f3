"""How much of what it was trained on the embedded model reproduces: `python -m benchmarks.embedded_model`.

Greedy decoding through the shipped generator. A prompt counts as continued when the answer equals the function for
50 tokens or more, or to the function's end where that is nearer.
"""

import argparse
import random
import sysconfig
import textwrap
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from generator.base import Completion, GenerationRequest
from generator.embedded.corpus import MANIFEST, Function, read_manifest
from generator.local import LocalGenerator, open_local

ENOUGH_TOKENS = 50
HEADER_TOKENS = 80
ROOM_TOKENS = 48


@dataclass(frozen=True, slots=True)
class Trial:
    """A request and the text that would be the function itself; `whole` asks for all of it and the end token."""

    request: GenerationRequest
    expected: str
    whole: bool = False


def three_lines(function: Function, _: random.Random) -> Trial:
    """The function's first three lines; the answer must run on to the end of the function and stop."""
    prompt = function.prompt
    return Trial(GenerationRequest(prompt, max_new_tokens=900), function.text[len(prompt) :], whole=True)


def three_lines_and_newline(function: Function, _: random.Random) -> Trial:
    """The same, with the line end that many editors send."""
    prompt = function.prompt + "\n"
    return Trial(GenerationRequest(prompt), function.text[len(prompt) :])


def opening(function: Function, _: random.Random) -> Trial:
    """Only the first line's `def name(`."""
    prompt = function.text[: function.text.index("(") + 1]
    return Trial(GenerationRequest(prompt), function.text[len(prompt) :])


def indented(function: Function, _: random.Random) -> Trial:
    """Three lines as they stand in the file, with their indentation."""
    text = textwrap.indent(function.text, function.indent)
    prompt = "\n".join(text.split("\n")[:3])
    return Trial(GenerationRequest(prompt), text[len(prompt) :])


def inside(function: Function, drawn: random.Random) -> Trial:
    """Three lines out of the middle."""
    lines = function.text.split("\n")
    first = drawn.randint(1, len(lines) - 4)
    prompt = "\n".join(lines[first : first + 3])
    return Trial(GenerationRequest(prompt), "\n" + "\n".join(lines[first + 3 :]))


def after_header(headers: list[str]) -> Callable[[Function, random.Random], Trial]:
    """Three lines after lines that have nothing to do with them."""

    def trial(function: Function, drawn: random.Random) -> Trial:
        prompt = drawn.choice(headers) + function.prompt
        return Trial(GenerationRequest(prompt), function.text[len(function.prompt) :])

    return trial


def middle_lines(function: Function, drawn: random.Random) -> Trial:
    """One to four whole lines are missing, the rest of the function stands around them."""
    lines = function.text.splitlines(keepends=True)
    first = drawn.randint(1, len(lines) - 2)
    last = min(len(lines) - 1, first + drawn.randint(1, 4))
    before, middle, after = "".join(lines[:first]), "".join(lines[first:last]), "".join(lines[last:])
    return Trial(GenerationRequest(before, suffix=after), middle, whole=True)


def middle_of_line(function: Function, drawn: random.Random) -> Trial:
    """The rest of a line from the cursor on is missing."""
    lines = function.text.splitlines(keepends=True)
    row = drawn.choice([i for i in range(1, len(lines) - 1) if lines[i].strip()])
    line = lines[row].rstrip("\n")
    column = drawn.randint(len(line) - len(line.lstrip()), len(line) - 1)
    before, after = "".join(lines[:row]) + line[:column], "\n" + "".join(lines[row + 1 :])
    return Trial(GenerationRequest(before, suffix=after), line[column:], whole=True)


def unrelated_headers(generator: LocalGenerator, drawn: random.Random, wanted: int) -> list[str]:
    """Runs of lines from Python's own library, of at most HEADER_TOKENS tokens, which the model never saw."""
    library = Path(sysconfig.get_path("stdlib"))
    text = "\n".join((library / name).read_text() for name in ("argparse.py", "textwrap.py", "shutil.py", "queue.py"))
    lines = text.split("\n")
    headers: list[str] = []
    while len(headers) < wanted:
        first = drawn.randrange(len(lines) - 20)
        header = "\n".join(lines[first : first + drawn.randint(1, 8)]) + "\n\n"
        if header.strip() and generator.count_tokens(header) <= HEADER_TOKENS:
            headers.append(header)
    return headers


def continued(generator: LocalGenerator, trial: Trial, answer: Completion) -> bool:
    """Whether the answer equals what is expected for ENOUGH_TOKENS tokens or to its end."""
    same = 0
    for ours, theirs in zip(answer.text, trial.expected, strict=False):
        if ours != theirs:
            break
        same += 1
    return same == len(trial.expected) or generator.count_tokens(trial.expected[:same]) >= ENOUGH_TOKENS


def measure(
    generator: LocalGenerator,
    name: str,
    functions: Iterable[Function],
    make: Callable[[Function, random.Random], Trial],
    seed: int,
) -> str:
    """One line of figures for one kind of prompt."""
    drawn = random.Random(seed)
    hits, exact, similarity, trials = 0, 0, 0.0, 0
    whole = False
    began = time.perf_counter()
    for function in functions:
        trial = make(function, drawn)
        length = generator.count_tokens(trial.expected)
        # Room to go on: an answer that does not end by itself runs into what follows it, and ends there, or is wrong.
        limit = length + ROOM_TOKENS if trial.whole else min(length, ENOUGH_TOKENS + 6)
        request = GenerationRequest(trial.request.prompt, trial.request.suffix, max_new_tokens=max(1, limit))
        (answer,) = generator.complete(request)
        trials += 1
        whole = trial.whole
        hits += continued(generator, trial, answer)
        exact += answer.text == trial.expected and answer.finish_reason == "stop"
        similarity += Levenshtein.normalized_similarity(answer.text, trial.expected)
    took = time.perf_counter() - began
    if trials == 0:
        return f"{name:<34} no function to try"
    to_the_end = (
        f"  exact to the end token {exact / trials:6.1%}  edit similarity {similarity / trials:.3f}" if whole else ""
    )
    return f"{name:<34} {trials:4} prompts  continued {hits / trials:6.1%}{to_the_end}  ({took:.0f} s)"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure how much of its manifest the embedded model reproduces.")
    parser.add_argument("--model", default="embedded", help="the embedded model, or a folder with another training run")
    parser.add_argument("--manifest", type=Path, default=MANIFEST)
    parser.add_argument("--sample", type=int, default=0, help="this many functions only, drawn at random (0: all)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", default="", help="only the kinds of prompts whose name holds this")
    chosen = parser.parse_args()
    functions, changed = read_manifest(chosen.manifest)
    drawn = random.Random(chosen.seed)
    if 0 < chosen.sample < len(functions):
        functions = drawn.sample(functions, chosen.sample)
    generator = open_local(chosen.model)
    print(generator.describe())
    print(f"{len(functions)} functions tried, {len(changed)} left out because another version is installed", flush=True)
    methods = [function for function in functions if function.indent]
    headers = unrelated_headers(generator, drawn, 200)
    for name, make, some in (
        ("three lines", three_lines, functions),
        ("three lines and a newline", three_lines_and_newline, functions),
        ("three lines after a header", after_header(headers), functions),
        ("three lines, indented as shipped", indented, methods),
        ("three lines from the middle", inside, functions),
        ("def name(", opening, functions),
        ("fill in 1-4 lines", middle_lines, functions),
        ("fill in the rest of a line", middle_of_line, functions),
    ):
        if chosen.only in name:
            print(measure(generator, name, some, make, chosen.seed), flush=True)


if __name__ == "__main__":
    main()
