"""What several tests need: a migrated database of either kind, and a home of its own."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, make_url

from attrib import database
from attrib.config import Config, load_config
from tests.services.postgres import PostgresServer, programs, running

# What a shell starts in the background ignores Ctrl+C, and so would every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A timing never fails a test: these machines are shared.
settings.register_profile("attrib", deadline=None)
settings.load_profile("attrib")

NewDatabase = Callable[[], str]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once on each database that its marker `databases` names."""
    marker = metafunc.definition.get_closest_marker("databases")
    if marker is not None and "backend" in metafunc.fixturenames:
        kinds = [pytest.param(kind, marks=pytest.mark.services) if kind != "sqlite" else kind for kind in marker.args]
        metafunc.parametrize("backend", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database that the test runs on."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL, shared by the tests of one process."""
    with running(programs()) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres: PostgresServer) -> str:
    """The name of a database on the schema that the migrations make, to be copied."""
    url = postgres.new_database()
    database.upgrade(url)
    return str(make_url(url).database)


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest, backend: str, tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """Makes the URL of another database at each call: SQLite's file is not there yet, PostgreSQL's is migrated."""
    if backend == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('database') / 'attrib.db'}"
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated_template")
    return lambda: server.new_database(template)


@pytest.fixture(scope="session")
def empty_database(
    request: pytest.FixtureRequest, backend: str, tmp_path_factory: pytest.TempPathFactory
) -> NewDatabase:
    """Makes the URL of another database at each call, in which nothing is yet."""
    if backend == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('database') / 'attrib.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of the test's own database; SQLite's file is where the data folder has it by itself."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'attrib.db'}"
    return request.getfixturevalue("new_database")()


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    """Settings whose data folder and database are the test's own."""
    return load_config({"home": tmp_path / "home", "database_url": database_url}, {}, tmp_path)


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    """An empty database on the schema that the migrations make."""
    engine = database.open_database(config.database_url)
    yield engine
    engine.dispose()
