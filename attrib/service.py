"""The three use cases, and the look-ups of records; nothing is answered before its record is stored."""

import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Self

from attrib.answer_json import UsageJson
from attrib.answers import (
    Action,
    CheckAnswer,
    GenerateAnswer,
    IndexState,
    least_verdict,
    model_json,
    strictest,
)
from attrib.attribution import attribute, side_file_for, verdict_of
from attrib.auditor import Auditor
from attrib.audits.history import DecisionHistory
from attrib.check_gate import CheckGate
from attrib.claims import ClaimStore
from attrib.config import Config
from attrib.errors import UnreadableInput
from attrib.generation import ChoiceEvent, Generation, GenerationEvent, GenerationTools
from attrib.hold_back import HOLD_BACK, HOLD_BACK_BLOCKED
from attrib.license_templates import templates
from attrib.licenses import category_of
from attrib.model_loading import LoadedOnce, ModelState, ModelStatus
from attrib.observing import Observer
from attrib.policy import Policy
from attrib.policy_exceptions import path_under_rules
from attrib.readiness import Part, looked_at
from attrib.record_days import RecentDays
from attrib.record_search import DayCount, RecordSearch
from attrib.records import RecordKind, RecordPage, RecordStore, new_record_id
from attrib.tagged_attribution import credited
from generator.base import CodeGenerator, GenerationRequest, ModelDescription
from generator.errors import GeneratorError
from generator.opening import prospect
from index.languages import language_named, language_of
from index.matches import SearchResult
from index.ranking import MOST_ORIGINS
from index.reference_index import ReferenceIndex


