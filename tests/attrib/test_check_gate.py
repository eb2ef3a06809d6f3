"""The gate before the checks: how many are at work, who is next, and what becomes of one that takes too long."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from attrib.check_gate import LONG_BYTES, MOST_LONG_WAITING, CheckGate
from attrib.errors import CheckTimedOut, TooManyChecks

SHORT = 1_000


class Work:
    """A check that lasts until it is let go, and knows how many are at work."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.let_go.wait(10)
        return "matched"


@pytest.fixture
def work() -> Work:
    """A check that is at work until the test is done with it."""
    return Work()


def test_only_so_many_checks_are_at_work_at_once() -> None:
    gate, at_work, most = CheckGate(2, 10), 0, 0
    counting = threading.Lock()

    def check() -> None:
        nonlocal at_work, most
        with counting:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.002)
        with counting:
            at_work -= 1

    with ThreadPoolExecutor(8) as clients:
        for done in [clients.submit(gate.through, SHORT, check) for _ in range(60)]:
            done.result()
    assert most == 2


def test_the_first_to_come_is_the_first_to_be_checked(work: Work) -> None:
    gate, order = CheckGate(1, 10), []
    with ThreadPoolExecutor(6) as clients:
        first = clients.submit(gate.through, SHORT, work)
        assert work.begun.wait(10)
        waiting = []
        for number in range(5):
            waiting.append(clients.submit(gate.through, SHORT, lambda number=number: order.append(number)))  # type: ignore[misc]
            _until(lambda number=number: len(gate._short._waiting) == number + 1)  # type: ignore[misc]
        work.let_go.set()
        for done in (first, *waiting):
            done.result()
    assert order == [0, 1, 2, 3, 4]


def test_a_check_whose_turn_does_not_come_is_refused_and_the_others_go_on(work: Work) -> None:
    gate = CheckGate(1, 0.05)
    with ThreadPoolExecutor(1) as clients:
        first = clients.submit(gate.through, SHORT, work)
        assert work.begun.wait(10)
        with pytest.raises(TooManyChecks):
            gate.through(SHORT, lambda: pytest.fail("it was not its turn"))
        work.let_go.set()
        with pytest.raises(CheckTimedOut):
            first.result()
    gate._seconds = 10  # However busy the machine is: that the place is free is what counts.
    assert gate.through(SHORT, lambda: "clean") == "clean"


@pytest.mark.parametrize("size", [SHORT, LONG_BYTES])
def test_a_check_that_comes_late_has_no_answer(size: int) -> None:
    def slow() -> str:
        time.sleep(0.05)
        return "clean"

    gate = CheckGate(1, 0.01)
    with pytest.raises(CheckTimedOut, match=r"0\.01 seconds, so nothing is known"):
        gate.through(size, slow)


def test_the_caller_of_a_long_check_is_told_in_time_though_it_goes_on(work: Work) -> None:
    gate = CheckGate(1, 0.05)
    with pytest.raises(CheckTimedOut):
        gate.through(LONG_BYTES, work)
    # It keeps its place, so that those who ask again do not pile up behind their own questions.
    with pytest.raises(TooManyChecks):
        gate.through(LONG_BYTES, lambda: "clean")
    work.let_go.set()
    _until(lambda: gate._long._free == 1)
    gate._seconds = 10
    assert gate.through(LONG_BYTES, lambda: "clean") == "clean"


def test_long_checks_do_not_keep_short_ones_waiting_and_only_some_of_them_wait(work: Work) -> None:
    gate = CheckGate(1, 10)
    with ThreadPoolExecutor(MOST_LONG_WAITING + 1) as clients:
        long = [clients.submit(gate.through, LONG_BYTES, work) for _ in range(MOST_LONG_WAITING + 1)]
        _until(lambda: len(gate._long._waiting) == MOST_LONG_WAITING)
        assert gate.through(SHORT, lambda: "clean") == "clean"
        with pytest.raises(TooManyChecks):
            gate.through(LONG_BYTES, lambda: "clean")
        work.let_go.set()
        assert [done.result() for done in long] == ["matched"] * len(long)


@pytest.mark.parametrize("size", [SHORT, LONG_BYTES])
def test_an_error_in_a_check_is_told_and_frees_its_place(size: int) -> None:
    def failing() -> str:
        raise TimeoutError("the database")

    gate = CheckGate(1, 10)
    for _ in range(3):
        with pytest.raises(TimeoutError, match="the database"):
            gate.through(size, failing)
    assert gate.through(size, lambda: "clean") == "clean"


def test_without_a_number_of_seconds_nothing_is_cut_short() -> None:
    gate = CheckGate(1)
    with ThreadPoolExecutor(8) as clients:
        done = [clients.submit(gate.through, LONG_BYTES, lambda: time.sleep(0.01)) for _ in range(8)]
        assert [one.result() for one in done] == [None] * 8


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if holds():
            return
        time.sleep(0.005)
    pytest.fail("it never came to that")
