"""The web application: the pages and the JSON API over one service."""

from collections.abc import Sequence

from flask import Flask
from flask_bootstrap import Bootstrap5

from attrib import __version__
from attrib.config import Config
from attrib.service import Service
from web import (
    api,
    audit_pages,
    audits,
    current,
    errors,
    filters,
    health,
    openai,
    openai_errors,
    pages,
    problems,
    reference,
    security,
)

BYTES_OF_ONE = 6
"""Most bytes that JSON takes for one byte of code: a control character written as an escape."""

BESIDES_CODE = 256 * 1024
"""Bytes that a request may have besides its code: names, other fields, boundaries."""


def create_app(service: Service, config: Config, *, trusted_hosts: Sequence[str] | None = None) -> Flask:
    """Build the WSGI application over a service.

    `trusted_hosts` are the host names that may be asked for (a name with a leading dot: its subdomains too); a
    server on loopback gives its own names, so that no other site's name can be pointed at it. None: any name.
    """
    app = Flask(__name__)
    largest_body = BYTES_OF_ONE * config.max_code_bytes + BESIDES_CODE
    app.config.update(
        BOOTSTRAP_SERVE_LOCAL=True,
        MAX_CONTENT_LENGTH=largest_body,
        MAX_FORM_MEMORY_SIZE=largest_body,
        MAX_FORM_PARTS=64,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        TRUSTED_HOSTS=None if trusted_hosts is None else list(trusted_hosts),
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    current.keep(app, service, config)
    Bootstrap5(app)
    filters.register(app, __version__)
    security.guard(app)
    errors.register(app, {"/v1/": openai_errors.as_openai})
    for module in (pages, audit_pages, api, audits, openai, health, problems, reference):
        app.register_blueprint(module.blueprint)
    return app
