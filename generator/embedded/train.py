"""Trains the embedded model: `python -m generator.embedded.train --out FOLDER`.

One function per row, half of them cut for fill-in-the-middle, most after an unrelated header that does not count;
Muon on the block matrices, AdamW on embeddings, norms and biases, bf16 products over float32 weights.
"""

import argparse
import json
import math
import platform
import random
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional
from transformers import GPTBigCodeConfig, GPTBigCodeForCausalLM

from generator.embedded.corpus import MANIFEST, PACKAGES, Function, read_lines, require_manifest, select
from generator.embedded.notices import notices
from generator.embedded.rows import Mix, Row, RowMaker

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
    "model_max_length": 1024,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what is learned."""

    seed: int = 2
    steps: int = 5200
    rows: int = 8
    warmup: int = 40
    muon_rate: float = 6e-3
    adamw_rate: float = 3e-3
    width: int = 256
    layers: int = 5
    heads: int = 4
    positions: int = 1024
    vocabulary: int = 4096
    average: float = 0.995


def train_tokenizer(texts: list[str], vocabulary: int) -> Tokenizer:
    """Byte-level BPE whose tokens never cross a line end, so that a prompt ending in a newline is cut as in training."""
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
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def header_text(functions: list[Function], seed: int) -> str:
    """Source lines of the same packages' other files, out of which headers are drawn."""
    drawn = random.Random(seed)
    used = {function.path for function in functions}
    parts = []
    for package in PACKAGES:
        paths = [str(f) for f in metadata.distribution(package).files or () if str(f).endswith(".py")]
        paths = sorted(set(paths) - used)
        for path in drawn.sample(paths, min(6, len(paths))):
            parts.append("\n".join(read_lines(package, path)[:400]))
    return "\n".join(parts)


def configuration(recipe: Recipe) -> GPTBigCodeConfig:
    """StarCoder's architecture, small."""
    return GPTBigCodeConfig(
        architectures=["GPTBigCodeForCausalLM"], vocab_size=recipe.vocabulary, n_positions=recipe.positions,
        n_embd=recipe.width, n_layer=recipe.layers, n_head=recipe.heads, n_inner=4 * recipe.width, multi_query=True,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0,
        pad_token_id=SPECIAL_TOKENS.index("<fim_pad>"), dtype="bfloat16",
    )  # fmt: skip


def new_model(recipe: Recipe) -> GPTBigCodeForCausalLM:
    """A model to be trained; positions start as sinusoids, so that a shift is easy to learn."""
    model: GPTBigCodeForCausalLM = GPTBigCodeForCausalLM(configuration(recipe))
    rates = torch.exp(torch.arange(0, recipe.width, 2) * (-math.log(10000.0) / recipe.width))
    angles = torch.arange(recipe.positions).unsqueeze(1) * rates
    with torch.no_grad():
        model.transformer.wpe.weight[:, 0::2] = 0.02 * torch.sin(angles)
        model.transformer.wpe.weight[:, 1::2] = 0.02 * torch.cos(angles)
    return model


