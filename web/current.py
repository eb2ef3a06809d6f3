"""What the application at work was built over."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from attrib.access import Access
from attrib.config import Config
from attrib.service import Service
from web.metrics import Metrics

_KEY = "attrib"


@dataclass(frozen=True, slots=True)
class _Built:
    service: Service
    config: Config
    access: Access | None
    metrics: Metrics


def keep(app: Flask, service: Service, config: Config, access: Access | None, metrics: Metrics) -> None:
    """Keep with an application what it is built over: service, settings, the keys if anybody is asked, and metrics."""
    app.extensions[_KEY] = _Built(service, config, access, metrics)


def current_service() -> Service:
    """Return the service of the application that answers this request."""
    return cast(_Built, current_app.extensions[_KEY]).service


def current_config() -> Config:
    """Return the settings of the application that answers this request."""
    return cast(_Built, current_app.extensions[_KEY]).config


def current_access() -> Access | None:
    """Return the keys and sessions of the application that answers this request; None where nobody is asked."""
    return cast(_Built, current_app.extensions[_KEY]).access


def current_metrics() -> Metrics:
    """Return the metrics of the application that answers this request."""
    return cast(_Built, current_app.extensions[_KEY]).metrics
