"""Bringing a model from the hub: only files that cannot run anything, and a clear word where that fails."""

from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from generator.errors import GeneratorError, MissingWeights, UnknownModel, UnsafeWeights

WANTED = ["*.safetensors", "*.json", "*.txt", "*.jinja", "tokenizer.model"]
ASK_SECONDS = 10.0


def fetch(name: str) -> Path:
    """The folder of a hub model: out of the cache where it is whole, else downloaded.

    Pickled weights and Python files are never fetched. Raises UnknownModel, UnsafeWeights and MissingWeights.
    """
    try:
        cached = Path(snapshot_download(name, allow_patterns=WANTED, local_files_only=True))
        if any(cached.glob("*.safetensors")) and (cached / "config.json").is_file():
            return cached
    except OSError:  # not in the cache, or only in part
        pass
    try:
        files = [file.rfilename for file in HfApi().model_info(name, timeout=ASK_SECONDS).siblings or ()]
        if not any(file.endswith(".safetensors") for file in files):
            raise UnsafeWeights(
                f"Model {name!r} has no safetensors on the hub, only formats that can run code: choose another."
            )
        return Path(snapshot_download(name, allow_patterns=WANTED))
    except GeneratorError:
        raise
    except Exception as error:  # the hub's own errors, those of the network below it, and of the disk
        raise explained(name, error) from error


def explained(name: str, error: Exception) -> GeneratorError:
    """The one sentence for a model that could not be fetched."""
    if isinstance(error, GatedRepoError):
        return MissingWeights(
            f"Model {name!r} needs an account: accept its licence on its hub page, set HF_TOKEN, and try again."
        )
    if isinstance(error, RepositoryNotFoundError):
        return UnknownModel(
            f"The hub has no public model {name!r}: check the spelling, or set HF_TOKEN if it is yours."
        )
    return MissingWeights(
        f"Model {name!r} is not in the hub's cache on this machine and cannot be fetched ({type(error).__name__}): "
        f"run `hf download {name}` where there is a network and give the folder's path here, or use the embedded model."
    )
