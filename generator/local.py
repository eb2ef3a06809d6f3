"""Any causal code model through transformers, with a decode loop of our own."""

import threading
import time
from collections.abc import Callable, Generator, Sequence
from functools import cached_property
from typing import Any

import torch

from generator.base import Completion, GenerationRequest, Guide, ModelDescription, Piece, PromptFit, gather
from generator.engine import Engine, Job
from generator.errors import GeneratorBusy
from generator.fim import fim_tokens
from generator.healing import TokenBeginnings
from generator.loading import LoadedModel, load_model
from generator.locating import EMBEDDED
from generator.prompts import EncodedPrompt, encode_prompt, encode_request
from generator.release import TextRelease
from generator.sequence import Written
from generator.slots import Slots
from generator.steering import TokenTexts
from generator.step import StepKind
from generator.worker import DeviceWorker

CONTEXT_TOKENS = 8
UNLIMITED = 1 << 20
MOST_WAITING = 64
MOST_SLOTS = 64
MOST_SLOTS_ON_CPU = 8
# Of the memory that is free when a model is loaded, this much may go to its cache.
CACHE_SHARE = 0.8
_SEEDS = 1 << 63
_SPREAD = 0x9E3779B97F4A7C15


class LocalGenerator:
    """A loaded model as a CodeGenerator: any thread may ask, requests are written together.

    `slots` is how many choices are written at once (None: as many as the device's memory holds, at most 64, on a CPU
    8), `waiting` how many requests may wait for one.
    """

    def __init__(
        self, loaded: LoadedModel, step: StepKind = "auto", slots: int | None = None, waiting: int = MOST_WAITING
    ) -> None:
        self._name = loaded.name
        self._model: Any = loaded.model
        self._tokenizer = loaded.tokenizer
        self._positions = positions_of(loaded)
        self._ends = end_tokens(loaded)
        device: torch.device = self._model.device
        table = Slots(slots or slots_that_fit(loaded), self._positions, device, whole=device.type == "cuda")
        self._slots = table.count
        self._engine = Engine(
            self._model, table, step, self._ends, lambda: self._texts, lambda: self._beginnings, self._decode
        )
        self._worker = DeviceWorker(self._engine, waiting)

    def describe(self) -> ModelDescription:
        """The model, its size and its device."""
        return self._description

    @cached_property
    def _description(self) -> ModelDescription:
        return ModelDescription(
            name=self._name,
            architecture=type(self._model).__name__,
            parameters=sum(parameter.numel() for parameter in self._model.parameters()),
            positions=self._positions,
            device=str(self._model.device),
            dtype=str(self._model.dtype).removeprefix("torch."),
            fills_in_middle=fim_tokens(self._tokenizer) is not None,
        )

    def count_tokens(self, prompt: str, suffix: str | None = None) -> int:
        """How many positions a prompt takes, fill-in-the-middle tokens included."""
        return len(encode_prompt(self._tokenizer, prompt, suffix))

    def fit(self, request: GenerationRequest) -> PromptFit:
        """How many positions the prompt of a request takes, special tokens included; raises PromptTooLong."""
        prompt = self._encoded(request)
        return PromptFit(len(prompt.ids), prompt.cut_before, prompt.cut_after)

    def complete(
        self, request: GenerationRequest, cancel: threading.Event | None = None, guide: Guide | None = None
    ) -> tuple[Completion, ...]:
        """All choices once they are finished; raises what `stream` raises."""
        return gather(self.stream(request, cancel, guide))

    def stream(
        self, request: GenerationRequest, cancel: threading.Event | None = None, guide: Guide | None = None
    ) -> Generator[Piece, None, None]:
        """Pieces of all choices as they are written, together with those of every other request at work.

        `max_new_tokens` is clipped to the positions that the prompt leaves. Raises PromptTooLong, GeneratorBusy (both
        at once, before anything runs), FillInMiddleUnsupported and OutOfMemory. Closing the iterator cancels.
        """
        if request.n > self._slots:
            raise GeneratorBusy(f"This model writes at most {self._slots} choices at once: ask for fewer, one by one.")
        encoded = self._encoded(request)
        prompt = encoded.ids
        limit = min(self._positions - len(prompt), request.max_new_tokens + bool(encoded.begin))
        deadline = None if request.time_limit is None else time.monotonic() + request.time_limit

        def job(send: Callable[[Piece], None], abandoned: Callable[[], bool]) -> Job:
            return Job(
                prompt=prompt,
                choices=[self._choice(number, request, encoded, limit, guide) for number in range(request.n)],
                send=send,
                cancelled=lambda: abandoned() or (cancel is not None and cancel.is_set()),
                deadline=deadline,
            )

        return self._worker.submit(job)

    def _encoded(self, request: GenerationRequest) -> EncodedPrompt:
        return encode_request(self._tokenizer, request, self._positions, self._name, self._decode)

    def _choice(
        self, number: int, request: GenerationRequest, prompt: EncodedPrompt, limit: int, guide: Guide | None
    ) -> Written:
        skipped = len(prompt.begin)
        release = TextRelease(self._decode, (*request.stop, *prompt.stop), prompt.ids[-CONTEXT_TOKENS:], skipped)
        return Written(
            number, request, list(prompt.ids), limit, release, self._drawn(request, number), guide, prompt.begin
        )

    def _drawn(self, request: GenerationRequest, number: int) -> torch.Generator | None:
        """The random generator of one choice: its own, so that no choice depends on when another ends."""
        if request.temperature == 0.0:
            return None
        drawn = torch.Generator(self._model.device)
        if request.seed is None:
            drawn.seed()
        else:
            drawn.manual_seed((request.seed + number * _SPREAD) % _SEEDS)
        return drawn

    @cached_property
    def _vocabulary(self) -> list[str]:
        """The text of every token, in about a second for 50,000."""
        return [self._decode([token]) for token in range(len(self._tokenizer))]

    @cached_property
    def _texts(self) -> TokenTexts:
        return TokenTexts(self._vocabulary, self._ends)

    @cached_property
    def _beginnings(self) -> TokenBeginnings:
        return TokenBeginnings(self._vocabulary, self._ends)

    def _decode(self, ids: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text


def open_local(
    name: str = EMBEDDED, device: str = "auto", dtype: str = "auto", step: StepKind = "auto", slots: int | None = None
) -> LocalGenerator:
    """Loads a model by name; raises what `load_model` raises."""
    return LocalGenerator(load_model(name, device, dtype), step, slots)


def slots_that_fit(loaded: LoadedModel) -> int:
    """How many sequences of full length the free memory holds, from 1 to 64; 8 on a CPU, whose slots grow with use."""
    device: torch.device = loaded.model.device
    if device.type != "cuda":
        return MOST_SLOTS_ON_CPU
    free, _ = torch.cuda.mem_get_info(device)
    return max(1, min(MOST_SLOTS, int(free * CACHE_SHARE) // (cache_bytes(loaded) * positions_of(loaded))))


def cache_bytes(loaded: LoadedModel) -> int:
    """Bytes of cache that one position takes: keys and values of every layer."""
    config: Any = loaded.model.config
    heads = 1 if getattr(config, "multi_query", False) else None
    heads = heads or getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    element = torch.empty((), dtype=loaded.model.dtype).element_size()
    return int(2 * config.num_hidden_layers * heads * width * element)


def positions_of(loaded: LoadedModel) -> int:
    """How many tokens the model can hold; beyond them a CPU raises and a GPU's process is lost."""
    found = getattr(loaded.model.config, "max_position_embeddings", None)
    return int(found) if found else UNLIMITED


def end_tokens(loaded: LoadedModel) -> frozenset[int]:
    """Ids that end a text: those of the generation settings, the tokenizer, and its fill-in-the-middle family."""
    configured = loaded.model.generation_config.eos_token_id if loaded.model.generation_config else None
    ends = set(configured if isinstance(configured, list) else [configured])
    ends.add(loaded.tokenizer.eos_token_id)
    family = fim_tokens(loaded.tokenizer)
    if family is not None:
        vocabulary = loaded.tokenizer.get_vocab()
        ends.update(vocabulary.get(token) for token in family.ends)
    return frozenset(end for end in ends if end is not None)
