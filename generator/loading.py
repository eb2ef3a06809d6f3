"""Finding a model by name and loading it safely: the embedded one, a local folder, or a name on the hub."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from transformers.utils import logging

from generator.errors import (
    DeviceUnavailable,
    GeneratorError,
    MissingWeights,
    OutOfMemory,
    UnknownModel,
    UnsafeWeights,
)
from generator.hub import fetch
from generator.locating import EMBEDDED, check_folder, locate

ONE_THREAD_PARAMETERS = 50_000_000
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to run on its device, with its tokenizer."""

    name: str
    model: PreTrainedModel
    tokenizer: Any  # every tokenizer of transformers; what is used of it stands in prompts.Tokenizer


def load_model(name: str = EMBEDDED, device: str = "auto", dtype: str = "auto") -> LoadedModel:
    """Loads a causal code model from safetensors, and nothing that would have to be executed.

    `device` auto is the GPU where there is one; `dtype` auto is bfloat16 on a GPU that has it (else float16) and
    float32 on a CPU. Raises UnknownModel, MissingWeights, UnsafeWeights, DeviceUnavailable and OutOfMemory.
    """
    place = choose_device(device)
    numbers = choose_dtype(dtype, place)
    source, local = locate(name)
    folder = Path(source) if local else fetch(name)
    check_folder(name, folder)
    if not sys.stderr.isatty():
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            folder, dtype=numbers, use_safetensors=True, trust_remote_code=False, local_files_only=True
        )
        torch.nn.Module.to(model, place)
        torch.nn.Module.eval(model)
        if place.type == "cpu" and sum(weights.numel() for weights in model.parameters()) < ONE_THREAD_PARAMETERS:
            torch.set_num_threads(1)  # waiting for one another costs threads more than such a model's step takes
        return LoadedModel(name, model, tokenizer)
    except Exception as error:  # transformers raises OSError, ValueError, KeyError, ImportError and more
        if ran_out_of_memory(error):
            raise OutOfMemory(
                f"Model {name!r} does not fit on {place}: choose a smaller one or another device."
            ) from error
        raise explained(name, error) from error


def choose_device(device: str) -> torch.device:
    """The device meant by a setting: auto, cpu, cuda, cuda:1, mps."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        place = torch.device(device)
        torch.zeros(1, device=place)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise DeviceUnavailable(f"Device {device!r} is not usable here: set it to auto or cpu.") from error
    return place


def choose_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """The number format meant by a setting: auto, float32, bfloat16, float16."""
    if dtype in DTYPES:
        return DTYPES[dtype]
    if dtype != "auto":
        raise DeviceUnavailable(f"Number format {dtype!r} is not known: set it to auto, {', '.join(DTYPES)}.")
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def explained(name: str, error: Exception) -> GeneratorError:
    """The one sentence for whatever transformers raised on a model's folder."""
    said = str(error)
    if "trust_remote_code" in said or "remote code" in said:
        return UnsafeWeights(
            f"Model {name!r} wants to run Python that comes with it, which is never allowed: choose another."
        )
    if isinstance(error, SafetensorError | OSError | EOFError):
        return MissingWeights(f"The files of model {name!r} are incomplete or damaged: fetch the model again.")
    return UnknownModel(
        f"Model {name!r} is not a causal language model that transformers can run here ({type(error).__name__}): "
        "choose another."
    )


def ran_out_of_memory(error: Exception) -> bool:
    """Whether an error is a device's lack of memory; a CPU has no error class of its own for it."""
    lacking = ("not enough memory", "can't allocate memory", "Cannot allocate memory")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(words in str(error) for words in lacking)
