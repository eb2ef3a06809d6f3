"""Only safetensors, never code; every refusal says how to mend it."""

import json

import pytest

from generator.errors import DeviceUnavailable, GeneratorError, MissingWeights, UnknownModel, UnsafeWeights
from generator.loading import EMBEDDED_FOLDER, load_model


@pytest.mark.parametrize("name", ["no-such-model", "", "a/b/c", "../x y"])
def test_an_unknown_name_is_told_what_names_there_are(name):
    with pytest.raises(UnknownModel, match=r"'embedded'|without config"):
        load_model(name)


def test_a_hub_model_that_cannot_be_fetched_says_how_to_bring_it(monkeypatch):
    def offline(*_, **__):
        raise OSError("We couldn't connect to the hub to load the files, and couldn't find them in the cached files.")

    monkeypatch.setattr("generator.loading.AutoTokenizer.from_pretrained", offline)
    with pytest.raises(MissingWeights, match="`hf download bigcode/starcoderbase-7b`"):
        load_model("bigcode/starcoderbase-7b")


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
