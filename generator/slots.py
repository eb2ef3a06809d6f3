"""The key-value cache of all sequences that are written at once: one slot each, every slot at a position of its own.

The tensors keep their shape and address while the sequences in them come and go, so that a compiled or captured step
can be used again (static cache); rows `0..b-1` are the sequences at work.
"""

from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import Cache, CacheLayerMixin

LENGTH_STEP = 64


class SlotLayer(CacheLayerMixin):  # type: ignore[no-untyped-call]
    """Keys and values of one layer, slots x heads x positions x width; a step writes one position of each row."""

    is_compileable = True

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, place: "StepPlace") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.keys: torch.Tensor = keys
        self.values: torch.Tensor = values
        self.place = place
        self.is_initialized = True

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Nothing is left to be made."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write one position a row (rows x heads x 1 x width) and return the rows up to the step's length."""
        rows, at = self.place.rows, self.place.positions
        self.keys[rows, :, at] = key_states[:, :, 0]
        self.values[rows, :, at] = value_states[:, :, 0]
        count = key_states.shape[0]
        return self.keys[:count, :, : self.place.length], self.values[:count, :, : self.place.length]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """How long the keys are that a step sees, and where they begin."""
        return self.place.length, 0

    def get_seq_length(self) -> int:
        """How much is there: unknown to a layer, whose rows all differ; positions are given to the model instead."""
        return 0

    def get_max_length(self) -> int:
        """How many positions a slot has."""
        return self.keys.shape[2]


class StepPlace:
    """Where the next step writes: the rows, the position in each (rows), and how many positions it looks at."""

    def __init__(self) -> None:
        self.rows = torch.zeros(0, dtype=torch.long)
        self.positions = torch.zeros(0, dtype=torch.long)
        self.length = 0


class Slots:
    """The slots of one model; `count` sequences at most, of `positions` tokens at most."""

    def __init__(self, count: int, positions: int, device: torch.device, whole: bool) -> None:
        self.count = count
        self.positions = positions
        self.place = StepPlace()
        self.cache: Cache | None = None
        self._layers: list[SlotLayer] = []
        self._device = device
        # A captured step needs the tensors to stay where they are; elsewhere they grow with what is asked for.
        self._whole = whole
        self._length = positions if whole else 0

    def fill(self, slot: int, filled: DynamicCache, tokens: int) -> None:
        """Copy the cache of a prompt that was read (1 x tokens) into a slot."""
        read: list[tuple[Any, Any]] = [(layer.keys, layer.values) for layer in filled.layers]  # type: ignore[union-attr]
        if not self._layers:
            self._length = max(self._length, self._rounded(tokens))
            self._make([(self._empty(keys), self._empty(values)) for keys, values in read])
        self.reserve(tokens)
        for layer, (keys, values) in zip(self._layers, read, strict=True):
            layer.keys[slot, :, :tokens] = keys[0]
            layer.values[slot, :, :tokens] = values[0]

    def move(self, source: int, target: int, tokens: int) -> None:
        """Copy the first tokens of one slot into another, when its sequence moves into a gap."""
        for layer in self._layers:
            layer.keys[target, :, :tokens] = layer.keys[source, :, :tokens]
            layer.values[target, :, :tokens] = layer.values[source, :, :tokens]

    def reserve(self, tokens: int) -> None:
        """Make room for so many positions in every slot; what is in them stays."""
        if tokens <= self._length:
            return
        # Growing by half at least, so that it is seldom.
        self._length = min(self.positions, max(self._rounded(tokens), self._length * 3 // 2))
        self._make([(self._grown(layer.keys), self._grown(layer.values)) for layer in self._layers])

    def _make(self, tensors: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
        self._layers = [SlotLayer(keys, values, self.place) for keys, values in tensors]
        self.cache = Cache(layers=[*self._layers])
        if self._whole:
            # CUDA graphs are given up, silently, where an input is written to that may move.
            for tensor in (part for pair in tensors for part in pair):
                torch._dynamo.mark_static_address(tensor)

    def _rounded(self, tokens: int) -> int:
        return min(self.positions, -(-tokens // LENGTH_STEP) * LENGTH_STEP)

    def _empty(self, like: torch.Tensor) -> torch.Tensor:
        shape = (self.count, like.shape[1], self._length, like.shape[3])
        return torch.zeros(shape, dtype=like.dtype, device=self._device)

    def _grown(self, old: torch.Tensor) -> torch.Tensor:
        new = self._empty(old)
        new[:, :, : old.shape[2]] = old
        return new
