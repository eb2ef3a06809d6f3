"""`attrib serve` as a process of its own, and a model server that writes what a test wants, as slowly as it wants."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

READY_SECONDS = 60.0


class SlowModel(ThreadingHTTPServer):
    """An OpenAI-compatible server that always writes the same words, with a pause before the first and after each."""

    daemon_threads = True

    def __init__(self, words: Sequence[str], pause: float = 0.0, before: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.words = words
        self.pause = pause
        self.before = before
        self.writing = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def name(self) -> str:
        """What the setting `model` calls it."""
        return f"openai:http://127.0.0.1:{self.server_address[1]}/v1#slow?fim=starcoder"


class _Handler(BaseHTTPRequestHandler):
    server: SlowModel

    def log_message(self, *words: object) -> None:
        """Nothing is logged."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        chat = "messages" in asked
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        time.sleep(self.server.before)
        try:
            for word in (*self.server.words, None):
                said: dict[str, Any] = {"index": 0, "finish_reason": "stop" if word is None else None}
                said |= {"delta": {"content": word or ""}} if chat else {"text": word or ""}
                self.wfile.write(f"data: {json.dumps({'choices': [said]})}\n\n".encode())
                self.wfile.flush()
                self.server.writing.set()
                time.sleep(self.server.pause)
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            pass


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Served:
    """A running server; leaving the block stops it as SIGTERM does, and everything that it said is in `said`."""

    home: Path
    arguments: Sequence[str] = ()
    settings: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def __enter__(self) -> Self:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = (self.home.parent / f"said-{self.port}.txt").open("w+b")
        command = [sys.executable, "-m", "attrib", "serve", "--port", str(self.port), *self.arguments]
        # The code under test is that of this checkout, wherever an installed one comes from.
        environment = {"ATTRIB_HOME": str(self.home), "PYTHONPATH": str(Path(__file__).parents[1])} | self.settings
        self.process = subprocess.Popen(
            command,
            env={**{name: value for name, value in os.environ.items() if "ATTRIB" not in name}, **environment},
            cwd=self.home.parent,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self._wait()
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=40)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.said = self.output()
            self.log.close()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def output(self) -> str:
        """Return everything it has said until now, on both streams."""
        return Path(self.log.name).read_bytes().decode("utf-8", "replace")

    def workers(self) -> list[int]:
        """Return the ids of the processes that answer requests."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send one request and read its whole answer; redirects are not followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        got = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        connection.close()
        return got

    def send(self, path: str, document: Any, method: str = "POST") -> Answer:
        """Send a JSON document."""
        return self.ask(method, path, json.dumps(document).encode(), Content_Type="application/json")

    def _wait(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5).close()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        said = self.output()
        self.__exit__()
        raise AssertionError(f"the server never answered: {said}")
