"""A data folder with a small real index, to be copied and served."""

import shutil
from pathlib import Path

import pytest

from attrib.bootstrap import build_service
from attrib.config import load_config
from tests.web.recorded import REFERENCE


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose index holds one source."""
    folder = tmp_path_factory.mktemp("stocked")
    source = folder / "source"
    (source / "upward").mkdir(parents=True)
    (source / "upward" / "walk.py").write_bytes(REFERENCE)
    (source / "LICENSE").write_text("MIT License\n\nCopyright (c) 2014 The Upward Authors\n", encoding="utf-8")
    with build_service(load_config({"home": folder / "home"}, {}, folder)) as service:
        service.add([str(source)], purl="pkg:pypi/upward@2.1.0", license="MIT")
    return folder / "home"


@pytest.fixture
def home(stocked: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may write to."""
    shutil.copytree(stocked, tmp_path / "home")
    return tmp_path / "home"
