"""What the application at work was built over."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from attrib.config import Config
from attrib.service import Service
from web.metrics import Metrics

_KEY = "attrib"


@dataclass(frozen=True, slots=True)
class _Built:
    service: Service
    config: Config
    metrics: Metrics


def keep(app: Flask, service: Service, config: Config, metrics: Metrics) -> None:
    """Keep service, settings and metrics with an application."""
    app.extensions[_KEY] = _Built(service, config, metrics)


def current_service() -> Service:
    """Return the service of the application that answers this request."""
    return cast(_Built, current_app.extensions[_KEY]).service


def current_config() -> Config:
    """Return the settings of the application that answers this request."""
    return cast(_Built, current_app.extensions[_KEY]).config


def current_metrics() -> Metrics:
    """Return the metrics of the application that answers this request."""
    return cast(_Built, current_app.extensions[_KEY]).metrics
