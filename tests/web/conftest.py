"""The application over recorded answers, in a strict template environment."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import StrictUndefined
from recorded import RecordedService

from attrib.config import Config
from web.app import create_app


@pytest.fixture
def recorded() -> RecordedService:
    """A service that gives the answers a test puts into it."""
    return RecordedService()


@pytest.fixture
def app(recorded: RecordedService, config: Config) -> Flask:
    """The application; a template that names something that is not there fails."""
    app = create_app(recorded, config)  # type: ignore[arg-type]
    app.jinja_env.undefined = StrictUndefined
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies or scripts."""
    return app.test_client()
