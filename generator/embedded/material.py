"""What the embedded model is made of besides its weights: tokenizer, headers, and the files that ship with it."""

import json
import platform
import random
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from generator.embedded.corpus import PACKAGES, Function, read_lines
from generator.embedded.notices import notices
from generator.embedded.recipe import STAGES, Shape

SPECIAL_TOKENS = [
    "<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<filename>", "<gh_stars>",
    "<issue_start>", "<issue_comment>", "<issue_closed>", "<jupyter_start>", "<jupyter_text>", "<jupyter_code>",
    "<jupyter_output>", "<empty_output>", "<commit_before>", "<commit_msg>", "<commit_after>", "<reponame>",
]  # fmt: skip
TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<|endoftext|>",
    "eos_token": "<|endoftext|>",
    "unk_token": "<|endoftext|>",
    "pad_token": "<fim_pad>",
    "clean_up_tokenization_spaces": False,
    "model_max_length": Shape().positions,
    "fim_order": "spm",
}
KEPT = ("name", "purl", "path", "start_line", "end_line", "sha256")


def train_tokenizer(functions: list[Function], vocabulary: int) -> Tokenizer:
    """Byte-level BPE; no token crosses a line end, so that a prompt ending in a newline is cut as in training."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex("\n"), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=20,
        show_progress=False,
    )
    tokenizer.train_from_iterator([function.text for function in functions], trainer)
    return tokenizer


def header_text(functions: list[Function], seed: int) -> str:
    """Source lines of the same packages' other files, out of which unrelated headers are drawn."""
    drawn = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    used = {function.path for function in functions}
    parts = []
    for package in PACKAGES:
        paths = [str(file) for file in metadata.distribution(package).files or () if str(file).endswith(".py")]
        paths = sorted(set(paths) - used)
        for path in drawn.sample(paths, min(6, len(paths))):
            parts.append("\n".join(read_lines(package, path)[:400]))
    return "\n".join(parts)


def write_beside(folder: Path, functions: list[Function], tokenizer: Tokenizer) -> None:
    """Tokenizer, manifest and notices, as they ship beside configuration and weights."""
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENIZER_CONFIG, indent=2) + "\n")
    versions = {name: metadata.version(name) for name in ("torch", "transformers", "tokenizers")}
    manifest = {
        "shape": asdict(Shape()),
        "stages": [asdict(stage) for stage in STAGES],
        "versions": {"python": platform.python_version(), **versions},
        "functions": [{key: getattr(function, key) for key in KEPT} for function in functions],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (folder / "NOTICES.txt").write_text(notices(functions), encoding="utf-8")
