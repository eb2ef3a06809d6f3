"""Does anything of a blocked copy leave while a text is streamed, and how long does a reader wait?

Run `python -m benchmarks.streaming`. Blocked functions (`benchmarks.generate_reference`), as they are, edited and
renamed, stand after and before code of Python's own library; such texts are streamed through the service in pieces of
random sizes as if a model wrote them, and so is what the embedded model itself writes. A lexeme has leaked when it has
left and lies in a match that the final check blocks.
"""

import argparse
import random
import statistics
import sys
import sysconfig
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from attrib.answers import Action
from attrib.generation import ChoiceEvent, TextEvent
from attrib.hold_back import HOLD_BACK, HOLD_BACK_BLOCKED
from attrib.service import Service
from benchmarks.generate_reference import HeardGenerator, percentile, split_reference
from benchmarks.treatments import (
    Code,
    Surroundings,
    Treatment,
    comments_stripped,
    in_turn,
    lexemes_edited,
    literals_changed,
    renamed,
    statements_inserted,
    statements_removed,
    statements_reordered,
    untouched,
)
from generator.base import Completion, GenerationRequest, Guide, ModelDescription, Piece, PromptFit, gather
from generator.embedded.corpus import Function
from generator.local import open_local
from index.lexer import lex

_PYTHON = "Python"
_LARGEST_PIECE = 60
_TREATMENTS: dict[str, Treatment] = {
    "verbatim": untouched,
    "5% of lexemes edited": lexemes_edited(0.05),
    "10% of lexemes edited": lexemes_edited(0.10),
    "20% of lexemes edited": lexemes_edited(0.20),
    "statements inserted, removed, reordered": in_turn(statements_inserted, statements_removed, statements_reordered),
    "stripped, literals changed": in_turn(comments_stripped, literals_changed),
    "every name another": renamed(1.0, literals=False),
    "names and literals": renamed(1.0, literals=True),
}


class RecordedGenerator:
    """Gives a text that is known beforehand, in pieces of random sizes, in place of a model."""

    def __init__(self) -> None:
        self.text = ""
        self.seed = 0

    def describe(self) -> ModelDescription:
        """Return that it is no model."""
        return ModelDescription("recorded", "none", None, None, "cpu", "none", False)

    def fit(self, request: GenerationRequest) -> PromptFit:
        """Return that nothing is cut."""
        return PromptFit(0)

    def stream(
        self, request: GenerationRequest, cancel: Event | None = None, guide: Guide | None = None
    ) -> Generator[Piece, None, None]:
        """Give the text; a piece has 1 to 60 characters, one in ten up to 600."""
        drawn = random.Random(self.seed)
        at = 0
        while at < len(self.text):
            size = drawn.randint(1, _LARGEST_PIECE * (10 if drawn.random() < 0.1 else 1))
            yield Piece(0, self.text[at : at + size], tokens=1)
            at += size
        yield Piece(0, "", "stop")

    def complete(self, request: GenerationRequest, cancel: Event | None = None) -> tuple[Completion, ...]:
        """Give it at once."""
        return gather(self.stream(request, cancel))


@dataclass(slots=True)
class Streamed:
    """What was measured of one generation; lexemes, milliseconds.

    `delay` is how much was written when the first text left, None where none left before the end; `held` how much had
    not left at each moment that something did.
    """

    leaked: int
    blocked: bool
    lexemes: int
    delay: int | None
    delay_ms: float | None
    held: list[int] = field(default_factory=list)


