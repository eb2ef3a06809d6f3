"""The three use cases, and the look-ups of records; nothing is answered before its record is stored."""

import os
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from attrib import __version__
from attrib.answer_json import UsageJson
from attrib.answers import (
    AUDITED_ORIGINS,
    Action,
    AttributedMatch,
    Attribution,
    CheckAnswer,
    GenerateAnswer,
    IndexState,
    model_json,
)
from attrib.attribution import attribute, attribution_of, side_file_for, verdict_of
from attrib.audits.cache import NO_CACHE, NoCache, opened_cache
from attrib.audits.opening import EVERYTHING, Reading, open_tree
from attrib.audits.report import AuditReport
from attrib.audits.running import AuditTools, Found, audit_files
from attrib.audits.standing import Standings
from attrib.audits.tree import AuditProgress, Tree
from attrib.claims import ClaimStore
from attrib.config import Config
from attrib.errors import EmptyIndex, UnreadableInput
from attrib.generation import ChoiceEvent, Generation, GenerationEvent, GenerationTools
from attrib.hold_back import HOLD_BACK, HOLD_BACK_BLOCKED
from attrib.observing import Observer
from attrib.policy import Policy
from attrib.policy_exceptions import path_under_rules
from attrib.readiness import Part, looked_at
from attrib.records import Record, RecordKind, RecordPage, RecordStore, new_record_id
from attrib.reference_keeper import ReferenceKeeper
from attrib.tagged_attribution import credited
from generator.base import CodeGenerator, GenerationRequest, ModelDescription
from generator.errors import GeneratorError
from generator.opening import prospect
from index.languages import language_named, language_of
from index.matches import SearchResult
from index.ranking import MOST_ORIGINS
from index.reference_index import ReferenceIndex

AUDIT_CACHE = "audits.cache"