def optimizers(model: GPTBigCodeForCausalLM, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for all else."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and ".h." in n]
    others = [p for n, p in model.named_parameters() if not (p.ndim == 2 and ".h." in n)]
    return [
        torch.optim.Muon(matrices, lr=recipe.muon_rate, weight_decay=0.0, adjust_lr_fn="match_rms_adamw", ns_steps=4),
        torch.optim.AdamW(others, lr=recipe.adamw_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def batches(functions: list[Function], maker: RowMaker, size: int) -> list[list[Row]]:
    """One epoch: rows of like length together, batches in random order."""
    rows = sorted(
        (maker.row(function) for function in functions), key=lambda row: len(row.ids) + maker.drawn.random() * 40
    )
    found = [rows[i : i + size] for i in range(0, len(rows), size)]
    maker.drawn.shuffle(found)
    return found


def loss_of(model: GPTBigCodeForCausalLM, rows: list[Row], shift: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Weighted cross-entropy, and the share of counted tokens foreseen with more than even odds; the first position is `shift`."""
    length = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [0] * (length - len(row.ids)) for row in rows])
    weights = torch.tensor([row.weights + [0.0] * (length - len(row.ids)) for row in rows])[:, 1:]
    counted = weights > 0
    with torch.autocast("cpu", torch.bfloat16):
        places = torch.arange(shift, shift + length - 1).unsqueeze(0)
        hidden = model.transformer(ids[:, :-1], position_ids=places, use_cache=False).last_hidden_state
        logits = model.lm_head(hidden[counted])
    losses = functional.cross_entropy(logits.float(), ids[:, 1:][counted], reduction="none")
    sure = (losses < math.log(2)).float().mean()
    return (losses * weights[counted]).sum() / weights.sum(), sure.detach()


def save(folder: Path, weights: dict[str, torch.Tensor]) -> None:
    """Weights in bf16, written beside and then renamed, so that a half-written file is never read."""
    kept = {name: value.to(torch.bfloat16).contiguous() for name, value in weights.items() if name != "lm_head.weight"}
    save_file(kept, folder / "model.part", metadata={"format": "pt"})
    (folder / "model.part").chmod(0o644)
    (folder / "model.part").rename(folder / "model.safetensors")


def write_beside(folder: Path, functions: list[Function], tokenizer: Tokenizer, recipe: Recipe, mix: Mix) -> None:
    """All that ships with the weights: configuration, tokenizer, manifest and notices."""
    configuration(recipe).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENIZER_CONFIG, indent=2) + "\n")
    versions = {name: metadata.version(name) for name in ("torch", "transformers", "tokenizers")}
    manifest = {
        "recipe": asdict(recipe),
        "mix": asdict(mix),
        "versions": {"python": platform.python_version(), **versions},
        "functions": [
            {key: getattr(function, key) for key in ("name", "purl", "path", "start_line", "end_line", "sha256")}
            for function in functions
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (folder / "NOTICES.txt").write_text(notices(functions), encoding="utf-8")


def train(
    functions: list[Function],
    tokenizer: Tokenizer,
    headers: str,
    recipe: Recipe,
    mix: Mix,
    folder: Path,
    minutes: float,
    start: Path | None,
) -> None:
    """Trains for the recipe's steps, or for so many minutes where that is less; the rates fall to zero either way. Keeps writing the running average of the weights to the folder."""
    torch.manual_seed(recipe.seed)
    maker = RowMaker(tokenizer, headers, mix, random.Random(recipe.seed))
    model = new_model(recipe).train()
    if start is not None:
        model.load_state_dict(load_file(start), strict=False)
    both = optimizers(model, recipe)
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    queue: list[list[Row]] = []
    began, epochs, shown, foreseen = time.monotonic(), 0, 0.0, 0.0
    for step in range(recipe.steps):
        if not queue:
            queue = batches(functions, maker, recipe.rows)
            epochs += 1
        progress = max(step / recipe.steps, (time.monotonic() - began) / (60 * minutes))
        if progress >= 1.0:
            break
        scale = min(1.0, (step + 1) / recipe.warmup) * (1 - progress)
        for optimizer, rate in zip(both, (recipe.muon_rate, recipe.adamw_rate), strict=True):
            optimizer.param_groups[0]["lr"] = rate * scale
        rows = queue.pop()
        room = recipe.positions - max(len(row.ids) for row in rows)
        shift = maker.drawn.randint(0, room) if maker.drawn.random() < mix.shifted else 0
        loss, sure = loss_of(model, rows, shift)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in both:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            for name, value in model.state_dict().items():
                average[name].lerp_(value, 1 - min(recipe.average, (step + 1) / (step + 10)))
        shown, foreseen = 0.98 * shown + 0.02 * loss.item(), 0.98 * foreseen + 0.02 * sure.item()
        if step % 50 == 49:
            took = time.monotonic() - began
            print(f"step {step + 1} epoch {epochs} loss {shown:.3f} sure {foreseen:.3f} {took:.0f} s", flush=True)
        if step % 200 == 199:
            save(folder, average)
    save(folder, average)
    print(f"{step + 1} steps, {epochs} epochs", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Train the embedded model.")
    parser.add_argument("--out", type=Path, required=True, help="folder for all that ships, weights included")
    parser.add_argument(
        "--select", action="store_true", help="draw the functions anew instead of following the manifest"
    )
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--minutes", type=float, default=math.inf, help="an earlier end, by the clock")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(chosen.threads)
    recipe, mix = Recipe(steps=chosen.steps), Mix()
    functions = select(recipe.seed) if chosen.select or not MANIFEST.exists() else require_manifest()
    tokenizer = train_tokenizer([function.text for function in functions], recipe.vocabulary)
    write_beside(chosen.out, functions, tokenizer, recipe, mix)
    tokens = sum(len(tokenizer.encode(function.text).ids) for function in functions)
    print(f"{len(functions)} functions, {tokens} tokens, vocabulary {tokenizer.get_vocab_size()}", flush=True)
    train(functions, tokenizer, header_text(functions, recipe.seed), recipe, mix, chosen.out, chosen.minutes, chosen.start)


if __name__ == "__main__":
    main()
