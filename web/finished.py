"""What is known of a request when the last byte of its answer has left."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Flask, Response, g, request

from attrib.principal import acting
from web.request_ids import request_id

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Finished:
    """A request that was answered; `route` is the rule it fell under, never the address itself, None where none did.

    `principal` is who asked, as the login calls them in `acting`; None where nobody was asked for a key.
    """

    request_id: str
    method: str
    route: str | None
    status: int
    seconds: float
    principal: str | None


class Watcher(Protocol):
    """Wants to know of every request."""

    def request_begun(self) -> None:
        """A request has arrived."""

    def request_finished(self, finished: Finished) -> None:
        """The last byte of an answer has left, or its reader has."""


def tell(app: Flask, watchers: Sequence[Watcher]) -> None:
    """Tell watchers of every request of an application; what is registered before this may refuse unseen."""
    app.before_request(lambda: _begin(watchers))
    app.after_request(lambda response: _await_end(response, watchers))


def _begin(watchers: Sequence[Watcher]) -> None:
    g.begun = time.perf_counter()
    for watcher in watchers:
        watcher.request_begun()


def _await_end(response: Response, watchers: Sequence[Watcher]) -> Response:
    response.call_on_close(_ended(response, g.begun, watchers))
    return response


def _ended(response: Response, begun: float, watchers: Sequence[Watcher]) -> Callable[[], None]:
    # Read now: the request is no longer at hand when its answer ends.
    asked = request_id()
    # A method may be any word that a client makes up.
    method = request.method if request.method in METHODS else "other"
    route = None if request.url_rule is None else request.url_rule.rule
    principal = acting.get()

    def end() -> None:
        seconds = time.perf_counter() - begun
        finished = Finished(asked, method, route, response.status_code, seconds, principal)
        for watcher in watchers:
            watcher.request_finished(finished)

    return end
