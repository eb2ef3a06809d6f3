"""The shipped model, loaded once, and small random models of other families."""

from pathlib import Path

import pytest
import torch
from transformers import (
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    GPTBigCodeConfig,
    GPTBigCodeForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    Starcoder2Config,
    Starcoder2ForCausalLM,
)

from generator.loading import LoadedModel
from generator.local import LocalGenerator, open_local
from generator.locating import EMBEDDED_FOLDER


@pytest.fixture(scope="session")
def embedded() -> LocalGenerator:
    """The model that ships, on the CPU."""
    return open_local(device="cpu")


@pytest.fixture(scope="session")
def tokenizer():
    """The shipped tokenizer."""
    return AutoTokenizer.from_pretrained(EMBEDDED_FOLDER)


def random_model(architecture: str) -> PreTrainedModel:
    """A small model with random weights, the same at every call."""
    torch.manual_seed(11)
    ends = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 4}
    shape = {"vocab_size": 4096, "max_position_embeddings": 256, **ends}
    wide = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4}
    match architecture:
        case "gpt2":
            return GPT2LMHeadModel(GPT2Config(n_embd=64, n_layer=2, n_head=4, **shape)).eval()
        case "llama":
            return LlamaForCausalLM(LlamaConfig(num_key_value_heads=2, **wide, **shape)).eval()
        case "gpt_bigcode":
            return GPTBigCodeForCausalLM(GPTBigCodeConfig(n_embd=64, n_layer=2, n_head=4, **shape)).eval()
        case "windowed":
            config = Starcoder2Config(num_key_value_heads=2, sliding_window=16, **wide, **shape)
            return Starcoder2ForCausalLM(config).eval()
        case _:
            return Starcoder2ForCausalLM(Starcoder2Config(num_key_value_heads=2, **wide, **shape)).eval()


@pytest.fixture(params=["gpt2", "llama", "starcoder2"])
def random_generator(request: pytest.FixtureRequest, tokenizer) -> tuple[LocalGenerator, PreTrainedModel]:
    """A small random model of each family, with the shipped tokenizer."""
    model = random_model(request.param)
    return LocalGenerator(LoadedModel(request.param, model, tokenizer)), model


@pytest.fixture
def folder_copy(tmp_path: Path) -> Path:
    """A folder with all of the embedded model but its weights."""
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((EMBEDDED_FOLDER / name).read_bytes())
    return tmp_path
