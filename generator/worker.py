"""One thread owns the device: requests wait in a bounded queue, and their pieces come back through one of their own."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import torch

from generator.base import Piece
from generator.engine import Engine, Job
from generator.errors import GenerationFailed, GeneratorBusy, GeneratorError, OutOfMemory
from generator.loading import ran_out_of_memory

log = logging.getLogger(__name__)

_IDLE_SECONDS = 30.0


@dataclass(slots=True)
class Submission:
    """A request on its way to the device; `pieces` ends with None, or with the error that ended it."""

    job: Job
    pieces: queue.SimpleQueue[Piece | GeneratorError | None]
    abandoned: threading.Event = field(default_factory=threading.Event)


class DeviceWorker:
    """Runs an engine on a thread that starts with the first request and rests when nothing is asked for long.

    At most `waiting` requests wait for a slot; one more is refused at once with GeneratorBusy.
    """

    def __init__(self, engine: Engine, waiting: int) -> None:
        self._engine = engine
        self._queue: queue.Queue[Submission] = queue.Queue(waiting)
        self._started = threading.Lock()
        self._running = False
        self._submissions: dict[int, Submission] = {}

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return self._queue.qsize()

    def submit(
        self, make: Callable[[Callable[[Piece], None], Callable[[], bool]], Job]
    ) -> Generator[Piece, None, None]:
        """Queue a request and return its pieces as they come; `make` is given where to send them and what ends it.

        Raises GeneratorBusy at once; the iterator raises OutOfMemory and GenerationFailed. Closing it cancels.
        """
        pieces: queue.SimpleQueue[Piece | GeneratorError | None] = queue.SimpleQueue()
        abandoned = threading.Event()
        submission = Submission(make(pieces.put, abandoned.is_set), pieces, abandoned)
        with self._started:
            try:
                self._queue.put_nowait(submission)
            except queue.Full:
                raise GeneratorBusy(
                    f"{self._queue.maxsize} requests wait for the model already: ask again in a few seconds."
                ) from None
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="generator", daemon=True).start()
        return _received(submission)

    def _run(self) -> None:
        held: Submission | None = None
        while True:
            held = self._admit(held)
            if not self._engine.idle:
                self._guarded(self._engine.step, None)
                self._settle()
                continue
            if held is None:
                try:
                    held = self._queue.get(timeout=_IDLE_SECONDS)
                except queue.Empty:
                    with self._started:
                        if self._queue.empty():
                            self._running = False
                            return

    def _admit(self, held: Submission | None) -> Submission | None:
        """Start what there is room for; return the first that has to wait."""
        while True:
            if held is None:
                try:
                    held = self._queue.get_nowait()
                except queue.Empty:
                    return None
            if not self._engine.has_room(len(held.job.choices)):
                return held
            submission, held = held, None
            self._submissions[id(submission.job)] = submission
            if submission.job.cancelled() or _late(submission.job):
                reason = "cancelled" if submission.job.cancelled() else "time_limit"
                for choice in submission.job.choices:
                    submission.job.send(choice.end(reason))  # type: ignore[arg-type]
            else:
                self._guarded(lambda: self._engine.start(submission.job), submission.job)  # noqa: B023 - called at once
            self._settle()

    def _guarded(self, act: Callable[[], None], job: Job | None) -> None:
        """Do something on the device; an error ends the request that it is about, or the newest, or all of them."""
        try:
            act()
        except Exception as error:
            if ran_out_of_memory(error):
                # What came last needed what was missing; the others go on.
                lost = [job or self._engine.jobs[-1]]
                failure: GeneratorError = OutOfMemory(
                    f"The device ran out of memory on a prompt of {len(lost[0].prompt)} tokens: "
                    "shorten it, ask for fewer choices, or try again when the device is less busy."
                )
                if torch.cuda.is_available():
                    torch.cuda.empty_cache()
            else:
                log.exception("the model failed")
                lost = [job] if job is not None else self._engine.jobs
                failure = GenerationFailed(
                    f"The model met an error that nobody expected ({type(error).__name__}): try again."
                )
            for one in lost:
                self._engine.drop(one)
                self._submissions.pop(id(one)).pieces.put(failure)

    def _settle(self) -> None:
        """Tell those whose request is done."""
        for key, submission in list(self._submissions.items()):
            if submission.job.done:
                submission.pieces.put(None)
                del self._submissions[key]


def _late(job: Job) -> bool:
    return job.deadline is not None and time.monotonic() > job.deadline


def _received(submission: Submission) -> Generator[Piece, None, None]:
    try:
        while (piece := submission.pieces.get()) is not None:
            if isinstance(piece, GeneratorError):
                raise piece
            yield piece
    finally:
        # Whoever stops reading no longer wants the rest.
        submission.abandoned.set()