def main() -> int:
    """Print what left and how late, and return 1 where a lexeme leaked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recorded", type=int, default=800, help="how many recorded texts")
    parser.add_argument("--written", type=int, default=60, help="how many texts of the model, for each way of steering")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    drawn = random.Random(arguments.seed)
    print(f"hold-back: {HOLD_BACK_BLOCKED} lexemes where something in the index is blocked, {HOLD_BACK} elsewhere")
    leaked = 0
    with split_reference() as split:
        recorded = RecordedGenerator()
        heard = HeardGenerator(recorded)
        library = _library()
        with split.service(heard, steering="off") as service:
            for name, treat in _TREATMENTS.items():
                many = []
                for _ in range(arguments.recorded // len(_TREATMENTS)):
                    recorded.text = _text(drawn.choice(split.blocked), treat, library, drawn)
                    recorded.seed = drawn.getrandbits(32)
                    many.append(_streamed(service, heard, GenerationRequest("")))
                leaked += _tell(name, many)
        model = HeardGenerator(open_local(device="cpu"))
        for steering in ("off", "on"):
            with split.service(model, steering=steering) as service:
                asked = [
                    GenerationRequest(function.prompt, max_new_tokens=600, temperature=temperature, seed=1)
                    for function in drawn.sample([*split.blocked, *split.permitted], arguments.written // 2)
                    for temperature in (0.0, 0.8)
                ]
                leaked += _tell(
                    f"the embedded model, steering {steering}", [_streamed(service, model, one) for one in asked]
                )
    return int(leaked > 0)


def _library() -> list[Path]:
    return [path for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")) if path.stat().st_size > 8_000]


def _text(function: Function, treat: Treatment, library: Sequence[Path], drawn: random.Random) -> str:
    """Put a treated function between pieces of other people's code; before it nothing, or up to 120 lines."""
    around = _lines(library, drawn, 60)
    statements = Surroundings([line.strip() for line in around if line.strip()] or ["pass"])
    treated = treat(Code(function.text + "\n", _PYTHON), statements, drawn) or function.text + "\n"
    before = _lines(library, drawn, drawn.choice((0, drawn.randint(1, 12), drawn.randint(20, 120))))
    after = _lines(library, drawn, drawn.choice((0, drawn.randint(1, 80))))
    return "".join(before) + treated + "".join(after)


def _lines(library: Sequence[Path], drawn: random.Random, count: int) -> list[str]:
    lines = drawn.choice(library).read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    first = drawn.randrange(max(1, len(lines) - count))
    return lines[first : first + count]


def _streamed(service: Service, heard: HeardGenerator, request: GenerationRequest) -> Streamed:
    begun = time.perf_counter()
    left = ""
    delay, delay_ms = None, None
    held: list[int] = []
    for event in service.stream(request, language=_PYTHON):
        if isinstance(event, TextEvent):
            written = heard.text(request.prompt)
            over = heard.pieces[request.prompt][-1].finish_reason is not None
            if not over:
                if delay is None:
                    delay, delay_ms = _lexemes(written), (time.perf_counter() - begun) * 1000
                held.append(_lexemes(written) - _lexemes(left + event.text))
            left += event.text
        elif isinstance(event, ChoiceEvent):
            choice = event.answer
    whole = heard.text(request.prompt).encode(errors="surrogatepass")
    gone = len(left.encode(errors="surrogatepass"))
    assert whole.startswith(left.encode(errors="surrogatepass")), "what left is the beginning of what was written"
    starts = lex(whole).starts.tolist()
    spans = [match.output for match in choice.check.matches if match.verdict.action is Action.BLOCK]
    leaked = sum(start < gone and any(one.start_byte <= start < one.end_byte for one in spans) for start in starts)
    return Streamed(leaked, choice.code is None, len(starts), delay, delay_ms, held)


def _lexemes(text: str) -> int:
    return len(lex(text.encode(errors="surrogatepass")))


def _tell(name: str, many: Sequence[Streamed]) -> int:
    leaked = [one.leaked for one in many if one.leaked]
    delays = [one.delay for one in many if one.delay is not None]
    waits = [one.delay_ms for one in many if one.delay_ms is not None]
    held = [count for one in many for count in one.held]
    print(f"{name}: {len(many)} generations, {sum(one.blocked for one in many)} withheld")
    print(f"  blocked lexemes that had left: {sum(leaked)}" + (f" (in {len(leaked)}: {leaked})" if leaked else ""))
    if delays:
        print(
            f"  text left early in {len(delays)}: the first after {statistics.median(delays):.0f} lexemes"
            f" (p95 {percentile(delays, 0.95):.0f}), {statistics.median(waits):.0f} ms"
            f" (p95 {percentile(waits, 0.95):.0f}); then held {statistics.median(held):.0f}"
            f" (p95 {percentile(held, 0.95):.0f}, most {max(held)})",
            flush=True,
        )
    return sum(leaked)


if __name__ == "__main__":
    sys.exit(main())
