"""Writing to a store: many keys at once, patiently while a cluster elects another primary, and who stood meanwhile."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from index.errors import PostingsBusy, PostingsUnreachable, UnusableStore
from index.posting_store.connecting import connect
from index.posting_store.layout import SHELVES, Layout
from index.posting_store.ledger import Ledger, generation_of, mark

_NODE_SECONDS: Final = 10.0
# Longer than a cluster takes to elect another primary.
_PATIENCE_SECONDS: Final = 60.0
_AT_ONCE: Final = 4096

Answer = TypeVar("Answer")


class StoreWriter:
    """A store that is written to; every call waits out what passes by, and raises what does not."""

    def __init__(self, url: str) -> None:
        """Connect; raises PostingsUnreachable."""
        self._client = connect(url, _NODE_SECONDS)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    @contextmanager
    def locked(self, name: str, seconds: float) -> Iterator[Callable[[], None]]:
        """Hold a lock that frees itself unless what this gives is called again within so many seconds.

        Raises PostingsBusy where another process has it, at first or later.
        """
        from redis.exceptions import LockError, RedisError

        lock = self._client.lock(name, timeout=seconds, blocking=False)
        if not self._insisting(lock.acquire):
            raise PostingsBusy("another process is loading postings into this store: wait until it has finished.")

        def keep() -> None:
            try:
                self._insisting(lock.reacquire)
            except LockError as error:
                raise PostingsBusy(
                    "the store of postings forgot who was loading, and another may be: load again."
                ) from error

        try:
            yield keep
        finally:
            with suppress(RedisError, OSError):
                lock.release()

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values of keys."""
        found: list[bytes | None] = self._many([("GET", key) for key in keys])
        return found

    def set(self, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Write values."""
        self._many([("SET", key, value) for key, value in zip(keys, values, strict=True)])

    def delete(self, keys: Sequence[bytes]) -> None:
        """Delete keys."""
        self._many([("UNLINK", key) for key in keys])

    def mark(self, ledger: Ledger) -> None:
        """Mark every shelf as holding all that a ledger says."""
        marks = [ledger.layout.mark_of(shelf) for shelf in range(SHELVES)]
        self.set(marks, [mark(ledger.generation)] * SHELVES)

    def is_marked(self, ledger: Ledger) -> bool:
        """Tell whether every shelf holds what a ledger says."""
        marks = self.get([ledger.layout.mark_of(shelf) for shelf in range(SHELVES)])
        return min(map(generation_of, marks)) >= ledger.generation

    def delete_layout(self, layout: Layout) -> None:
        """Delete everything that stands in a layout, its marks first, so that no reader takes a part for all."""
        self.delete([layout.mark_of(shelf) for shelf in range(SHELVES)])
        for keys in layout.all_keys(_AT_ONCE):
            self.delete(keys)

    def standing(self) -> list[str]:
        """Return which run of which server holds the primaries' part now: another one may have forgotten something."""
        found = self._insisting(self._servers_told)
        runs = [str(told.get("run_id") or f"{told.get('process_id')} {told.get('tcp_port')}") for told in found]
        return sorted(runs)

    def _servers_told(self) -> list[dict[str, Any]]:
        from redis.cluster import RedisCluster

        client = self._client
        if not isinstance(client, RedisCluster):
            return [client.info("server")]
        client.nodes_manager.initialize()
        primaries = client.get_primaries()  # type: ignore[no-untyped-call]
        return [client.get_redis_connection(node).info("server") for node in primaries]

    def _many(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        def run() -> list[Any]:
            pipeline = self._client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            return list(pipeline.execute())

        return self._insisting(run)

    def _insisting(self, action: Callable[[], Answer]) -> Answer:
        """Try for as long as a failover takes."""
        from redis.exceptions import (
            ClusterError,
            LockError,
            OutOfMemoryError,
            RedisClusterException,
            RedisError,
            ResponseError,
        )

        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return action()
            except LockError:
                raise
            except (RedisError, OSError) as error:
                passing = not isinstance(error, ResponseError) or _is_passing(str(error))
                if isinstance(error, OutOfMemoryError) or not passing:
                    raise UnusableStore(f"the store of postings does not take them: {error}") from error
                if time.monotonic() > until:
                    raise PostingsUnreachable(f"the store of postings does not answer: {error}") from error
                if isinstance(error, ClusterError | RedisClusterException):
                    self._look_anew()
                time.sleep(0.5)

    def _look_anew(self) -> None:
        from redis.cluster import RedisCluster
        from redis.exceptions import RedisError

        if isinstance(self._client, RedisCluster):
            with suppress(RedisError, OSError):
                self._client.nodes_manager.initialize()


def _is_passing(said: str) -> bool:
    return any(
        word in said for word in ("CLUSTERDOWN", "LOADING", "TRYAGAIN", "MASTERDOWN", "READONLY", "MOVED", "ASK")
    )
