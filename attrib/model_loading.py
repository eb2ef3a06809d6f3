"""The model, opened when it is first asked for; whether it is there yet can be told without waiting for it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from generator.base import CodeGenerator
from generator.errors import GeneratorError


class ModelState(StrEnum):
    """How far the model is."""

    NOT_LOADED = "not loaded"
    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """The state of the model, for how many seconds it has been in it, and why loading failed; '' where it did not."""

    state: ModelState
    seconds: float
    reason: str = ""


class LoadedOnce:
    """Opens a generator once, whoever asks for it first; safe to use from several threads."""

    def __init__(self, open_generator: Callable[[], CodeGenerator]) -> None:
        self._open = open_generator
        self._opening = threading.Lock()
        self._generator: CodeGenerator | None = None
        self._state = (ModelState.NOT_LOADED, time.monotonic(), "")

    @property
    def status(self) -> ModelStatus:
        """How far the model is now; this never waits."""
        state, since, reason = self._state
        return ModelStatus(state, time.monotonic() - since, reason)

    def get(self) -> CodeGenerator:
        """Return the generator, opening it where nobody has; raises what opening it raises, and may be asked again."""
        with self._opening:
            if self._generator is None:
                self._enter(ModelState.LOADING)
                try:
                    self._generator = self._open()
                except BaseException as error:
                    self._enter(ModelState.FAILED, str(error) if isinstance(error, GeneratorError) else "")
                    raise
                self._enter(ModelState.LOADED)
            return self._generator

    def _enter(self, state: ModelState, reason: str = "") -> None:
        self._state = (state, time.monotonic(), reason)
