"""A service over the embedded model's own functions, half of them under a licence that is blocked.

What the model writes it writes by heart, so every other function stands in the restricted collection, as if it were
under GPL-3.0-only, and the rest in the permissive one. (All of them are MIT or BSD in truth; see the manifest.)
"""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from attrib.audits.history import DecisionHistory
from attrib.bootstrap import build_service
from attrib.claims import ClaimStore
from attrib.config import Config, load_config
from attrib.database import open_database
from attrib.records import RecordStore
from attrib.service import Service
from generator.base import (
    CodeGenerator,
    Completion,
    GenerationRequest,
    Guide,
    ModelDescription,
    Piece,
    PromptFit,
    gather,
)
from generator.embedded.corpus import Function, read_manifest
from index.collection import Collection
from index.lexer import lex
from index.lsh import PARAMETER_SETS
from index.reference_index import ReferenceIndex

_SHARES = {Collection.PERMISSIVE: "MIT", Collection.RESTRICTED: "GPL-3.0-only"}
_FEWEST_LEXEMES = 8


@dataclass(frozen=True, slots=True)
class SplitReference:
    """An index in a folder, and which functions in it are blocked and which may be used."""

    folder: Path
    blocked: Sequence[Function]
    permitted: Sequence[Function]

    def config(self, **settings: Any) -> Config:
        """Return settings over that index; the model runs on the CPU."""
        return load_config({"home": self.folder / "home", "device": "cpu", **settings}, {}, self.folder)

    @contextmanager
    def index(self) -> Iterator[ReferenceIndex]:
        """Open the index alone."""
        config = self.config()
        engine = open_database(config.database_url)
        yield ReferenceIndex(config.index_folder, engine, PARAMETER_SETS[config.index_parameters], config.collections)
        engine.dispose()

    @contextmanager
    def service(self, generator: CodeGenerator, **settings: Any) -> Iterator[Service]:
        """Open a service over that index with a model that is loaded already."""
        config = self.config(**settings)
        engine = open_database(config.database_url)
        records = RecordStore(engine, config.retention)
        claims = ClaimStore(engine)
        with (
            self.index() as index,
            Service(
                config,
                index,
                records,
                config.policy,
                lambda: generator,
                engine.dispose,
                claims,
                history=DecisionHistory(engine),
            ) as service,
        ):
            service.warm_up()
            yield service


@contextmanager
def split_reference() -> Iterator[SplitReference]:
    """Index the functions of the embedded model's manifest in a folder that goes again."""
    functions, _ = read_manifest()
    with TemporaryDirectory(prefix="attrib-bench-") as name:
        split = SplitReference(Path(name), functions[0::2], functions[1::2])
        with build_service(split.config()) as service:
            for collection, share in ((Collection.RESTRICTED, split.blocked), (Collection.PERMISSIVE, split.permitted)):
                source = split.folder / collection.value
                source.mkdir()
                for number, function in enumerate(share):
                    (source / f"{number:03}_{function.name}.py").write_text(function.text + "\n", encoding="utf-8")
                purl = f"pkg:generic/{collection.value}@1"
                service.add([str(source)], purl=purl, license=_SHARES[collection], collection=collection)
        yield split


class HeardGenerator:
    """A generator as it is, whose words are kept by prompt: a service does not show what it withholds.

    `last` and `last_used` are when the last piece of all came, in seconds of the clock and of the thread's CPU.
    """

    def __init__(self, generator: CodeGenerator) -> None:
        self._generator = generator
        self.pieces: dict[str, list[Piece]] = {}
        self.last = self.last_used = 0.0

    def describe(self) -> ModelDescription:
        """Return what the model is."""
        return self._generator.describe()

    def fit(self, request: GenerationRequest) -> PromptFit:
        """Return how many positions a prompt takes."""
        return self._generator.fit(request)

    def stream(
        self, request: GenerationRequest, cancel: Event | None = None, guide: Guide | None = None
    ) -> Generator[Piece, None, None]:
        """Hand the pieces on, and keep them."""
        heard = self.pieces[request.prompt] = []
        for piece in self._generator.stream(request, cancel, guide):
            heard.append(piece)
            self.last, self.last_used = time.perf_counter(), time.thread_time()
            yield piece

    def complete(self, request: GenerationRequest, cancel: Event | None = None) -> tuple[Completion, ...]:
        """Return all choices once they are finished."""
        return gather(self.stream(request, cancel))

    def text(self, prompt: str) -> str:
        """Return what was written so far of the only choice after a prompt."""
        return "".join(piece.text for piece in self.pieces[prompt])


class LongestRuns:
    """Finds the longest run of equal lexemes between a text and any of some sources, by looking at all there are.

    It shares nothing with the index but what a lexeme is.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._sources = [lex(source.encode()).hashes.tolist() for source in sources]
        self._places: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for number, source in enumerate(self._sources):
            for at in range(len(source) - _FEWEST_LEXEMES + 1):
                self._places.setdefault(tuple(source[at : at + _FEWEST_LEXEMES]), []).append((number, at))

    def longest(self, text: str) -> int:
        """Return the length of the longest run in lexemes; 0 for one of less than eight."""
        own = lex(text.encode(errors="surrogatepass")).hashes.tolist()
        best = 0
        for begin in range(len(own) - _FEWEST_LEXEMES + 1):
            for number, at in self._places.get(tuple(own[begin : begin + _FEWEST_LEXEMES]), ()):
                source, size = self._sources[number], _FEWEST_LEXEMES
                while begin + size < len(own) and at + size < len(source) and own[begin + size] == source[at + size]:
                    size += 1
                best = max(best, size)
        return best


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which so large a share of the values lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
