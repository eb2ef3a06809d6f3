"""Follows a published index while a server runs: looks for a new revision now and then, and takes it."""

import logging
import threading

from attrib.logs import FIELDS
from attrib.reference_keeper import ReferenceKeeper
from index.errors import IndexBusy, ReferenceIndexError

log = logging.getLogger(__name__)


class Following:
    """Pulls from an address every so many seconds, on a thread of its own.

    Each process has one; whoever comes first pulls, and the others see the new revision with their next search. Where
    nothing can be pulled, what is there goes on being served, and the log says so once.
    """

    def __init__(self, keeper: ReferenceKeeper, address: str, every: float) -> None:
        self._keeper = keeper
        self._address = address
        self._every = every
        self._told: str | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin; the first look is after the first pause."""
        threading.Thread(target=self._run, name="following", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def look(self) -> None:
        """Pull what is new, if another process does not do so already."""
        try:
            pulled = self._keeper.pull(self._address)
            self._told = None
            if pulled is not None:
                log.info("a published index was taken over", extra={FIELDS: {"revision": pulled.revision}})
        except IndexBusy:
            return
        except ReferenceIndexError as error:
            if self._told != str(error):
                self._told = str(error)
                log.warning("the published index cannot be followed: %s", error)

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self.look()
            except Exception:
                # The next time may go better; until then what is there is served.
                log.exception("the published index could not be followed")
