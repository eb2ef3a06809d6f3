"""One decode step for all sequences at work, eager or compiled: tokens in, scores of the next tokens out."""

from collections.abc import Callable
from typing import Any, Literal

import torch

from generator.attention import attend_in_groups
from generator.slots import LENGTH_STEP, Slots

StepKind = Literal["auto", "eager", "compiled"]
# A compiled step is made for few shapes: so many rows, so many positions looked at.
_ROWS = (1, 2, 4, 8, 16, 32, 64)
_LENGTHS = (256, 512, 1024, 2048, 4096, 8192)


class DecodeStep:
    """The step of one model over its slots.

    `compiled` runs it through torch.compile, on a GPU with CUDA graphs (`reduce-overhead`); shapes are then rounded up
    to a few, so that each is compiled once. `auto` is compiled on a GPU and eager on a CPU.
    """

    def __init__(self, model: Any, slots: Slots, kind: StepKind) -> None:
        self._model = model
        self._slots = slots
        self._device: torch.device = model.device
        self._window: int | None = getattr(model.config, "sliding_window", None)
        # A model whose layers differ takes one mask a kind; any other looks through its window, if it has one.
        self._mixed = "sliding_attention" in (getattr(model.config, "layer_types", None) or ())
        self.compiled = kind == "compiled" or (kind == "auto" and self._device.type == "cuda")
        self._forward: Callable[..., torch.Tensor] = self._eager
        if self.compiled:
            attend_in_groups(model)
            mode = "reduce-overhead" if self._device.type == "cuda" else "default"
            # Every shape is a compilation; beyond the limit torch would go on eagerly.
            shapes = len(_ROWS) * (len(_LENGTHS) + 1)
            self._forward = torch.compile(  # type: ignore[call-overload]
                self._eager, mode=mode, dynamic=False, recompile_limit=shapes, isolate_recompiles=True
            )

    def __call__(self, tokens: list[int], positions: list[int]) -> torch.Tensor:
        """Take one token a row, written at that row's position; scores of the next (rows x vocabulary, float32)."""
        count, longest = len(tokens), max(positions) + 1
        rows, length = self._shape(count, longest)
        self._slots.reserve(length)
        # Rows beyond the sequences write where nothing is kept: position 0 of slots that are free.
        padding = [0] * (rows - count)
        given = torch.tensor([tokens + padding, positions + padding], device=self._device)
        place = self._slots.place
        place.rows = torch.arange(rows, device=self._device)
        place.positions = given[1]
        place.length = length
        scores = self._forward(given[0].unsqueeze(1), given[1].unsqueeze(1), self._mask(given[1], length))
        return scores[:count].float()

    def _shape(self, count: int, longest: int) -> tuple[int, int]:
        most = self._slots.positions
        if not self.compiled:
            return count, min(most, -(-longest // LENGTH_STEP) * LENGTH_STEP)
        rows = next((size for size in _ROWS if size >= count), count)
        length = next((size for size in _LENGTHS if size >= longest), most)
        return min(rows, self._slots.count), min(length, most)

    def _mask(self, positions: torch.Tensor, length: int) -> torch.Tensor | dict[str, torch.Tensor]:
        """Which keys each row may see (rows x 1 x 1 x length): its own up to its position, within the window."""
        keys = torch.arange(length, device=self._device)
        every = (keys <= positions.unsqueeze(1))[:, None, None, :]
        if self._window is None:
            return every
        near = every & (keys > positions.unsqueeze(1) - self._window)[:, None, None, :]
        return {"full_attention": every, "sliding_attention": near} if self._mixed else near

    def _eager(
        self, tokens: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor | dict[str, torch.Tensor]
    ) -> torch.Tensor:
        scores: torch.Tensor = self._model(
            tokens,
            position_ids=positions,
            attention_mask=mask,
            past_key_values=self._slots.cache,
            use_cache=True,
        ).logits
        return scores[:, -1, :]
