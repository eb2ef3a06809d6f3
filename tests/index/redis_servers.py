"""Redis servers of a test's own; where none can be started, the test is skipped with the reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import redis_servers
from benchmarks.redis_servers import Cluster, Server, ServersMissing, wait_for

__all__ = ("Cluster", "Server", "cluster", "one_server", "wait_for")


@contextmanager
def one_server(folder: Path) -> Iterator[Server]:
    """Start one."""
    _require_programs()
    with redis_servers.one_server(folder) as started:
        yield started


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start six nodes and join them."""
    _require_programs()
    with redis_servers.cluster(folder) as started:
        yield started


def _require_programs() -> None:
    try:
        redis_servers.require_programs()
    except ServersMissing as missing:
        pytest.skip(str(missing))
