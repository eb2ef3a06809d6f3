"""How much of what a model wrote stands in the reference, and from where: told from the results of a batch."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from attrib.answers import Action, strictest
from attrib.batch_lines import whole_lines
from attrib.errors import UnreadableInput
from index.matches import MatchKind, SearchStatus

MOST_RUNS = 20
# Upper ends of the shares of a prompt's lexemes that are reproduced, for the distribution by prompt.
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
# Closest first: a generation with several matches counts under the first that it has.
COMMON = "common"
KINDS = (MatchKind.EXACT, MatchKind.NEAR, MatchKind.RENAMED)


@dataclass(frozen=True, slots=True)
class Example:
    """Where in the results something is seen: the prompt's line and id, the choice from 0, the stored record."""

    line: int
    id: str | int | None
    choice: int
    record: str

    def as_json(self) -> dict[str, Any]:
        """Return the report's `example` object."""
        return {"line": self.line, "id": self.id, "choice": self.choice, "record": self.record}


@dataclass(frozen=True, slots=True)
class Run:
    """An exact match: so many lexemes in a row are those of this place in the reference."""

    lexemes: int
    purl: str
    path: str
    start_line: int
    end_line: int
    license: str
    example: Example

    def overlaps(self, other: "Run") -> bool:
        """Whether both are of the same piece of the reference, in part at least."""
        same = (self.purl, self.path) == (other.purl, other.path)
        return same and self.start_line <= other.end_line and other.start_line <= self.end_line

    def as_json(self) -> dict[str, Any]:
        """Return the report's `longest_runs` element."""
        return {
            "lexemes": self.lexemes,
            "purl": self.purl,
            "path": self.path,
            "start_line": self.start_line,
            "end_line": self.end_line,
            "license": self.license,
            "example": self.example.as_json(),
        }


@dataclass(slots=True)
class SourceTally:
    """What is reproduced from one source under one licence; the example is the generation with the most lexemes."""

    category: str
    verdict: Action = Action.ALLOW
    generations: int = 0
    matches: int = 0
    lexemes: int = 0
    longest_run: int = 0
    example: Example | None = None
    _most: int = -1

    def add(self, generation: "_Generation", matches: list[tuple[Mapping[str, Any], int]]) -> None:
        """Count what one generation reproduces of it."""
        lexemes = sum(share for _, share in matches)
        self.verdict = strictest([self.verdict, *(Action(match["verdict"]) for match, _ in matches)])
        self.generations += 1
        self.matches += len(matches)
        self.lexemes += lexemes
        exact = [match["lexemes"] for match, _ in matches if match["kind"] == MatchKind.EXACT]
        self.longest_run = max(self.longest_run, *exact, 0)
        if lexemes > self._most:
            self._most, self.example = lexemes, generation.example


@dataclass(frozen=True, slots=True)
class _Generation:
    """A choice of an answer, and where it stands."""

    choice: Mapping[str, Any]
    example: Example

    @property
    def matches(self) -> list[Mapping[str, Any]]:
        """Its matches that count, those that are common apart."""
        return [match for match in self.choice["check"]["matches"] if not match["common"]]

    def shares(self) -> list[tuple[Mapping[str, Any], int]]:
        """Return its matches with the lexemes that each stands for.

        Matches may overlap; the longest first, they share what is reproduced in all, so that nothing counts twice.
        """
        left, shared = self.choice["check"]["matched_lexemes"], []
        for match in sorted(self.matches, key=lambda match: -match["lexemes"]):
            share = min(left, match["lexemes"])
            left -= share
            shared.append((match, share))
        return shared


