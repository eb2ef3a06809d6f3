"""`attrib serve`: the web form and the JSON API, under gunicorn."""

import ipaddress
import logging
import socket
from typing import TYPE_CHECKING

import click

from attrib.cli import options
from attrib.cli.opening import Opening
from attrib.cli.terminal import notes, printable_line
from attrib.errors import ConfigurationError

if TYPE_CHECKING:
    from attrib.config import Config

log = logging.getLogger(__name__)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes, each with a model."
)
@click.option("--open-to-all", is_flag=True, help="Listen beyond this machine although there is no key to ask for.")
@click.option("--follow", metavar="ADDRESS", help="Serve the index that is published there, and what is new in it.")
@click.option("--access-log", is_flag=True, help="Log a line for every request: id, route, status and time.")
@options.model
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    workers: int,
    open_to_all: bool,
    follow: str | None,
    access_log: bool,
    model: str | None,
    device: str | None,
    dtype: str | None,
) -> None:
    """Serve the web form and the JSON API.

    Once there is a key, everybody needs one. Without any, this machine alone is served.
    """
    from attrib import logs
    from attrib.bootstrap import open_access
    from web.server import Serving
    from web.server import serve as run

    config = options.settings(context, {"model": model, "device": device, "dtype": dtype, "follow": follow})
    shown = f"[{host}]" if ":" in host else host
    opening = Opening(shown, _is_loopback(host), open_to_all)
    _require_free(host, port)
    # Before the workers start, so that they do not wait for each other and one line tells what is wrong.
    with open_access(config, opening.always_asks(config)) as access:
        opening.require_safe(config, access)
        asks = access.asks
    if asks and workers > 1 and config.rate_limit != "off" and config.rate_limit_storage == "memory://":
        notes().print("Each worker counts its own requests against rate_limit: name a Redis in rate_limit_storage.")
    logs.configure(config.log_format)
    if config.follow is not None:
        _pull_first(config, config.follow)

    def listening() -> None:
        line = f"Attrib listens on http://{shown}:{port}"
        if config.log_format == "json":
            log.info(line)
        else:
            notes().print(f"{line} (stop it with Ctrl+C)")

    serving = Serving(
        f"{shown}:{port}", workers, opening.trusted_hosts(config), opening.always_asks(config), access_log
    )
    run(config, serving, listening)


def _pull_first(config: "Config", address: str) -> None:
    """Take over what is published before anything is served; where that fails, what is there already will do."""
    from attrib.bootstrap import open_index
    from index.errors import IndexBusy, UnusablePublication

    index = open_index(config)
    try:
        index.pull(address)
    except (IndexBusy, UnusablePublication) as error:
        if not index.totals().sources:
            raise
        notes().print(printable_line(f"revision {index.totals().revision} is served: {error}"))


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
