"""Answers a file of prompts, several at a time, in the order of the file."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from attrib.answers import GenerateAnswer
from attrib.batch_lines import line_json
from attrib.batch_output import BatchOutput
from attrib.errors import AttribError
from attrib.prompt_files import FilePrompt
from attrib.service import Service
from generator.errors import FillInMiddleUnsupported, InvalidRequest, PromptTooLong

CONCURRENCY = 8
# So many prompts for each that is at work are finished or queued while an answer before them is waited for.
_AHEAD = 4
# When so many prompts in a row fail for no reason of their own, it is the model that fails, not the prompts.
MOST_FAILURES_IN_A_ROW = 16
_OF_THE_PROMPT = (PromptTooLong, FillInMiddleUnsupported, InvalidRequest)


@dataclass(frozen=True, slots=True)
class Batch:
    """Prompts on their way into a file; setting `cancel` ends what is at work, and nothing of that is written."""

    service: Service
    output: BatchOutput
    run: Mapping[str, Any]
    exclude: tuple[str, ...]
    concurrency: int
    cancel: threading.Event

    def answer(self, prompts: Iterator[FilePrompt], written: Callable[[], None]) -> None:
        """Answer prompts and call `written` after each line.

        One that fails gets a line with its error. Raises the error itself where it stands in the way of all: where it
        is the service's, or `MOST_FAILURES_IN_A_ROW` have failed, or all there are; their lines are not written.
        """
        held: list[tuple[FilePrompt, GenerateAnswer | Exception]] = []
        works = False
        for prompt, outcome in self._outcomes(prompts):
            if isinstance(outcome, AttribError):
                raise outcome
            held.append((prompt, outcome))
            if isinstance(outcome, Exception) and not isinstance(outcome, _OF_THE_PROMPT):
                if len(held) == MOST_FAILURES_IN_A_ROW:
                    raise outcome
                continue
            works = works or isinstance(outcome, GenerateAnswer)
            self._write(held, written)
        # Where it was interrupted nobody knows yet whether the next one would have failed as well.
        if held and not self.cancel.is_set():
            _, last = held[-1]
            if isinstance(last, Exception) and not works:
                raise last
            self._write(held, written)

    def _write(self, held: list[tuple[FilePrompt, GenerateAnswer | Exception]], written: Callable[[], None]) -> None:
        for prompt, outcome in held:
            self.output.append(line_json(self.run, prompt, outcome))
            written()
        held.clear()

    def _outcomes(self, prompts: Iterator[FilePrompt]) -> Iterator[tuple[FilePrompt, GenerateAnswer | Exception]]:
        """Yield every prompt with what became of it, in order, up to the first that was cancelled."""
        with ThreadPoolExecutor(self.concurrency, thread_name_prefix="batch") as pool:
            try:
                for prompt, future in self._at_work(pool, prompts):
                    error = future.exception()
                    if error is not None and not isinstance(error, Exception):
                        raise error
                    outcome = error or future.result()
                    if outcome is None:
                        return
                    yield prompt, outcome
            except BaseException:
                self.cancel.set()
                raise

    def _at_work(
        self, pool: ThreadPoolExecutor, prompts: Iterator[FilePrompt]
    ) -> Iterator[tuple[FilePrompt, "Future[GenerateAnswer | None]"]]:
        """Yield the prompts in order, each once those that may be worked on ahead of its answer are queued."""
        queued: deque[tuple[FilePrompt, Future[GenerateAnswer | None]]] = deque()
        for prompt in prompts:
            queued.append((prompt, pool.submit(self._generate, prompt)))
            if len(queued) > self.concurrency * _AHEAD:
                yield queued.popleft()
        while queued:
            yield queued.popleft()

    def _generate(self, prompt: FilePrompt) -> GenerateAnswer | None:
        """Answer one prompt; None where it was cancelled, before it began or in the middle."""
        if self.cancel.is_set():
            return None
        asked = prompt.prompt
        answer = self.service.generate(asked.request, language=asked.language, exclude=self.exclude, cancel=self.cancel)
        return None if any(choice.finish_reason == "cancelled" for choice in answer.choices) else answer
