"""The web application: the pages and the JSON API over one service."""

from collections.abc import Sequence

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

from attrib import __version__
from attrib.access import Access
from attrib.config import Config
from attrib.service import Service
from web import (
    api,
    audit_pages,
    audits,
    authentication,
    compression,
    current,
    decisions,
    deleting,
    errors,
    filters,
    finished,
    health,
    licenses,
    limits,
    login,
    openai,
    openai_errors,
    pages,
    problems,
    rate_limits,
    reference,
    review_pages,
    security,
    server_paths,
)
from web.access_log import AccessLog
from web.in_memory import InMemoryRequest
from web.metrics import Metrics

_BLUEPRINTS = (
    *(pages, audit_pages, review_pages, api, audits, decisions, server_paths),
    *(deleting, openai, health, problems, login, reference),
)


def create_app(
    service: Service,
    config: Config,
    *,
    trusted_hosts: Sequence[str] | None = None,
    access: Access | None = None,
    metrics: Metrics | None = None,
    access_log: bool = False,
) -> Flask:
    """Build the WSGI application over a service.

    `access` holds the keys and the sessions; with None nobody is asked who they are, and everybody may do everything.

    `trusted_hosts` are the host names that may be asked for (a name with a leading dot: its subdomains too); a
    server on loopback gives its own names, so that no other site's name can be pointed at it. None: any name.
    `metrics` are those that the service tells of its work; without them only requests are counted.
    """
    app = Flask(__name__)
    app.request_class = InMemoryRequest
    metrics = metrics or Metrics()
    app.config.update(
        BOOTSTRAP_SERVE_LOCAL=True,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        TRUSTED_HOSTS=None if trusted_hosts is None else list(trusted_hosts),
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["license"] = licenses.LicenseConverter
    current.keep(app, service, config, access, metrics)
    finished.tell(app, (metrics, AccessLog()) if access_log else (metrics,))
    Bootstrap5(app)
    limits.register(app, config)
    compression.register(app)
    filters.register(app, __version__)
    authentication.identify_first(app)
    limiter = rate_limits.limit(app, config)
    security.guard(app)
    authentication.require_permission(app)
    errors.register(app, {"/v1/": openai_errors.as_openai})
    for module in _BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    rate_limits.limit_wrong_logins(app, limiter, "login.enter")
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, config.trusted_proxies, config.trusted_proxies)  # type: ignore[method-assign]
    return app
