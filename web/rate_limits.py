"""How often one key, or one address without a key, may ask."""

import time
from typing import Any, cast

from flask import Flask, Response, request
from flask_limiter import Limiter
from limits.errors import ConfigurationError as StorageError

from attrib.config import Config
from attrib.errors import ConfigurationError
from web.authentication import current_asker

WRONG_LOGINS = "10/minute"
NOT_COUNTED = frozenset({"health.healthz", "health.readyz", "health.metrics"})


def limit(app: Flask, config: Config) -> Limiter:
    """Count what is asked under each key and, without one, from each address; where nobody is asked, nothing is.

    Raises ConfigurationError where the storage cannot be used.
    """
    shared = config.rate_limit_storage != "memory://"
    limiter = Limiter(
        _asked_by,
        application_limits=[] if config.rate_limit == "off" else [config.rate_limit],
        application_limits_exempt_when=_not_counted,
        storage_uri=config.rate_limit_storage,
        strategy="sliding-window-counter",
        # Where the storage is away, each worker counts by itself until it is back.
        in_memory_fallback_enabled=shared,
    )
    try:
        limiter.init_app(app)
    except StorageError as error:
        raise ConfigurationError(f"rate_limit_storage cannot be used: {error}") from error
    app.after_request(lambda response: _tell(limiter, response))
    return limiter


def limit_wrong_logins(app: Flask, limiter: Limiter, endpoint: str) -> None:
    """Let an address try only so many wrong keys at the login."""
    limited = limiter.limit(
        WRONG_LOGINS, key_func=_address, methods=["POST"], deduct_when=lambda response: response.status_code == 401
    )
    app.view_functions[endpoint] = cast(Any, limited(app.view_functions[endpoint]))


def _asked_by() -> str:
    principal = current_asker().principal
    return _address() if principal is None else f"name {principal.name}"


def _address() -> str:
    return f"address {request.remote_addr}"


def _not_counted() -> bool:
    return not current_asker().asked or (request.endpoint or "") in NOT_COUNTED


def _tell(limiter: Limiter, response: Response) -> Response:
    """Say in the answer what is left; an address with no limit is told nothing."""
    counted = limiter.current_limit
    if counted is None:
        return response
    seconds = max(0, int(counted.reset_at - time.time()) + 1)
    response.headers["RateLimit-Limit"] = str(counted.limit.amount)
    response.headers["RateLimit-Remaining"] = str(max(0, counted.remaining))
    response.headers["RateLimit-Reset"] = str(seconds)
    if response.status_code == 429:
        response.headers["Retry-After"] = str(seconds)
    return response
