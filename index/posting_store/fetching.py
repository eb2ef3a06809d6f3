"""Fetching many buckets at once: one round trip to each node that holds some, and an end to it whatever the nodes do.

A node that does not answer is left out for a while, and its replica asked: what is stored never changes under a name
but by a load, and the marks of the shelves tell a replica that lags behind from one that does not. So checks go on
while a cluster elects another primary. What nobody answers is told apart from what is not there.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from index.errors import PostingsUnreachable
from index.posting_store.connecting import connect
from index.posting_store.layout import SLOTS, Numbers

if TYPE_CHECKING:
    from redis import Redis

    from index.posting_store.connecting import Client

# A node answers within that, or is left out for a while; a check waits no longer than for a few of them.
_NODE_SECONDS: Final = 0.4
_MOST_SECONDS: Final = 1.0
_ATTEMPTS: Final = 3
_LEFT_OUT_SECONDS: Final = 2.0
_BETWEEN_REFRESHES: Final = 0.5
# Replicas come and go while nothing fails.
_KNOWN_SECONDS: Final = 10.0
_GET: Final = b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n"
_READONLY: Final = b"*1\r\n$8\r\nREADONLY\r\n"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: the values by place, None where there is none, and the marks of the nodes that were asked.

    `answered` is False where some value was not answered at all.
    """

    values: list[bytes | None]
    marks: list[bytes | None]
    answered: bool


@dataclass(slots=True)
class _Asked:
    """A node that was sent a request: its name, the places that were asked for, how many replies come, and where."""

    name: str
    node: "Redis"
    places: list[int]
    replies: int
    connection: Any


