"""What the application at work was built over."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from attrib.access import Access
from attrib.config import Config
from attrib.service import Service

_KEY = "attrib"


@dataclass(frozen=True, slots=True)
class _Built:
    service: Service
    config: Config
    access: Access | None


def keep(app: Flask, service: Service, config: Config, access: Access | None) -> None:
    """Keep service, settings and the keys, if anybody is ever asked for one, with an application."""
    app.extensions[_KEY] = _Built(service, config, access)


def current_service() -> Service:
    """Return the service of the application that answers this request."""
    return cast(_Built, current_app.extensions[_KEY]).service


def current_config() -> Config:
    """Return the settings of the application that answers this request."""
    return cast(_Built, current_app.extensions[_KEY]).config


def current_access() -> Access | None:
    """Return the keys and sessions of the application that answers this request; None where nobody is asked."""
    return cast(_Built, current_app.extensions[_KEY]).access
