"""Real Redis servers on loopback: one alone, or a cluster of three primaries and three replicas."""

import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

NODE_TIMEOUT_MS = 1500
_SECONDS = 40


class ServersMissing(Exception):
    """No server can be started here."""


@dataclass
class Server:
    """One process, which keeps nothing on the disk."""

    port: int
    folder: Path
    settings: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> Redis:
        """A new connection."""
        return Redis(port=self.port, socket_timeout=5, protocol=2)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        command = [_program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--save", "", "--loglevel", "warning", *self.settings]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self.answers, f"a Redis on port {self.port}")

    def answers(self) -> bool:
        """Tell whether it is there."""
        try:
            return bool(self.client.ping())
        except (RedisError, OSError):
            return False

    def cluster(self, *command: str) -> Any:
        """Return what it says to a command about its cluster."""
        return self.client.execute_command(f"CLUSTER {command[0]}", *command[1:])  # type: ignore[no-untyped-call]

    def replication(self) -> dict[str, Any]:
        """Return whose replica it is, or which replicas it has."""
        return self.client.info("replication")

    def kill(self) -> None:
        """End it as a power failure does."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def freeze(self) -> None:
        """Make it hang, its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)


@dataclass
class Cluster:
    """Six nodes that know each other."""

    servers: list[Server] = field(default_factory=list)

    @property
    def url(self) -> str:
        """An address that names all of them."""
        return "redis://" + ",".join(f"127.0.0.1:{one.port}" for one in self.servers)

    @property
    def standing(self) -> list[Server]:
        """The nodes that answer."""
        return [one for one in self.servers if one.answers()]

    def primaries(self) -> list[Server]:
        """Return the standing primaries."""
        return [one for one in self.standing if one.replication()["role"] == "master"]

    def replica_of(self, primary: Server) -> Server:
        """Return the replica of a primary."""
        (replica,) = (one for one in self.standing if one.replication().get("master_port") == primary.port)
        return replica

    def is_well(self) -> bool:
        """Tell whether every node sees all slots served, and by three primaries that have a replica in step each."""
        told = [one.replication() for one in self.standing]
        return (
            self.is_ok()
            and sum(one["role"] == "master" and one["connected_slaves"] > 0 for one in told) == 3
            and all(one["master_link_status"] == "up" for one in told if one["role"] == "slave")
            # A replica is told of when it has introduced itself.
            and all(len(slots) > 3 for one in self.standing for slots in one.cluster("SLOTS"))
        )

    def is_ok(self, without: Server | None = None) -> bool:
        """Tell whether three primaries stand, and every node sees all slots served; one node may be left out."""
        standing = [one for one in self.servers if one is not without and one.answers()]
        primaries = sum(one.replication()["role"] == "master" for one in standing)
        return primaries == 3 and all(one.cluster("INFO")["cluster_state"] == "ok" for one in standing)

    def move_slots(self, giver: Server, taker: Server, count: int) -> None:
        """Move some slots with all that lies in them, key by key, as an operator who adds a node does."""
        ids = [str(one.cluster("MYID"), "ascii") for one in (giver, taker)]
        command = [_program("redis-cli"), "--cluster", "reshard", f"127.0.0.1:{giver.port}", "--cluster-yes"]
        command += ["--cluster-from", ids[0], "--cluster-to", ids[1], "--cluster-slots", str(count)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def wait_for(condition: Callable[[], bool], what: str, seconds: float = _SECONDS) -> None:
    """Wait until a condition holds; raises TimeoutError."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.1)


@contextmanager
def one_server(folder: Path) -> Iterator[Server]:
    """Start one server; raises ServersMissing."""
    server = Server(_free_ports(1)[0], folder / "redis")
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def cluster(folder: Path, node_timeout_ms: int = NODE_TIMEOUT_MS, settings: tuple[str, ...] = ()) -> Iterator[Cluster]:
    """Start six nodes, with more settings than they need, and join them; raises ServersMissing."""
    every = ("--cluster-enabled", "yes", "--cluster-node-timeout", str(node_timeout_ms), *settings)
    made = Cluster([Server(port, folder / f"node-{port}", every) for port in _free_ports(6)])
    command = [_program("redis-cli"), "--cluster", "create", *(f"127.0.0.1:{one.port}" for one in made.servers)]
    try:
        for one in made.servers:
            one.start()
        subprocess.run([*command, "--cluster-replicas", "1", "--cluster-yes"], check=True, stdout=subprocess.DEVNULL)
        wait_for(made.is_well, "the cluster")
        yield made
    finally:
        for one in made.servers:
            one.kill()


def require_programs() -> None:
    """Raise ServersMissing where the programs are not installed."""
    for name in ("redis-server", "redis-cli"):
        _program(name)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ServersMissing(f"{name} is not installed here: apt-get install redis-server")
    return found


def _free_ports(count: int) -> list[int]:
    """Return ports that are free, and whose cluster bus, 10,000 higher, is free as well.

    They are taken at random from below those that the system gives out, so that two who start servers seldom meet.
    """
    found: list[int] = []
    for port in random.sample(range(10_100, 20_000), 2_000):
        if _is_free(port) and _is_free(port + 10_000):
            found.append(port)
            if len(found) == count:
                return found
    raise ServersMissing("there are no free ports for Redis servers")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