class Fetcher:
    """Reads from the servers that a URL names, connecting when it is first used; safe to use from several threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None
        self._nodes: list[list[tuple[str, Redis]]] = []
        self._left_out: dict[str, float] = {}
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._not_before = 0.0
        self._known_until = 0.0
        self.reason = ""

    def fetch(
        self, slots: Numbers, keys: Sequence[bytes], mark_beside: Callable[[int], bytes] | None = None
    ) -> Fetched:
        """Return the values of keys, each of which lies in a slot; never raises, and takes about a second at most.

        `mark_beside` names the mark that vouches for the key at a place, and for all that stands on the same node.
        """
        end = time.monotonic() + _MOST_SECONDS
        values: list[bytes | None] = [None] * len(keys)
        marks: list[bytes | None] = []
        waiting = list(range(len(keys)))
        on = slots.tolist()
        for _ in range(_ATTEMPTS):
            waiting = self._round(waiting, on, keys, mark_beside, values, marks, end)
            if not waiting or time.monotonic() > end:
                break
        return Fetched(values, marks, not waiting)

    def get(self, key: bytes, slot: int) -> bytes | None:
        """Return one value; raises PostingsUnreachable."""
        fetched = self.fetch(np.array([slot]), [key])
        if not fetched.answered:
            raise PostingsUnreachable(f"the store of postings does not answer: {self.reason}")
        return fetched.values[0]

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            self._client.close()

    def _round(
        self,
        waiting: list[int],
        on: list[int],
        keys: Sequence[bytes],
        mark_beside: Callable[[int], bytes] | None,
        values: list[bytes | None],
        marks: list[bytes | None],
        end: float,
    ) -> list[int]:
        """Ask every node for what it holds, then read what each answers; return the places still to be asked for.

        After `end` nobody is waited for any more.
        """
        failed: list[int] = []
        asked: list[_Asked] = []
        for name, node, places in self._by_node(waiting, on, failed):
            request = [_READONLY] if self._is_cluster else []
            mark = [] if mark_beside is None else [mark_beside(places[0])]
            for key in (*mark, *(keys[place] for place in places), *mark):
                request.append(_GET % (len(key), key))
            connection = self._sent(name, node, b"".join(request)) if time.monotonic() < end else None
            if connection is None:
                failed += places
            else:
                asked.append(_Asked(name, node, places, len(request), connection))
        for one in asked:
            if time.monotonic() < end:
                failed += self._received(one, keys, values, marks if mark_beside else None)
            else:
                one.connection.disconnect()
                one.node.connection_pool.release(one.connection)
                failed += one.places
        return failed

    def _by_node(self, waiting: list[int], on: list[int], failed: list[int]) -> list[tuple[str, "Redis", list[int]]]:
        """Group the places by the first node that holds them and is not left out; those that have none have failed."""
        try:
            self._connected()
        except PostingsUnreachable:
            failed += waiting
            return []
        nodes, now = self._nodes, time.monotonic()
        out = {name for name, until in list(self._left_out.items()) if until > now}
        groups: dict[str, tuple[Redis, list[int]]] = {}
        for place in waiting:
            for name, node in nodes[on[place]]:
                if name not in out:
                    groups.setdefault(name, (node, []))[1].append(place)
                    break
            else:
                failed.append(place)
        if failed or now > self._known_until:
            self._refresh_aside()
        return [(name, node, places) for name, (node, places) in groups.items()]

    def _sent(self, name: str, node: "Redis", request: bytes) -> Any:
        """Send a request and return the connection that the answer comes on; None where the node cannot be reached."""
        from redis.exceptions import RedisError

        connection = None
        try:
            connection = node.connection_pool.get_connection()
            connection.send_packed_command([request], check_health=False)  # type: ignore[no-untyped-call]
        except (RedisError, OSError) as error:
            if connection is not None:
                node.connection_pool.release(connection)
            self._leave_out(name, error)
            return None
        return connection

    def _received(
        self, asked: _Asked, keys: Sequence[bytes], values: list[bytes | None], marks: list[bytes | None] | None
    ) -> list[int]:
        """Read what a node answers; return the places that it could not answer for."""
        from redis.exceptions import AskError, MovedError, RedisError, ResponseError

        replies: list[Any] = []
        try:
            while len(replies) < asked.replies:
                try:
                    replies.append(asked.connection.read_response(disable_decoding=True))
                except ResponseError as error:
                    replies.append(error)
        except (RedisError, OSError) as error:
            asked.connection.disconnect()
            self._leave_out(asked.name, error)
            return asked.places
        finally:
            asked.node.connection_pool.release(asked.connection)
        if self._is_cluster:
            replies.pop(0)
        if marks is not None:
            # What comes between two marks is no older than the first and no younger than the second.
            between = [replies.pop(0), replies.pop()]
            if any(isinstance(one, Exception) for one in between):
                replies = [next(one for one in between if isinstance(one, Exception))] * len(replies)
            else:
                marks += between
        failed = []
        for place, reply in zip(asked.places, replies, strict=True):
            if not isinstance(reply, Exception):
                values[place] = reply
                continue
            failed.append(place)
            if isinstance(reply, AskError):
                with suppress(RedisError, OSError):
                    values[place] = self._redirected(keys[place])
                    failed.pop()
            elif isinstance(reply, MovedError):
                self._refresh()
            else:
                self._refuse(asked.name, reply)
        return failed

    def _refuse(self, name: str, error: Exception) -> None:
        """Note that a node does not answer for a key; leave it out, but where all of them wait for an election."""
        from redis.exceptions import ClusterDownError, MasterDownError

        if isinstance(error, ClusterDownError) and not isinstance(error, MasterDownError):
            self._fail(f"{name}: {error}")
            self._refresh_aside()
        else:
            self._leave_out(name, error)

    def _redirected(self, key: bytes) -> bytes | None:
        """Return a value that is being moved to another node, to where the client of the cluster follows it."""
        found: bytes | None = self._connected().get(key)  # type: ignore[assignment]
        return found

    @property
    def _is_cluster(self) -> bool:
        return hasattr(self._client, "nodes_manager")

    def _connected(self) -> "Client":
        if self._client is None:
            with self._lock:
                if self._client is None:
                    # Who is not there is not waited for by every check.
                    if time.monotonic() < self._not_before:
                        raise PostingsUnreachable(self.reason)
                    try:
                        client = connect(self._url, _NODE_SECONDS)
                    except PostingsUnreachable as error:
                        self._not_before = time.monotonic() + _LEFT_OUT_SECONDS
                        self._fail(str(error))
                        raise
                    self._nodes = _nodes_by_slot(client)
                    self._known_until = time.monotonic() + _KNOWN_SECONDS
                    self._client = client
        return self._client

    def _leave_out(self, name: str, error: Exception) -> None:
        self._left_out[name] = time.monotonic() + _LEFT_OUT_SECONDS
        self._fail(f"{name}: {error}")
        self._refresh_aside()

    def _fail(self, reason: str) -> None:
        self.reason = reason

    def _refresh_aside(self) -> None:
        """Ask the cluster anew who holds what, without letting a check wait for it."""
        if self._is_cluster and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + _BETWEEN_REFRESHES
            threading.Thread(target=self._refresh, daemon=True).start()

    def _refresh(self) -> None:
        from redis.exceptions import RedisError

        client = self._client
        if not self._refreshing.acquire(blocking=False):
            return
        try:
            if client is not None and hasattr(client, "nodes_manager"):
                client.nodes_manager.initialize(disconnect_startup_nodes_pools=False)
                self._nodes = _nodes_by_slot(client)
                self._known_until = time.monotonic() + _KNOWN_SECONDS
        except (RedisError, OSError) as error:
            self._fail(str(error))
        finally:
            self._refreshing.release()


def _nodes_by_slot(client: "Client") -> list[list[tuple[str, "Redis"]]]:
    """Return the nodes that hold each slot, its primary first."""
    manager = getattr(client, "nodes_manager", None)
    if manager is None:
        return [[("the server", client)]] * SLOTS  # type: ignore[list-item]
    return [
        [(node.name, client.get_redis_connection(node)) for node in manager.slots_cache.get(slot, [])]  # type: ignore[union-attr]
        for slot in range(SLOTS)
    ]
