"""A connection that a client cannot hold for ever by sending, or reading, a byte now and then."""

import errno
import socket
import time
from typing import Any

GRACE_SECONDS = 20.0
LEAST_BYTES_A_SECOND = 16_000
"""Behind the grace, what a request is sent with, and its answer read with, on the whole."""


class PatientSocket(socket.socket):
    """A connected socket, taken over from another, that gives up as if the client had gone."""

    def __init__(self, taken: socket.socket) -> None:
        super().__init__(taken.family, taken.type, taken.proto, fileno=taken.detach())
        self._until: float | None = None

    def expect_request(self) -> None:
        """Begin to count with the next bytes that are asked for."""
        self._until = None

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive as always; raises ConnectionResetError where the request has taken too long."""
        if self.gettimeout() == 0:
            return super().recv(size, flags)
        now = time.monotonic()
        if self._until is None:
            self._until = now + GRACE_SECONDS
        if now >= self._until:
            raise _too_slow()
        self.settimeout(self._until - now)
        try:
            received = super().recv(size, flags)
        except TimeoutError:
            raise _too_slow() from None
        finally:
            self.settimeout(None)
        self._until += len(received) / LEAST_BYTES_A_SECOND
        return received

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send as always; raises ConnectionResetError where nobody takes it."""
        self.settimeout(GRACE_SECONDS + len(data) / LEAST_BYTES_A_SECOND)
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise _too_slow() from None
        finally:
            self.settimeout(None)


def _too_slow() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "the client is too slow")
