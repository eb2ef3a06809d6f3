"""Kills a process at each of its writes: before and after every fsync, rename, replace, unlink and commit it makes.

The calls are wrapped from here, in a process that is forked for it; the code under test knows nothing of it.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

_CALLS: tuple[tuple[Any, str], ...] = (
    (os, "fsync"),
    (os, "rename"),
    (os, "replace"),
    (os, "unlink"),
    (DefaultDialect, "do_commit"),
)

# Does something that writes; it is given what it calls with each thing that it acknowledges.
Act = Callable[[Callable[[str], None]], None]


def moments(act: Act) -> int:
    """Return at how many moments a process that does this may be killed: two for each call."""
    return _in_child(act, None)[0]


def killed(act: Act, moment: int) -> list[str]:
    """Do it in a process that is killed at a moment, counted from 0, and return what it acknowledged before."""
    count, acknowledged = _in_child(act, moment)
    if count >= 0:
        raise RuntimeError(f"nothing was killed at moment {moment}: there are {count} of them this time")
    return acknowledged


def _in_child(act: Act, deadly: int | None) -> tuple[int, list[str]]:
    """Return how many moments there were, -1 where one was deadly, and what was acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            counted = _wrap(deadly)
            act(lambda said: _say(writing, said))
            _say(writing, f"\0{counted()}")
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        said = pipe.read().splitlines()
    _, ended = os.waitpid(child, 0)
    if os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL:
        return -1, said
    if ended or not said or not said[-1].startswith("\0"):
        raise RuntimeError(f"what was to be killed failed by itself (wait status {ended})")
    return int(said[-1][1:]), said[:-1]


def _say(pipe: int, said: str) -> None:
    os.write(pipe, said.encode() + b"\n")


def _wrap(deadly: int | None) -> Callable[[], int]:
    """Wrap every call, and return what tells how many moments went by."""
    count = 0

    def moment() -> None:
        nonlocal count
        if count == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            moment()
            result = real(*arguments, **options)
            moment()
            return result

        return call

    for owner, name in _CALLS:
        setattr(owner, name, wrapped(getattr(owner, name)))
    return lambda: count
