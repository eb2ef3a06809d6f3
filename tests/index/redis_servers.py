"""Real Redis servers of a test's own on loopback: one alone, or a cluster of three primaries and three replicas."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

_SECONDS = 40
NODE_TIMEOUT_MS = 1500


@dataclass
class Server:
    """One process; `kill` is as a power failure is, `freeze` as a machine that hangs."""

    port: int
    folder: Path
    cluster: bool
    process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=5, protocol=2)

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        command = [_program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--save", "", "--loglevel", "warning"]
        if self.cluster:
            command += ["--cluster-enabled", "yes", "--cluster-node-timeout", str(NODE_TIMEOUT_MS)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self.answers, f"a Redis on port {self.port}")

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except (RedisError, OSError):
            return False

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)


@dataclass
class Cluster:
    """Six nodes that know each other."""

    servers: list[Server] = field(default_factory=list)

    @property
    def url(self) -> str:
        return "redis://" + ",".join(f"127.0.0.1:{one.port}" for one in self.servers)

    def replica_of(self, primary: Server) -> Server:
        (replica,) = (
            one
            for one in self.servers
            if one.answers() and one.client.info("replication").get("master_port") == primary.port
        )
        return replica

    def primaries(self) -> list[Server]:
        return [one for one in self.servers if one.answers() and one.client.info("replication")["role"] == "master"]

    def is_well(self) -> bool:
        """Tell whether every node sees all slots served, and each of the three primaries has a replica in step."""
        standing = [one.client for one in self.servers if one.answers()]
        seen = [one.execute_command("CLUSTER INFO") for one in standing]
        told = [one.info("replication") for one in standing]
        return (
            all(one["cluster_state"] == "ok" for one in seen)
            and sum(one["role"] == "master" and one["connected_slaves"] > 0 for one in told) == 3
            and all(one["master_link_status"] == "up" for one in told if one["role"] == "slave")
        )

    def is_ok(self) -> bool:
        """Tell whether every node that stands sees all slots served."""
        return self.is_ok_but(None)

    def is_ok_but(self, without: Server | None) -> bool:
        standing = [one.client for one in self.servers if one is not without and one.answers()]
        return all(one.execute_command("CLUSTER INFO")["cluster_state"] == "ok" for one in standing)

    def move_slots(self, giver: Server, taker: Server, count: int) -> None:
        """Move some slots with all that lies in them, key by key, as an operator who adds a node does."""
        ids = [str(one.client.execute_command("CLUSTER MYID"), "ascii") for one in (giver, taker)]
        command = [_program("redis-cli"), "--cluster", "reshard", f"127.0.0.1:{giver.port}", "--cluster-yes"]
        command += ["--cluster-from", ids[0], "--cluster-to", ids[1], "--cluster-slots", str(count)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def wait_for(condition, what: str, seconds: float = _SECONDS) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited {seconds} s for {what}"
        time.sleep(0.1)


@contextmanager
def one_server(folder: Path) -> Iterator[Server]:
    server = Server(_free_ports(1)[0], folder / "redis", cluster=False)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start six nodes and join them."""
    made = Cluster([Server(port, folder / f"node-{port}", cluster=True) for port in _free_ports(6)])
    command = [_program("redis-cli"), "--cluster", "create", *(f"127.0.0.1:{one.port}" for one in made.servers)]
    try:
        for one in made.servers:
            one.start()
        subprocess.run([*command, "--cluster-replicas", "1", "--cluster-yes"], check=True, stdout=subprocess.DEVNULL)
        wait_for(made.is_well, "the cluster")
        yield made
    finally:
        for one in made.servers:
            if one.process is not None:
                one.kill()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here: apt-get install redis-server")
    return found


def _free_ports(count: int) -> list[int]:
    """Return ports that are free, and whose cluster bus, 10,000 higher, is free as well."""
    found: list[int] = []
    for port in range(20_000, 50_000):
        if port % 7 == 0 and _is_free(port) and _is_free(port + 10_000):
            found.append(port)
            if len(found) == count:
                return found
    pytest.skip("there are no free ports for Redis servers")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
