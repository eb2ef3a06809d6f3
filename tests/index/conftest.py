"""A small real index over packages installed here, built once and only read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from attrib import database
from attrib.config import Config
from attrib.ingest import ingest
from attrib.ingest_report import IngestReport
from attrib.policy import Policy
from index.origins.installed import InstalledOrigin
from index.reference_index import ReferenceIndex

PACKAGES = ("click", "flask", "jinja2", "rich", "werkzeug")


@pytest.fixture(scope="session")
def shared_engine(new_database: Callable[[], str]) -> Engine:
    return database.open_database(new_database())


@pytest.fixture(scope="session")
def built(shared_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[ReferenceIndex, IngestReport]:
    index = ReferenceIndex(tmp_path_factory.mktemp("segments"), shared_engine)
    return index, ingest(index, [InstalledOrigin(PACKAGES)], Policy())


@pytest.fixture(scope="session")
def index(built: tuple[ReferenceIndex, IngestReport]) -> ReferenceIndex:
    """Click, Flask, Jinja2, Rich and Werkzeug as they are installed. Not to be written to."""
    return built[0]


@pytest.fixture(scope="session")
def site_packages() -> Path:
    import click

    return Path(click.__file__).parent.parent


@pytest.fixture
def index_of_one(config: Config, engine: Engine) -> ReferenceIndex:
    """An index of the test's own, empty."""
    return ReferenceIndex(config.index_folder, engine)