class Service(Auditor):
    """Generates, checks and audits over one index, one record store and one model; safe to use from several threads."""

    def __init__(
        self,
        config: Config,
        index: ReferenceIndex,
        records: RecordStore,
        policy: Policy,
        open_generator: Callable[[], CodeGenerator],
        close: Callable[[], None],
        claims: ClaimStore,
        observer: Observer | None = None,
        *,
        history: DecisionHistory,
        gate: CheckGate | None = None,
    ) -> None:
        super().__init__(config, index, policy, records, history)
        self.claims = claims
        self._model = LoadedOnce(open_generator)
        self._cut_short = threading.Event()
        self._observer = observer or Observer()
        self._blocked: tuple[int, bool] | None = None
        self._close = close
        self.record_search = RecordSearch(records.engine)
        self._days = RecentDays(self.record_search)
        self._gate = gate or CheckGate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def model_loaded(self) -> bool:
        """Whether the model is there, so that the next generation need not wait for it."""
        return self._model.status.state is ModelState.LOADED

    def warm_up(self) -> None:
        """Make search and notices ready, so that the first check is as fast as others; go on with audits that wait."""
        self._index.warm_up()
        templates()
        category_of("MIT")
        self.uploads.start()

    def cut_short(self) -> None:
        """End every generation at its next token, this one and all to come; each is recorded as cancelled."""
        self._cut_short.set()

    def close(self) -> None:
        """Stop what runs in the background, and let go of the database."""
        self.uploads.stop()
        self._close()

    def check(
        self, code: bytes, *, path: str | None = None, language: str | None = None, exclude: Sequence[str] = ()
    ) -> CheckAnswer:
        """Tell what in a text stands in the reference, and what that asks for.

        Raises UnreadableInput for a text that is too long or an unknown language, EmptyIndex where nothing is indexed,
        TooManyChecks and CheckTimedOut where the gate has no place or no more time for it.
        """
        begun = time.perf_counter()
        # Before the search, which reads no older index than this one then.
        state = self._require_reference()
        if len(code) > self._config.max_code_bytes:
            raise UnreadableInput(
                f"the code is {len(code):,} bytes long and at most {self._config.max_code_bytes:,} are read at once: "
                "check it in parts, or raise max_code_bytes."
            )
        spoken = _language(language, path, code)

        def searched() -> CheckAnswer:
            result = self._index.search(code, spoken, (*self._config.exclude, *exclude))
            return self._answer(result, spoken, begun, code, path, state)

        answer = self._gate.through(len(code), searched)
        self._records.save(
            RecordKind.CHECK,
            record_id=answer.id,
            status=answer.status.value,
            verdict=answer.verdict.value,
            index_revision=answer.index.revision,
            request={"path": path, "language": language, "exclude": list(exclude)},
            answer=answer.as_json(MOST_ORIGINS),
            code=code,
        )
        self._observer.checked(answer, time.perf_counter() - begun)
        return answer

    def generate(
        self,
        request: GenerationRequest,
        *,
        language: str | None = None,
        exclude: Sequence[str] = (),
        cancel: threading.Event | None = None,
    ) -> GenerateAnswer:
        """Generate code, check it while it is written, and attach what it asks for.

        A choice whose verdict is block keeps its code back. Raises EmptyIndex, and what the generator raises.
        """
        generation = self._generation(request, language, exclude)
        for _ in generation.events(cancel or self._cut_short):
            pass
        return self._recorded(generation, request, language, exclude)

    def stream(
        self,
        request: GenerationRequest,
        *,
        language: str | None = None,
        exclude: Sequence[str] = (),
        cancel: threading.Event | None = None,
    ) -> Generator[GenerationEvent | GenerateAnswer, None, None]:
        """Generate as `generate` does, and yield text as soon as it may leave, each piece after the matches in it.

        The finished choices come after the last text, and last of all the answer, whose record is stored by then. Where
        the reader leaves early the writing ends, and what was written is recorded as cancelled.
        """
        generation = self._generation(request, language, exclude, self._hold_back())
        finished: list[ChoiceEvent] = []
        try:
            for event in generation.events(cancel or self._cut_short):
                if isinstance(event, ChoiceEvent):
                    finished.append(event)
                else:
                    yield event
        except GeneratorExit:
            generation.abandon()
            self._recorded(generation, request, language, exclude)
            raise
        answer = self._recorded(generation, request, language, exclude)
        yield from finished
        yield answer

    def _generation(
        self,
        request: GenerationRequest,
        language: str | None,
        exclude: Sequence[str],
        hold_back: int | None = None,
    ) -> Generation:
        self._require_reference()
        tools = GenerationTools(
            generator=self._model.get(),
            index=self._index,
            action_of=lambda expression: self._policy.verdict_on(expression).action,
            answer=self._answer,
            attributed=lambda result: tuple(attribute(match, self._policy) for match in result.matches),
            observer=self._observer,
        )
        steering = self._config.steering if self._anything_blocked() else "off"
        excluded = (*self._config.exclude, *exclude)
        return Generation(tools, request, _language(language), excluded, steering, hold_back)

    def _hold_back(self) -> int:
        return HOLD_BACK_BLOCKED if self._anything_blocked() else HOLD_BACK

    def _anything_blocked(self) -> bool:
        """Whether the policy blocks anything that the index holds, asked once a revision."""
        revision = self._index.totals().revision
        if self._blocked is None or self._blocked[0] != revision:
            expressions = self._index.catalog.license_expressions(self._index.collections)
            blocked = any(self._policy.verdict_on(one).action is Action.BLOCK for one in expressions)
            self._blocked = (revision, blocked)
        return self._blocked[1]

    def _recorded(
        self, generation: Generation, request: GenerationRequest, language: str | None, exclude: Sequence[str]
    ) -> GenerateAnswer:
        choices = generation.choices
        model = model_json(self._model.get().describe())
        usage: UsageJson = {
            "prompt_tokens": generation.prompt_tokens,
            "completion_tokens": sum(completion.completion_tokens for completion in generation.completions),
        }
        fit = generation.fit
        answer = GenerateAnswer(new_record_id(), model, choices, usage, fit.cut_before, fit.cut_after)
        self._records.save(
            RecordKind.GENERATION,
            record_id=answer.id,
            status=max((choice.check.status.value for choice in choices), key=_STATUS_ORDER.index),
            verdict=max((choice.check.verdict for choice in choices), key=lambda action: action.severity).value,
            index_revision=choices[0].check.index.revision,
            request={**asdict(request), "language": language, "exclude": list(exclude)},
            answer=answer.as_json(MOST_ORIGINS),
            # What is withheld from the answer is not kept either.
            code="\n".join(choice.code for choice in choices if choice.code is not None).encode(errors="surrogatepass"),
            model=model,
        )
        self._observer.generated(answer, generation.seconds)
        return answer

    def delete_record(self, record_id: str) -> None:
        """Delete a record for good; raises NoSuchRecord and DeletedRecord."""
        self._records.delete(record_id)

    def expire_records(self, age: timedelta) -> int:
        """Delete every record of at least this age for good and return how many there were."""
        return self._records.expire(datetime.now(UTC) - age)

    def records(self, limit: int = 50, cursor: str | None = None, q: str | None = None) -> RecordPage:
        """Return stored records, newest first."""
        return self._records.list(limit=limit, cursor=cursor, q=q)

    def found_by_day(self, since: date) -> list[DayCount]:
        """Return how many records each day had, by status and verdict; it may be some seconds old."""
        return self._days.since(since)

    def model(self) -> ModelDescription:
        """Return what the model is, loading it if need be; raises what the generator raises."""
        return self._model.get().describe()

    def readiness(self) -> tuple[Part, ...]:
        """Say of database, index and model whether each can do its work; nothing is loaded for it."""
        return looked_at({"database": self._records.state, "index": self._index_state, "model": self._model_state})

    def _index_state(self) -> str:
        self._require_reference()
        totals = self._index.totals()
        return f"revision {totals.revision}, {totals.sources:,} sources, {totals.lexemes:,} lexemes"

    def _model_state(self) -> str:
        status = self._model.status
        match status.state:
            case ModelState.FAILED:
                raise GeneratorError(status.reason or "the model could not be loaded")
            case ModelState.LOADING:
                return "being loaded"
            case ModelState.LOADED:
                return "loaded"
            case ModelState.NOT_LOADED:
                return prospect(self._config.model)

    def model_status(self) -> ModelStatus:
        """Return whether the model is loaded, without loading it or waiting for it."""
        return self._model.status

    def _answer(
        self,
        result: SearchResult,
        language: str | None,
        begun: float,
        code: bytes = b"",
        path: str | None = None,
        state: IndexState | None = None,
    ) -> CheckAnswer:
        state = state or self._state()
        ruled = None if path is None else path_under_rules(path, path, self._policy.folder)
        matches = credited((attribute(match, self._policy, ruled) for match in result.matches), code)
        return CheckAnswer(
            id=new_record_id(),
            status=result.status,
            verdict=strictest([verdict_of(matches), least_verdict(result.status)]),
            language=language,
            lexemes=result.lexemes,
            matched_lexemes=result.matched_lexemes,
            index=state,
            matches=matches,
            attribution=self._attribution(matches, state, side_file_for(matches, language, path)),
            elapsed_ms=(time.perf_counter() - begun) * 1000,
        )


_STATUS_ORDER = ("not_code", "too_short", "clean", "matched", "incomplete")


def _language(language: str | None, path: str | None = None, content: bytes | None = None) -> str | None:
    if language:
        known = language_named(language)
        if known is None:
            raise UnreadableInput(f"{language!r} is no language that is known here: leave it out, or name another.")
        return known.name
    found = language_of(path, content) if path else None
    return found.name if found else None