class Service(ReferenceKeeper):
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
    ) -> None:
        super().__init__(config, index, policy)
        self._records = records
        self.claims = claims
        self._open_generator = open_generator
        self._generator: CodeGenerator | None = None
        self._not_opened: GeneratorError | None = None
        self._opening = threading.Lock()
        self._cut_short = threading.Event()
        self._blocked: tuple[int, bool] | None = None
        self._close = close
        self._observer = observer or Observer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def model_loaded(self) -> bool:
        """Whether the model is there, so that the next generation need not wait for it."""
        return self._generator is not None

    def warm_up(self) -> None:
        """Make the search ready, so that the first check is as fast as the others."""
        self._index.warm_up()

    def cut_short(self) -> None:
        """End every generation at its next token, this one and all to come; each is recorded as cancelled."""
        self._cut_short.set()

    def close(self) -> None:
        """Let go of the database."""
        self._close()

    def check(
        self, code: bytes, *, path: str | None = None, language: str | None = None, exclude: Sequence[str] = ()
    ) -> CheckAnswer:
        """Tell what in a text stands in the reference, and what that asks for.

        Raises UnreadableInput for a text that is too long or an unknown language, EmptyIndex where nothing is indexed.
        """
        begun = time.perf_counter()
        self._require_reference()
        if len(code) > self._config.max_code_bytes:
            raise UnreadableInput(
                f"the code is {len(code):,} bytes long and at most {self._config.max_code_bytes:,} are read at once: "
                "check it in parts, or raise max_code_bytes."
            )
        spoken = _language(language, path, code)
        result = self._index.search(code, spoken, (*self._config.exclude, *exclude))
        answer = self._answer(result, spoken, begun, code, path)
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
            generator=self._opened_generator(),
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
        model = model_json(self._opened_generator().describe())
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

    def audit(
        self,
        path: Path,
        *,
        exclude: Sequence[str] = (),
        progress: AuditProgress | None = None,
        reading: Reading = EVERYTHING,
        jobs: int | None = None,
        cached: bool = True,
    ) -> AuditReport:
        """Check every file of a tree: a folder, a file, an archive, or what git keeps of a folder.

        `jobs` files are searched at once, by default as many as there are cores; `cached` uses what earlier audits
        remember. Raises UnreadableInput where there is no such tree, UnreadableOrigin where it is a hostile archive,
        EmptyIndex where nothing is indexed.
        """
        reading = replace(reading, ignore=(*self._config.audit_ignore, *reading.ignore))
        tree = open_tree(path, reading)
        return self.audit_tree(tree, exclude=exclude, progress=progress, jobs=jobs, cached=cached)

    def audit_tree(
        self,
        tree: Tree,
        *,
        exclude: Sequence[str] = (),
        progress: AuditProgress | None = None,
        found: Found | None = None,
        record_id: str | None = None,
        jobs: int | None = None,
        cached: bool = True,
    ) -> AuditReport:
        """Check every file of an opened tree as `audit` does, and store the report; `found` gets files with findings.

        Raises what reading the tree raises, and EmptyIndex where nothing is indexed.
        """
        begun = time.perf_counter()
        self._require_reference()
        excluded = (*self._config.exclude, *exclude)
        standings = Standings.of(tree.documents, self._config.audit_own)
        cache = self._audit_cache(excluded) if cached else NO_CACHE
        tools = AuditTools(self._index, self._policy, excluded, standings, cache, jobs or len(os.sched_getaffinity(0)))
        try:
            audited, left_out = audit_files(tree, tools, progress, found)
        finally:
            cache.close()
        report = AuditReport(
            id=record_id or new_record_id(),
            root=tree.root,
            index=self._state(),
            files=audited,
            left_out=left_out,
            attribution=self._attribution([finding.match for file in audited for finding in file.credited]),
            seconds=time.perf_counter() - begun,
            scope=tree.scope,
            own=standings.own,
        )
        self._records.save(
            RecordKind.AUDIT,
            record_id=report.id,
            status="matched" if report.findings else "clean",
            verdict=report.verdict.value,
            index_revision=report.index.revision,
            request={"path": tree.root, "scope": tree.scope, "exclude": list(exclude)},
            answer=report.as_json(AUDITED_ORIGINS),
        )
        return report

    def _audit_cache(self, excluded: Sequence[str]) -> NoCache:
        """Open the cache of what this index answers, with all that its answers depend on."""
        depends_on = (
            __version__,
            self._config.database_url,
            *(name for _, name in self._index.catalog.segments(self._index.collections)),
            str(self._index.totals().revision),
            repr(self._index.params),
            *map(str, self._index.collections),
            *sorted(excluded),
        )
        return opened_cache(self._config.home / AUDIT_CACHE, depends_on, self._config.retention == "full")

    def record(self, record_id: str) -> Record:
        """Return a stored record; raises NoSuchRecord and DeletedRecord."""
        return self._records.get(record_id)

    def delete_record(self, record_id: str) -> None:
        """Delete a record for good; raises NoSuchRecord and DeletedRecord."""
        self._records.delete(record_id)

    def expire_records(self, age: timedelta) -> int:
        """Delete every record of at least this age for good and return how many there were."""
        return self._records.expire(datetime.now(UTC) - age)

    def records(self, limit: int = 50, cursor: str | None = None, q: str | None = None) -> RecordPage:
        """Return stored records, newest first."""
        return self._records.list(limit=limit, cursor=cursor, q=q)

    def model(self) -> ModelDescription:
        """Return what the model is, loading it if need be; raises what the generator raises."""
        return self._opened_generator().describe()

    def readiness(self) -> tuple[Part, ...]:
        """Say of database, index and model whether each can do its work; nothing is loaded for it."""
        return looked_at({"database": self._records.state, "index": self._index_state, "model": self._model_state})

    def _index_state(self) -> str:
        self._require_reference()
        totals = self._index.totals()
        return f"revision {totals.revision}, {totals.sources:,} sources, {totals.lexemes:,} lexemes"

    def _model_state(self) -> str:
        if self._generator is not None:
            return "loaded"
        if self._not_opened is not None:
            raise self._not_opened
        return "being loaded" if self._opening.locked() else prospect(self._config.model)

    def _opened_generator(self) -> CodeGenerator:
        with self._opening:
            if self._generator is None:
                try:
                    self._generator = self._open_generator()
                except GeneratorError as error:
                    self._not_opened = error
                    raise
            return self._generator

    def _answer(
        self, result: SearchResult, language: str | None, begun: float, code: bytes = b"", path: str | None = None
    ) -> CheckAnswer:
        ruled = None if path is None else path_under_rules(path, path, self._policy.folder)
        matches = credited((attribute(match, self._policy, ruled) for match in result.matches), code)
        return CheckAnswer(
            id=new_record_id(),
            status=result.status,
            verdict=verdict_of(matches),
            language=language,
            lexemes=result.lexemes,
            matched_lexemes=result.matched_lexemes,
            index=self._state(),
            matches=matches,
            attribution=self._attribution(matches, side_file_for(matches, language, path)),
            elapsed_ms=(time.perf_counter() - begun) * 1000,
        )

    def _attribution(self, matches: Sequence[AttributedMatch], side_file: str | None = None) -> Attribution:
        return attribution_of(matches, self._index.catalog.legal_files, side_file)

    def _state(self) -> IndexState:
        totals = self._index.totals()
        return IndexState(totals.sources, totals.files, totals.lexemes, str(totals.revision), totals.collections)

    def _require_reference(self) -> None:
        if not self._index.totals().sources:
            raise EmptyIndex(
                f"the index in {self._config.index_folder} has nothing in it yet: run `attrib index add installed`."
            )


_STATUS_ORDER = ("not_code", "too_short", "clean", "matched")


def _language(language: str | None, path: str | None = None, content: bytes | None = None) -> str | None:
    if language:
        known = language_named(language)
        if known is None:
            raise UnreadableInput(f"{language!r} is no language that is known here: leave it out, or name another.")
        return known.name
    found = language_of(path, content) if path else None
    return found.name if found else None
