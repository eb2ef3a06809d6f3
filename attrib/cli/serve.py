"""`attrib serve`: the web form and the JSON API, under gunicorn."""

import ipaddress
import socket
from typing import TYPE_CHECKING

import click

from attrib.cli import options
from attrib.cli.terminal import notes
from attrib.errors import ConfigurationError

if TYPE_CHECKING:
    from attrib.config import Config

THREADS = 8
# A generation on a CPU may take minutes; the worker's own threads answer in the meantime.
GRACEFUL_SECONDS = 30


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes, each with a model."
)
@click.option("--open-to-all", is_flag=True, help="Listen beyond this machine although nobody is asked for a key.")
@options.model
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    workers: int,
    open_to_all: bool,
    model: str | None,
    device: str | None,
    dtype: str | None,
) -> None:
    """Serve the web form and the JSON API."""
    from attrib import database

    config = options.settings(context, {"model": model, "device": device, "dtype": dtype})
    if not open_to_all and not _is_loopback(host):
        raise ConfigurationError(
            f"{host} can be reached from other machines and nobody is asked for a key: "
            "put a server that does in front of 127.0.0.1, or give --open-to-all"
        )
    _require_free(host, port)
    # Before the workers start, so that they do not wait for each other and one line tells what is wrong.
    database.open_database(config.database_url).dispose()
    shown = f"[{host}]" if ":" in host else host
    notes().print(f"Attrib listens on http://{shown}:{port} (stop it with Ctrl+C)")
    # A page of another site must not be able to ask this machine under that site's own name.
    _run(config, f"{shown}:{port}", workers, None if open_to_all else ("localhost", "127.0.0.1", "[::1]", shown))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host} port {port} ({error.strerror}): give another") from error


def _run(config: "Config", bind: str, workers: int, trusted_hosts: tuple[str, ...] | None) -> None:
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

    class Server(BaseApplication):  # type: ignore[misc]
        """gunicorn, set up from here instead of from its own files; each worker builds its own service."""

        def load_config(self) -> None:
            for name, value in {
                "bind": bind,
                "workers": workers,
                "worker_class": "gthread",
                "threads": THREADS,
                "timeout": 0,
                "graceful_timeout": GRACEFUL_SECONDS,
                "loglevel": "warning",
                "control_socket_disable": True,
            }.items():
                self.cfg.set(name, value)

        def load(self) -> object:
            from attrib.bootstrap import build_service
            from web.app import create_app

            service = build_service(config)
            service.warm_up()
            return create_app(service, config, trusted_hosts=trusted_hosts)

    Server().run()
