"""Whether the model is there is told while it loads, without waiting for it."""

import threading

import pytest

from attrib.model_loading import LoadedOnce, ModelState
from generator.errors import GeneratorError


def test_the_state_is_told_while_the_model_loads() -> None:
    begun, may_end = threading.Event(), threading.Event()
    opened: list[object] = []

    def slow() -> object:
        begun.set()
        may_end.wait(10)
        opened.append(object())
        return opened[-1]

    model = LoadedOnce(slow)  # type: ignore[arg-type]
    assert model.status.state is ModelState.NOT_LOADED
    asking = [threading.Thread(target=model.get) for _ in range(3)]
    for thread in asking:
        thread.start()
    assert begun.wait(10)
    assert model.status.state is ModelState.LOADING
    may_end.set()
    for thread in asking:
        thread.join(10)
    assert model.status.state is ModelState.LOADED
    assert opened == [model.get()]


def test_what_failed_says_why_and_is_tried_again() -> None:
    answers: list[object] = [GeneratorError("no such folder"), ValueError("a secret of the weights"), "generator"]

    def open_next() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    model = LoadedOnce(open_next)  # type: ignore[arg-type]
    for reason in ("no such folder", ""):
        with pytest.raises((GeneratorError, ValueError)):
            model.get()
        assert (model.status.state, model.status.reason) == (ModelState.FAILED, reason)
    assert model.get() == "generator"
    assert model.status.state is ModelState.LOADED
