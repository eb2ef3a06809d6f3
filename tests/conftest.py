"""What several tests need: a migrated database, and a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from attrib import database
from attrib.config import Config, load_config

# A timing never fails a test: these machines are shared.
settings.register_profile("attrib", deadline=None)
settings.load_profile("attrib")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Settings whose data folder is the test's own."""
    return load_config({"home": tmp_path / "home"}, {}, tmp_path)


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    """An empty database on the schema that the migrations make."""
    engine = database.open_database(config.database_url)
    yield engine
    engine.dispose()
