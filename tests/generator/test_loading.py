"""Only safetensors, never code; every refusal says how to mend it."""

import json
from types import SimpleNamespace

import httpx2 as httpx
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError, RepositoryNotFoundError

from generator.errors import DeviceUnavailable, GeneratorError, MissingWeights, UnknownModel, UnsafeWeights
from generator.loading import load_model
from generator.locating import EMBEDDED_FOLDER


@pytest.mark.parametrize("name", ["no-such-model", "", "a/b/c", "../x y"])
def test_an_unknown_name_is_told_what_names_there_are(name):
    with pytest.raises(UnknownModel, match=r"'embedded'|without config"):
        load_model(name)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub with an empty cache that answers as it is told."""
    answers = {}

    def model_info(self, name, timeout):
        if isinstance(answers["info"], Exception):
            raise answers["info"]
        return SimpleNamespace(siblings=[SimpleNamespace(rfilename=file) for file in answers["info"]])

    def snapshot_download(name, allow_patterns, local_files_only=False):
        if local_files_only:
            raise LocalEntryNotFoundError("not cached")
        assert "*.py" not in allow_patterns
        assert not any(".bin" in pattern for pattern in allow_patterns)
        return str(answers["folder"])

    monkeypatch.setattr(HfApi, "model_info", model_info)
    monkeypatch.setattr("generator.hub.snapshot_download", snapshot_download)
    return answers


def refused(kind):
    """An error of the hub as its client raises it."""
    request = httpx.Request("GET", "https://hub.invalid")
    return kind("no", response=httpx.Response(401, request=request))


@pytest.mark.parametrize(
    ("said", "kind", "match"),
    [
        (OSError("Name or service not known"), MissingWeights, "`hf download bigcode/starcoderbase-7b`"),
        (refused(GatedRepoError), MissingWeights, "accept its licence on its hub page, set HF_TOKEN"),
        (refused(RepositoryNotFoundError), UnknownModel, "check the spelling"),
        (["config.json", "pytorch_model.bin"], UnsafeWeights, "no safetensors on the hub"),
    ],
)
def test_a_hub_model_that_cannot_be_had_says_why_and_what_to_do(hub, said, kind, match):
    hub["info"] = said
    with pytest.raises(kind, match=match):
        load_model("bigcode/starcoderbase-7b")


def test_a_hub_model_is_loaded_from_where_it_was_downloaded(hub, folder_copy):
    (folder_copy / "model.safetensors").write_bytes((EMBEDDED_FOLDER / "model.safetensors").read_bytes())
    hub |= {"info": ["config.json", "model.safetensors"], "folder": folder_copy}
    assert load_model("somebody/small").name == "somebody/small"


def test_a_folder_without_weights(folder_copy):
    with pytest.raises(MissingWeights, match=r"no \*.safetensors"):
        load_model(str(folder_copy))


def test_a_folder_without_configuration(tmp_path):
    with pytest.raises(UnknownModel, match=r"without config.json"):
        load_model(str(tmp_path))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pth", "model.ckpt", "model.pkl"])
def test_a_folder_with_only_pickled_weights_is_refused(folder_copy, name):
    (folder_copy / name).write_bytes(b"\x80\x04")
    with pytest.raises(UnsafeWeights, match="convert them to safetensors"):
        load_model(str(folder_copy))


def test_damaged_weights(folder_copy):
    whole = (EMBEDDED_FOLDER / "model.safetensors").read_bytes()
    (folder_copy / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MissingWeights, match="incomplete or damaged"):
        load_model(str(folder_copy))


def test_a_damaged_configuration(folder_copy):
    (folder_copy / "model.safetensors").write_bytes(b"x")
    (folder_copy / "config.json").write_text("{")
    with pytest.raises(MissingWeights, match="not JSON"):
        load_model(str(folder_copy))


def test_python_that_comes_with_a_model_never_runs(folder_copy):
    (folder_copy / "model.safetensors").write_bytes((EMBEDDED_FOLDER / "model.safetensors").read_bytes())
    (folder_copy / "evil.py").write_text(f"open({str(folder_copy / 'ran')!r}, 'w')\nclass C: ...\n")
    config = json.loads((folder_copy / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.C", "AutoModelForCausalLM": "evil.C"}}
    (folder_copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(GeneratorError):
        load_model(str(folder_copy))
    assert not (folder_copy / "ran").exists()


def test_a_folder_works_like_the_embedded_model(folder_copy):
    (folder_copy / "model.safetensors").write_bytes((EMBEDDED_FOLDER / "model.safetensors").read_bytes())
    assert load_model(str(folder_copy)).name == str(folder_copy)


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "tpu"])
def test_a_device_that_is_not_there(device):
    with pytest.raises(DeviceUnavailable, match="set it to auto"):
        load_model(device=device)


def test_a_number_format_that_is_not_known():
    with pytest.raises(DeviceUnavailable, match="bfloat16"):
        load_model(dtype="int3")
