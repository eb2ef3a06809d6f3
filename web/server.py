"""The application under gunicorn: processes of several threads, which finish what runs when they are stopped."""

import gc
import logging
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException  # type: ignore[import-untyped]
from gunicorn.util import write_error  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from attrib.config import Config
from web.slow_clients import PatientSocket

THREADS = 8
RECORDING_SHARE = 0.2
"""So much of the time that a stopped server has is for recording what it did not finish."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Serving:
    """Where to listen, with how many processes, for which host names, and whether every request is logged.

    `always_asks` says that a key or a login is asked for even where no key was ever made.
    """

    bind: str
    workers: int
    trusted_hosts: tuple[str, ...] | None
    always_asks: bool
    access_log: bool


def serve(config: Config, serving: Serving, listening: Callable[[], None]) -> None:
    """Serve until told to stop, and exit; `listening` is called once connections are taken.

    SIGTERM and SIGINT stop it: no new connection is taken, and what runs has `stop_seconds` to end. A second SIGINT
    ends it at once. Generations that would take longer are cut short and recorded.
    """
    folder = tempfile.mkdtemp(prefix="attrib-metrics-")
    # prometheus_client reads it when it is imported, and then counts in files that all processes see.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    # What the workers would each import is imported once and shared; neither a thread nor a connection is.
    for module in ("attrib.bootstrap", "web.app"):
        import_module(module)
    gc.freeze()
    _Arbiter(_Application(config, serving, listening, folder)).run()


def gunicorn_settings(bind: str, workers: int, stop_seconds: int) -> dict[str, Any]:
    """Return how gunicorn runs an application of ours, whichever it is."""
    return {
        "bind": bind,
        "workers": workers,
        "worker_class": _Worker,
        "logger_class": _Log,
        "threads": THREADS,
        "timeout": 0,
        "graceful_timeout": stop_seconds,
        "loglevel": "warning",
        "control_socket_disable": True,
    }


class _Application(BaseApplication):  # type: ignore[misc]
    """gunicorn, set up from here instead of from its own files; each worker builds its own service."""

    def __init__(self, config: Config, serving: Serving, listening: Callable[[], None], folder: str) -> None:
        self._config = config
        self._serving = serving
        self._listening = listening
        self._folder = folder
        self.cut_short: Callable[[], None] | None = None
        super().__init__()

    def load_config(self) -> None:
        hooks = {
            "when_ready": lambda arbiter: self._listening(),
            "child_exit": _forget_live_numbers,
            "on_exit": lambda arbiter: shutil.rmtree(self._folder, ignore_errors=True),
        }
        common = gunicorn_settings(self._serving.bind, self._serving.workers, self._config.stop_seconds)
        for name, value in (common | hooks).items():
            self.cfg.set(name, value)

    def load(self) -> object:
        from attrib.bootstrap import build_service, open_access
        from attrib.check_gate import CheckGate
        from attrib.expiry import Expiry
        from attrib.following import Following
        from web.app import create_app
        from web.metrics import Metrics

        metrics = Metrics()
        service = build_service(self._config, metrics, CheckGate(seconds=self._config.max_check_seconds))
        service.warm_up()
        self.cut_short = service.cut_short
        if self._config.follow:
            Following(service, self._config.follow, self._config.follow_seconds).start()
        Expiry(service, self._config.home, self._config.keep_days).start()
        return create_app(
            service,
            self._config,
            trusted_hosts=self._serving.trusted_hosts,
            access=open_access(self._config, self._serving.always_asks),
            metrics=metrics,
            access_log=self._serving.access_log,
        )


class _Arbiter(Arbiter):  # type: ignore[misc]
    """Stops as gracefully for Ctrl+C as for SIGTERM."""

    def handle_int(self) -> None:
        self.handle_term()


class _Worker(ThreadWorker):  # type: ignore[misc]
    """Finishes what runs, refuses what comes meanwhile, and repeats nothing of a request that it could not read."""

    def init_signals(self) -> None:
        super().init_signals()
        # Ctrl+C reaches every process of the terminal; the arbiter says when it is enough.
        signal.signal(signal.SIGINT, self.handle_exit)

    def enqueue_req(self, conn: Any) -> None:
        """Have a thread answer the next request of a connection, for as long as its client keeps up."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(conn.sock)
        conn.sock.expect_request()
        super().enqueue_req(conn)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            # An open socket would go on collecting connections that nobody answers.
            for listener in self.sockets:
                listener.close()
            self._end_in_time()

    def _end_in_time(self) -> None:
        """See to it that what is still being written when time runs out ends properly, and is recorded."""
        cut_short = getattr(self.app, "cut_short", None)
        if cut_short is not None:
            seconds = self.cfg.graceful_timeout * (1 - RECORDING_SHARE)
            timer = threading.Timer(seconds, cut_short)
            timer.daemon = True
            timer.start()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that is no HTTP, or whose answer failed outside of the application."""
        if isinstance(exc, ParseException):
            status, reason = _refusal(exc)
            log.warning("a request that is no HTTP was refused (%s)", type(exc).__name__)
        else:
            status, reason = 500, "Internal Server Error"
            log.error("a request failed outside of the application", exc_info=exc)
        try:
            write_error(client, status, reason, "")
        except OSError:
            log.debug("the client has gone")


class _Log(Logger):  # type: ignore[misc]
    """Hands gunicorn's own lines to the log that the process has."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(cfg.loglevel.upper())


def _refusal(error: ParseException) -> tuple[int, str]:
    match error:
        case LimitRequestLine():
            return 414, "URI Too Long"
        case LimitRequestHeaders():
            return 431, "Request Header Fields Too Large"
        case _:
            return 400, "Bad Request"


def _forget_live_numbers(arbiter: Any, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
