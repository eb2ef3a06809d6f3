"""The key-value cache of all sequences that are written at once: one slot each, every slot at a position of its own.

The tensors keep their shape and address while the sequences in them come and go, so that a compiled or captured step
can be used again (static cache); rows `0..b-1` are the sequences at work.
"""

from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import Cache, CacheLayerMixin

LENGTH_STEP = 64


class SlotLayer(CacheLayerMixin):
    """Keys and values of one layer, slots x heads x positions x width; a step writes one position of each row."""

    is_compileable = True

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, place: "StepPlace") -> None:
        super().__init__()
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
        self._device = device
        # A captured step needs the tensors to stay where they are; elsewhere they grow with what is asked for.
        self._length = positions if whole else 0

    def fill(self, slot: int, filled: DynamicCache, tokens: int) -> None:
        """Copy the cache of a prompt that was read (1 x tokens) into a slot."""
        self.reserve(tokens, filled)
        assert self.cache is not None
        for layer, source in zip(self.cache.layers, filled.layers, strict=True):
            assert source.keys is not None
            assert source.values is not None
            layer.keys[slot, :, :tokens] = source.keys[0, :, -tokens:]
            layer.values[slot, :, :tokens] = source.values[0, :, -tokens:]

    def move(self, source: int, target: int, tokens: int) -> None:
        """Copy the first tokens of one slot into another, when its sequence moves into a gap."""
        assert self.cache is not None
        for layer in self.cache.layers:
            layer.keys[target, :, :tokens] = layer.keys[source, :, :tokens]
            layer.values[target, :, :tokens] = layer.values[source, :, :tokens]

    def reserve(self, tokens: int, like: DynamicCache | None = None) -> None:
        """Make room for so many positions in every slot; what is in them stays."""
        wanted = min(self.positions, max(self._length, -(-tokens // LENGTH_STEP) * LENGTH_STEP))
        if self.cache is not None and wanted <= self._length:
            return
        # Growing by half at least, so that it is seldom.
        self._length = wanted if self.cache is None else min(self.positions, max(wanted, self._length * 3 // 2))
        layers = (self.cache or like).layers if (self.cache or like) is not None else []  # type: ignore[union-attr]
        grown = []
        for layer in layers:
            keys, values = (self._grown(tensor, self.cache is not None) for tensor in (layer.keys, layer.values))
            grown.append(SlotLayer(keys, values, self.place))
        self.cache = Cache(layers=grown)

    def _grown(self, old: torch.Tensor, kept: bool) -> torch.Tensor:
        shape = (self.count, old.shape[1], self._length, old.shape[3])
        new = torch.zeros(shape, dtype=old.dtype, device=self._device)
        if kept:
            new[:, :, : old.shape[2]] = old
        return new
