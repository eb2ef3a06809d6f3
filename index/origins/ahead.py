"""Lets several origins fetch at once while one after another is taken in, in the order they were given."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from index.origins.base import Origin, SourcePackage

AT_ONCE = 4

_Begun = tuple[SourcePackage | None, Iterator[SourcePackage]]
_Waiting = tuple[Origin, Future[_Begun] | None]


def ahead(origins: Iterable[Origin], at_once: int = AT_ONCE) -> Iterator[tuple[Origin, Iterator[SourcePackage]]]:
    """Yield every origin with its packages, while the next few that fetch are making their first package ready.

    At most `at_once` origins are begun and not yet taken, so what waits is bounded. What goes wrong with an origin is
    raised when its own packages are asked for.
    """
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="origin")
    waiting: deque[_Waiting] = deque()
    try:
        for origin in origins:
            waiting.append((origin, pool.submit(_begin, origin) if origin.fetches else None))
            if len(waiting) > at_once:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(origin: Origin) -> _Begun:
    packages = origin.packages()
    return next(packages, None), packages


def _next(waiting: deque[_Waiting]) -> tuple[Origin, Iterator[SourcePackage]]:
    origin, begun = waiting.popleft()
    return origin, origin.packages() if begun is None else _continued(begun)


def _continued(begun: Future[_Begun]) -> Iterator[SourcePackage]:
    first, rest = begun.result()
    if first is not None:
        yield first
        yield from rest
