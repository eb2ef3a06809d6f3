"""Trains the embedded model: `python -m generator.embedded.train --out FOLDER`, about two hours on one core.

One function per row, many of them cut for fill-in-the-middle, most after an unrelated header that does not count;
Muon on the block matrices, AdamW on embeddings, norms and biases, bf16 products over float32 weights.
"""

import argparse
import logging
import math
import random
import time
from pathlib import Path

import torch
from safetensors.torch import load_model, save_file
from torch.nn import functional
from transformers import GPTBigCodeConfig, GPTBigCodeForCausalLM

from generator.embedded.corpus import MANIFEST, Function, require_manifest, select
from generator.embedded.material import SPECIAL_TOKENS, header_text, train_tokenizer, write_beside
from generator.embedded.recipe import SEED, STAGES, Shape, Stage
from generator.embedded.rows import Row, RowMaker

log = logging.getLogger("train")


def configuration(shape: Shape) -> GPTBigCodeConfig:
    """StarCoder's architecture, small."""
    return GPTBigCodeConfig(
        architectures=["GPTBigCodeForCausalLM"], vocab_size=shape.vocabulary, n_positions=shape.positions,
        n_embd=shape.width, n_layer=shape.layers, n_head=shape.heads, n_inner=4 * shape.width, multi_query=True,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0,
        pad_token_id=SPECIAL_TOKENS.index("<fim_pad>"), dtype="bfloat16",
    )  # fmt: skip


def new_model(shape: Shape) -> GPTBigCodeForCausalLM:
    """A model to be trained; positions start as sinusoids, so that a shift is easy to learn."""
    model: GPTBigCodeForCausalLM = GPTBigCodeForCausalLM(configuration(shape))
    rates = torch.exp(torch.arange(0, shape.width, 2) * (-math.log(10000.0) / shape.width))
    angles = torch.arange(shape.positions).unsqueeze(1) * rates
    with torch.no_grad():
        model.transformer.wpe.weight[:, 0::2] = 0.02 * torch.sin(angles)
        model.transformer.wpe.weight[:, 1::2] = 0.02 * torch.cos(angles)
    return model


def optimizers(model: GPTBigCodeForCausalLM, stage: Stage) -> tuple[torch.optim.Muon, torch.optim.AdamW]:
    """Muon (Jordan et al. 2024) for the matrices inside the blocks, AdamW for all else."""
    named = list(model.named_parameters())
    matrices = [value for name, value in named if value.ndim == 2 and ".h." in name]
    others = [value for name, value in named if not (value.ndim == 2 and ".h." in name)]
    muon = torch.optim.Muon(matrices, lr=stage.muon_rate, weight_decay=0.0, adjust_lr_fn="match_rms_adamw", ns_steps=4)
    return muon, torch.optim.AdamW(others, lr=stage.adamw_rate, betas=(0.9, 0.98), weight_decay=0.0)


def batches(functions: list[Function], maker: RowMaker, size: int) -> list[list[Row]]:
    """One epoch: rows of like length together, batches in random order."""
    made = [maker.row(function) for function in functions]
    rows = sorted(made, key=lambda row: len(row.ids) + maker.drawn.random() * 40)
    found = [rows[i : i + size] for i in range(0, len(rows), size)]
    maker.drawn.shuffle(found)
    return found


def loss_of(model: GPTBigCodeForCausalLM, rows: list[Row], shift: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Weighted cross-entropy of rows that begin at position `shift`, and the share of tokens foreseen at even odds."""
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
    part = folder / "model.part"
    save_file(kept, part, metadata={"format": "pt"})
    part.chmod(0o644)
    part.rename(folder / "model.safetensors")


def train(model: GPTBigCodeForCausalLM, functions: list[Function], maker: RowMaker, stage: Stage, folder: Path) -> None:
    """One stage; writes the running average of the weights every 200 steps, and leaves it in the model at the end."""
    both = optimizers(model, stage)
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    queue: list[list[Row]] = []
    began, shown, foreseen = time.monotonic(), 0.0, 0.0
    for step in range(stage.steps):
        queue = queue or batches(functions, maker, stage.rows)
        rows = queue.pop()
        room = maker.positions - max(len(row.ids) for row in rows)
        shift = maker.drawn.randint(0, room) if maker.drawn.random() < stage.mix.shifted else 0
        loss, sure = loss_of(model, rows, shift)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scale = min(1.0, (step + 1) / stage.warmup) * (1 - step / stage.steps)
        for optimizer, rate in zip(both, (stage.muon_rate, stage.adamw_rate), strict=True):
            optimizer.param_groups[0]["lr"] = rate * scale
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            for name, value in model.state_dict().items():
                average[name].lerp_(value, 1 - min(stage.average, (step + 1) / (step + 10)))
        shown, foreseen = 0.98 * shown + 0.02 * loss.item(), 0.98 * foreseen + 0.02 * sure.item()
        if step % 50 == 49:
            log.info("step %d loss %.3f sure %.3f %.0f s", step + 1, shown, foreseen, time.monotonic() - began)
        if step % 200 == 199 or step + 1 == stage.steps:
            save(folder, average)
    model.load_state_dict(average)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Train the embedded model.")
    parser.add_argument("--out", type=Path, required=True, help="folder for all that ships, weights included")
    parser.add_argument("--select", action="store_true", help="draw functions anew instead of following the manifest")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--start", type=Path, help="weights (.safetensors) to go on from, with --stages")
    parser.add_argument("--stages", type=int, nargs="+", choices=range(1, len(STAGES) + 1), help="only these stages")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    chosen.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(chosen.threads)
    shape = Shape()
    functions = select(SEED) if chosen.select or not MANIFEST.exists() else require_manifest()
    tokenizer = train_tokenizer(functions, shape.vocabulary)
    configuration(shape).save_pretrained(chosen.out)
    write_beside(chosen.out, functions, tokenizer)
    headers = header_text(functions, SEED)
    torch.manual_seed(SEED)
    model = new_model(shape).train()
    if chosen.start:
        load_model(model, chosen.start)
    for stage in [STAGES[number - 1] for number in chosen.stages or range(1, len(STAGES) + 1)]:
        drawn = random.Random(stage.seed)  # noqa: S311 - nothing secret is drawn
        log.info("%d functions, %d steps of %d rows", len(functions), stage.steps, stage.rows)
        train(model, functions, RowMaker(tokenizer, headers, stage.mix, drawn, shape.positions), stage, chosen.out)


if __name__ == "__main__":
    main()
