"""Settings: which one wins, and that every mistake is told at once."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from attrib import config as settings
from attrib.config import Config, load_config
from attrib.errors import ConfigurationError
from index.collection import EVERY_COLLECTION, Collection


def test_defaults_need_nothing(tmp_path: Path) -> None:
    config = load_config({}, {}, tmp_path)
    assert config.home.is_absolute()
    assert config.database_url == f"sqlite:///{config.home / 'attrib.db'}"
    assert config.index_folder == config.home / "index"
    assert (config.model, config.device, config.postings, config.retention) == ("embedded", "auto", "local", "full")


def test_options_win_over_environment_over_file(tmp_path: Path) -> None:
    (tmp_path / "attrib.toml").write_text('model = "file"\ndevice = "cpu"\nretention = "hashes"\n')
    environ = {"ATTRIB_MODEL": "environment", "ATTRIB_DEVICE": "cuda:1"}
    config = load_config({"model": "option", "dtype": None}, environ, tmp_path)
    assert (config.model, config.device, config.retention, config.dtype) == ("option", "cuda:1", "hashes", "auto")


def test_folders_are_taken_from_the_working_folder(tmp_path: Path) -> None:
    assert load_config({}, {"ATTRIB_HOME": "data"}, tmp_path).home == tmp_path / "data"


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "attrib.toml").write_text('retension = "full"\nmax_code_bytes = 0\nmodel = 3\n')
    environ = {"ATTRIB_DEVICE": "gpu", "ATTRIB_MODLE": "embedded"}
    with pytest.raises(ConfigurationError) as raised:
        load_config({"database_url": "mysql://x/y", "exclude": ("flask",)}, environ, tmp_path)
    message = str(raised.value)
    for part in (
        "attrib.toml: unknown setting 'retension' (did you mean 'retention'?)",
        "max_code_bytes must be at least 1",
        "model must be a text",
        "ATTRIB_DEVICE must be auto, cpu, mps, cuda or cuda:N, not 'gpu'",
        "unknown setting 'ATTRIB_MODLE' (did you mean 'ATTRIB_MODEL'?)",
        "database_url must name sqlite or postgresql, not mysql",
        "exclude must hold purls such as pkg:pypi/flask, not 'flask'",
    ):
        assert part in message
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"model = ", b"\xff\xfe", b"[[["])
def test_a_broken_file_is_one_mistake(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "attrib.toml").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"attrib\.toml: is not valid TOML"):
        load_config({}, {}, tmp_path)


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    environ = {"ATTRIB_SERVICE_HOST": "10.0.0.1", "ATTRIB_PORT": "tcp://10.0.0.1:80", "ATTRIB_MODEL": ""}
    assert load_config({}, environ, tmp_path).model == "embedded"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_records_are_not_kept_in_memory(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="must name a file"):
        load_config({"database_url": url}, {}, tmp_path)


def test_lists_and_numbers_are_read_from_the_environment(tmp_path: Path) -> None:
    environ = {"ATTRIB_EXCLUDE": "pkg:pypi/a, pkg:npm/b", "ATTRIB_MAX_CODE_BYTES": "5_000"}
    config = load_config({}, environ, tmp_path)
    assert (config.exclude, config.max_code_bytes) == (("pkg:pypi/a", "pkg:npm/b"), 5000)


@pytest.mark.parametrize("value", ["restricted permissive", ["restricted", "permissive"]])
def test_collections_are_read_in_their_own_order(tmp_path: Path, value: object) -> None:
    assert load_config({}, {}, tmp_path).collections == EVERY_COLLECTION
    assert load_config({"collections": value}, {}, tmp_path).collections == EVERY_COLLECTION
    assert load_config({}, {"ATTRIB_COLLECTIONS": "restricted"}, tmp_path).collections == (Collection.RESTRICTED,)


@pytest.mark.parametrize("value", ["open", [], ["permissive", 1], 7])
def test_what_is_no_collection_is_a_mistake(tmp_path: Path, value: object) -> None:
    with pytest.raises(ConfigurationError, match="collections must be a list of permissive and restricted"):
        load_config({"collections": value}, {}, tmp_path)


def test_settings_never_change_and_hide_the_password(tmp_path: Path) -> None:
    config = load_config({"database_url": "postgresql+psycopg://me:hunter2@db/attrib"}, {}, tmp_path)
    with pytest.raises(FrozenInstanceError):
        config.model = "other"  # type: ignore[misc]
    assert "hunter2" not in repr(config)


def test_every_setting_can_be_read() -> None:
    assert set(settings._READERS) == {setting.name for setting in fields(Config)}
