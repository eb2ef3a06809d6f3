"""One generation: written, checked while it is written, steered where the policy blocks, told as it may leave."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from attrib.answers import Action, AttributedMatch, CheckAnswer, GeneratedChoice
from attrib.attribution import tagged_code
from attrib.code_blocks import code_of
from attrib.hold_back import HoldBack, Released
from attrib.steering import SourceGuide, Steering
from generator.base import CodeGenerator, Completion, GenerationRequest, Piece, PromptFit, gather
from index.languages import language_named
from index.live import LiveSearch
from index.matches import SearchResult
from index.reference_index import ReferenceIndex

# With another seed each.
MOST_ATTEMPTS = 3
_SEED_STEP = 1_000_003
_SEEDS = 1 << 63


@dataclass(frozen=True, slots=True)
class TextEvent:
    """Text of a choice that leaves now."""

    choice: int
    text: str


@dataclass(frozen=True, slots=True)
class MatchEvent:
    """A match of a choice whose text leaves next, or has begun to; its lines are those of the choice."""

    choice: int
    match: AttributedMatch


@dataclass(frozen=True, slots=True)
class ChoiceEvent:
    """A choice that is finished and checked whole."""

    choice: int
    answer: GeneratedChoice


GenerationEvent = TextEvent | MatchEvent | ChoiceEvent


@dataclass(frozen=True, slots=True)
class GenerationTools:
    """What a generation works with: the model, the index, and how a search's result becomes an answer.

    `answer` is given a result, the language and when its making began; `attributed` the matches of a part of a text.
    """

    generator: CodeGenerator
    index: ReferenceIndex
    action_of: Callable[[str], Action]
    answer: Callable[[SearchResult, str | None, float], CheckAnswer]
    attributed: Callable[[SearchResult], tuple[AttributedMatch, ...]]


@dataclass(slots=True)
class _Text:
    """A choice as far as it is written, with the search that goes along and what is held back of it."""

    search: LiveSearch
    held: HoldBack | None
    pieces: list[Piece] = field(default_factory=list)

    @property
    def completion(self) -> Completion:
        """What it has become."""
        (completion,) = gather(self.pieces)
        return completion


class Generation:
    """One request on its way; `events` may be read once.

    `hold_back` is how many lexemes are held back of a text that leaves while it is written, None where nothing leaves
    before the end. `steering` needs something that is blocked in the index to make a difference.
    """

    def __init__(
        self,
        tools: GenerationTools,
        request: GenerationRequest,
        language: str | None,
        exclude: tuple[str, ...],
        steering: Steering,
        hold_back: int | None = None,
    ) -> None:
        self._tools = tools
        self._request = request
        self._language = language
        self._exclude = exclude
        self._steering = steering
        self._hold_back = hold_back
        # How the prompt fits into the model's positions: asked now, when nobody waits for it.
        self.fit: PromptFit = tools.generator.fit(request)
        self._writing: list[_Text] = []
        self.completions: tuple[Completion, ...] = ()
        self.choices: tuple[GeneratedChoice, ...] = ()

    @property
    def prompt_tokens(self) -> int:
        """How many tokens the prompt has, as far as anybody says it."""
        counted = self.fit.tokens
        said = (completion.prompt_tokens for completion in self.completions if completion.prompt_tokens is not None)
        return counted if counted is not None else next(said, 0)

    def events(self, cancel: threading.Event | None = None) -> Iterator[GenerationEvent]:
        """Write, and yield what may leave as soon as it may; the choices come last, in order.

        Closing the iterator ends the writing. Raises what the generator raises.
        """
        choices: list[GeneratedChoice] = []
        self._writing = self._texts(self._request.n)
        yield from self._write(self._request, self._writing, cancel)
        for number, text in enumerate(self._writing):
            answer = self._finished(text)
            if self._steering == "retry" and self._hold_back is None:
                answer = self._tried_again(number, answer, cancel)
            elif text.held is not None:
                yield from self._leaving(number, text.held.finish(answer.check.matches, answer.code is None))
            choices.append(answer)
        self.choices = tuple(choices)
        yield from (ChoiceEvent(number, choice) for number, choice in enumerate(choices))

    def abandon(self) -> None:
        """Check what was written when the reader left, so that it can be recorded."""
        for number, text in enumerate(self._writing):
            if not text.pieces or text.pieces[-1].finish_reason is None:
                text.pieces.append(Piece(number, "", "cancelled"))
        self.completions = tuple(text.completion for text in self._writing)
        self.choices = tuple(self._finished(text) for text in self._writing)

    def _texts(self, choices: int) -> list[_Text]:
        return [
            _Text(
                LiveSearch(self._tools.index, self._language, self._exclude),
                None if self._hold_back is None else HoldBack(self._looked, self._hold_back, self._may_block),
            )
            for _ in range(choices)
        ]

    def _write(
        self, request: GenerationRequest, texts: list[_Text], cancel: threading.Event | None
    ) -> Iterator[GenerationEvent]:
        """Write the choices of a request into their texts, and yield what may leave meanwhile."""
        with closing(self._pieces(request, cancel)) as stream:
            for piece in stream:
                text = texts[piece.choice]
                text.pieces.append(piece)
                text.search.feed(piece.text.encode(errors="surrogatepass"))
                if text.held is not None:
                    yield from self._leaving(piece.choice, text.held.feed(piece.text))
        self.completions += tuple(text.completion for text in texts)

    def _pieces(self, request: GenerationRequest, cancel: threading.Event | None) -> Generator[Piece, None, None]:
        guide = None
        if self._steering == "on":
            guide = SourceGuide(self._tools.index, self._tools.action_of, request.n, self._exclude)
        return self._tools.generator.stream(request, cancel, guide)

    def _looked(self, text: bytes) -> tuple[AttributedMatch, ...]:
        return self._tools.attributed(self._tools.index.search(text, self._language, self._exclude))

    def _may_block(self, match: AttributedMatch) -> bool:
        return any(self._tools.action_of(origin.license) is Action.BLOCK for origin in match.origins)

    def _leaving(self, choice: int, released: Released | None) -> Iterator[GenerationEvent]:
        if released is not None:
            yield from (MatchEvent(choice, match) for match in released.matches)
            if released.text:
                yield TextEvent(choice, released.text)

    def _finished(self, text: _Text) -> GeneratedChoice:
        """Check a whole text, or the code in it where it answers a conversation."""
        begun = time.perf_counter()
        completion = text.completion
        language, code = self._language, completion.text
        result = text.search.finish()
        if self._request.messages:
            code, said = code_of(completion.text)
            known = language_named(said) if said else None
            language = language or (known.name if known else None)
            if code != completion.text:
                result = self._tools.index.search(code.encode(errors="surrogatepass"), language, self._exclude)
        check = self._tools.answer(result, language, begun)
        blocked = check.verdict is Action.BLOCK
        return GeneratedChoice(
            code=None if blocked else code,
            code_with_attribution=(
                None if blocked else tagged_code(code, check, self._request.prompt, self._request.suffix)
            ),
            finish_reason=completion.finish_reason,
            check=check,
            text=completion.text if self._request.messages and not blocked else None,
            steered_tokens=completion.steered_tokens,
            logprobs=() if blocked else completion.logprobs,
        )

    def _tried_again(self, number: int, answer: GeneratedChoice, cancel: threading.Event | None) -> GeneratedChoice:
        """Ask for a blocked choice with other seeds, warm enough to come out differently."""
        for attempt in range(2, MOST_ATTEMPTS + 1):
            if answer.code is not None or (cancel is not None and cancel.is_set()):
                break
            request = replace(
                self._request,
                n=1,
                seed=((self._request.seed or 0) + _SEED_STEP * attempt + number) % _SEEDS,
                temperature=max(self._request.temperature, 0.8),
            )
            texts = self._texts(1)
            for _ in self._write(request, texts, cancel):
                pass
            answer = replace(self._finished(texts[0]), attempts=attempt)
        return answer