@dataclass(slots=True)
class Memorisation:
    """Counts results line by line, in memory that does not grow with their number but with that of the sources."""

    run: Mapping[str, Any] | None = None
    model: Mapping[str, Any] | None = None
    index: Mapping[str, Any] | None = None
    revisions: set[str] = field(default_factory=set)
    settings: dict[str, Any] = field(default_factory=dict)
    varying: set[str] = field(default_factory=set)
    prompts: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[Action] = field(default_factory=Counter)
    tokens: int = 0
    lexemes: int = 0
    reproduced: int = 0
    withheld: int = 0
    steered_generations: int = 0
    steered_tokens: int = 0
    tried_again: int = 0
    prompts_with: Counter[str] = field(default_factory=Counter)
    shares: Counter[float] = field(default_factory=Counter)
    sources: dict[tuple[str, str], SourceTally] = field(default_factory=dict)
    by_license: dict[tuple[str, Action], Counter[str]] = field(default_factory=dict)
    longest_runs: list[Run] = field(default_factory=list)

    @property
    def generations(self) -> int:
        """How many texts were written."""
        return sum(self.outcomes.values())

    @property
    def failed(self) -> int:
        """How many prompts have no answer."""
        return sum(self.errors.values())

    @property
    def matched(self) -> int:
        """How many texts have a match that counts."""
        return sum(self.outcomes[kind.value] for kind in KINDS)

    def add(self, line: Mapping[str, Any]) -> None:
        """Count one line; raises KeyError, TypeError or ValueError where it is not as a batch writes it."""
        if self.run is None:
            self.run = line["run"]
        elif self.run != line["run"]:
            raise ValueError("it belongs to another run")
        for name, value in line["settings"].items():
            if self.settings.setdefault(name, value) != value:
                self.varying.add(name)
        if "answer" not in line:
            self.fail(line["error"]["type"])
            return
        self.prompts += 1
        answer = line["answer"]
        self.model = self.model or answer["model"]
        self.index = self.index or answer["choices"][0]["check"]["index"]
        self.tokens += answer["usage"]["completion_tokens"]
        places = (Example(line["line"], line["id"], number, answer["id"]) for number in range(len(answer["choices"])))
        told = [_Generation(*pair) for pair in zip(answer["choices"], places, strict=True)]
        reproduced = sum(self._count(generation) for generation in told)
        written = sum(generation.choice["check"]["lexemes"] for generation in told)
        share = reproduced / written if written else 0.0
        self.shares[next(upper for upper in SHARES if share <= upper)] += 1
        found = sum(bool(generation.matches) for generation in told)
        self.prompts_with["all" if found == len(told) else "some" if found else "none"] += 1

    def fail(self, why: str) -> None:
        """Count a prompt without an answer."""
        self.prompts += 1
        self.errors[why] += 1

    def _count(self, generation: _Generation) -> int:
        """Count one generation and return how many of its lexemes are reproduced."""
        choice = generation.choice
        check = choice["check"]
        self.revisions.add(check["index"]["revision"])
        self.outcomes[_outcome(check, generation.matches)] += 1
        self.verdicts[Action(check["verdict"])] += 1
        self.lexemes += check["lexemes"]
        self.withheld += choice["code"] is None
        self.steered_generations += choice["steered_tokens"] > 0
        self.steered_tokens += choice["steered_tokens"]
        self.tried_again += choice["attempts"] > 1
        shares = generation.shares()
        self._count_sources(generation, shares)
        for match, _ in shares:
            if match["kind"] == MatchKind.EXACT:
                self._keep_run(match, generation.example)
        reproduced = sum(share for _, share in shares)
        self.reproduced += reproduced
        return reproduced

    def _count_sources(self, generation: _Generation, shares: list[tuple[Mapping[str, Any], int]]) -> None:
        """Count each match for its best origin."""
        of_source: dict[tuple[str, str], list[tuple[Mapping[str, Any], int]]] = {}
        of_license: dict[tuple[str, Action], int] = {}
        for match, share in shares:
            origin = match["origins"][0]
            of_source.setdefault((origin["purl"], origin["license"]), []).append((match, share))
            licensed = (origin["license"], Action(match["verdict"]))
            of_license[licensed] = of_license.get(licensed, 0) + share
        for key, matches in of_source.items():
            category = matches[0][0]["origins"][0]["category"]
            self.sources.setdefault(key, SourceTally(category)).add(generation, matches)
        for licensed, lexemes in of_license.items():
            self.by_license.setdefault(licensed, Counter()).update(generations=1, lexemes=lexemes)

    def _keep_run(self, match: Mapping[str, Any], example: Example) -> None:
        """Keep the longest runs, one for each place they come from, the first where they are equally long."""
        origin = match["origins"][0]
        run = Run(
            lexemes=match["lexemes"],
            purl=origin["purl"],
            path=origin["path"],
            start_line=origin["start_line"],
            end_line=origin["end_line"],
            license=origin["license"],
            example=example,
        )
        here = [one for one in self.longest_runs if one.overlaps(run)]
        if all(one.lexemes < run.lexemes for one in here):
            kept = [one for one in self.longest_runs if one not in here]
            self.longest_runs = sorted([*kept, run], key=lambda one: -one.lexemes)[:MOST_RUNS]


def _outcome(check: Mapping[str, Any], matches: list[Mapping[str, Any]]) -> str:
    """Return the closest kind of the matches that count, or "common" for others, or what the check says instead."""
    kinds = {match["kind"] for match in matches}
    closest = next((kind.value for kind in KINDS if kind in kinds), None)
    if closest is None:
        return COMMON if check["matches"] else SearchStatus(check["status"]).value
    return closest


def memorisation_of(content: IO[bytes], name: str) -> Memorisation:
    """Read the results of a batch; raises UnreadableInput where they are none, or no whole line is there."""
    told = Memorisation()
    for line in whole_lines(content, name):
        try:
            told.add(line.told)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            why = str(error) if type(error) is ValueError else f"{error} is missing or wrong"
            raise UnreadableInput(f"{name}, line {line.number} cannot be counted: {why}") from error
    if not told.prompts:
        raise UnreadableInput(f"{name} has no results yet: run the batch first")
    return told
