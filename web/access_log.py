"""One log line for every request: its id, route, status and time, never its address, its body or its query."""

import logging

from attrib.logs import FIELDS
from web.finished import Finished

log = logging.getLogger(__name__)


class AccessLog:
    """Logs requests when they are finished."""

    def request_begun(self) -> None:
        """Nothing is logged yet."""

    def request_finished(self, finished: Finished) -> None:
        """Log what became of a request."""
        fields = {
            "request_id": finished.request_id,
            "method": finished.method,
            "route": finished.route,
            "status": finished.status,
            "ms": round(finished.seconds * 1000, 2),
            "principal": finished.principal,
        }
        log.info("request", extra={FIELDS: fields})
