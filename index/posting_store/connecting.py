"""Connections to what keeps the postings: one server, or a cluster, which is found by itself.

Anything that speaks the protocol of Redis 6 or newer: Redis, Redis Cluster, Valkey, Kvrocks.
"""

from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from index.errors import PostingsUnreachable

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

    Client: TypeAlias = Redis | RedisCluster


def connect(url: str, seconds: float) -> "Client":
    """Connect to the first of the addresses that answers, each server to do so within `seconds`.

    `url` may name several nodes of a cluster, as in `redis://one:6379,two:6379`. Raises PostingsUnreachable.
    """
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.cluster import RedisCluster
        from redis.exceptions import RedisError
        from redis.retry import Retry
    except ModuleNotFoundError as error:
        raise PostingsUnreachable(
            "postings are kept in a Redis, and its client is not installed: pip install 'attrib[redis]'."
        ) from error
    said = ""
    for address in addresses(url):
        try:
            one = Redis.from_url(
                address,
                socket_timeout=seconds,
                socket_connect_timeout=seconds,
                protocol=2,
                retry=Retry(NoBackoff(), 0),
            )
            if not one.info("cluster").get("cluster_enabled"):
                return one
            one.close()
            return RedisCluster.from_url(
                address,
                socket_timeout=seconds,
                socket_connect_timeout=seconds,
                protocol=2,
                require_full_coverage=False,
                retry=Retry(NoBackoff(), 2),
            )
        except (RedisError, OSError, ValueError) as error:
            said = str(error) or type(error).__name__
    raise PostingsUnreachable(f"the postings at {without_secrets(url)} cannot be reached: {said}")


def addresses(url: str) -> list[str]:
    """Return a URL for each of the servers that one names."""
    parts = urlsplit(url)
    who, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=f"{who}{at}{host}")) for host in hosts.split(",") if host]


def without_secrets(url: str) -> str:
    """Return a URL without user, password and options, fit to be shown."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
