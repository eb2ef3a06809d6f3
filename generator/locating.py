"""Where the files of a model are, told without loading anything."""

import json
import re
from pathlib import Path

from generator.errors import MissingWeights, UnknownModel, UnsafeWeights

EMBEDDED = "embedded"
EMBEDDED_FOLDER = Path(__file__).parent / "embedded"
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


def locate(name: str) -> tuple[str, bool]:
    """Where a model's files are, and whether that is a folder of this machine; nothing is fetched.

    Raises what `check_folder` raises.
    """
    if name == EMBEDDED:
        check_folder(name, EMBEDDED_FOLDER)
        return str(EMBEDDED_FOLDER), True
    folder = Path(name).expanduser()
    if folder.is_dir():
        check_folder(name, folder)
        return str(folder), True
    if HUB_NAME.fullmatch(name):
        return name, False
    raise UnknownModel(
        f"There is no model {name!r}: give {EMBEDDED!r}, a folder with config.json and safetensors, "
        "or a hub name such as bigcode/starcoderbase-7b."
    )


def check_folder(name: str, folder: Path) -> None:
    """Refuses a folder that is no model, has only pickled weights, or wants its own Python to run."""
    config = folder / "config.json"
    if not config.is_file():
        raise UnknownModel(
            f"{name!r} is a folder without config.json, so it is not a model: give the folder that has it."
        )
    if not any(folder.glob("*.safetensors")):
        if any(path for pattern in PICKLED for path in folder.glob(pattern)):
            raise UnsafeWeights(
                f"Model {name!r} has only pickled weights, which can run any code when opened: "
                "convert them to safetensors or choose another copy."
            )
        raise MissingWeights(f"Model {name!r} has no *.safetensors in its folder: put the weights beside config.json.")
    try:
        json.loads(config.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MissingWeights(f"The config.json of model {name!r} is not JSON: fetch the model again.") from error
