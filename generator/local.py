"""Any causal code model through transformers, with a decode loop of our own."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from transformers import DynamicCache

from generator.base import Completion, FinishReason, GenerationRequest, ModelDescription, Piece, gather
from generator.errors import OutOfMemory, PromptTooLong
from generator.loading import EMBEDDED, LoadedModel, load_model, ran_out_of_memory
from generator.prompts import encode_prompt, fim_tokens
from generator.release import TextRelease
from generator.sampling import next_tokens

CONTEXT_TOKENS = 8
UNLIMITED = 1 << 20


@dataclass(slots=True)
class Choice:
    """One choice of a request while it is written."""

    number: int
    release: TextRelease
    tokens: int = 0
    unsent: int = 0
    done: bool = False

    def piece(self, text: str, reason: FinishReason | None = None) -> Piece:
        """The next piece, with the tokens taken since the last one."""
        if reason is not None:
            self.done = True
        sent, self.unsent = self.unsent, 0
        return Piece(self.number, text, reason, sent)


class LocalGenerator:
    """A loaded model as a CodeGenerator."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._name = loaded.name
        self._model = loaded.model
        self._tokenizer = loaded.tokenizer
        self._positions = positions_of(loaded)
        self._ends = end_tokens(loaded)

    def describe(self) -> ModelDescription:
        """The model, its size and its device."""
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

    def complete(self, request: GenerationRequest, cancel: threading.Event | None = None) -> tuple[Completion, ...]:
        """All choices once they are finished; raises what `stream` raises."""
        return gather(self.stream(request, cancel))

    def stream(self, request: GenerationRequest, cancel: threading.Event | None = None) -> Iterator[Piece]:
        """Pieces of all choices as they are written, decoded together as one batch.

        `max_new_tokens` is clipped to the positions that the prompt leaves. Raises PromptTooLong (at once, before
        anything runs), FillInMiddleUnsupported and OutOfMemory.
        """
        prompt = encode_prompt(self._tokenizer, request.prompt, request.suffix)
        room = self._positions - len(prompt)
        if room < 1:
            raise PromptTooLong(
                f"The prompt takes {len(prompt)} tokens and model {self._name!r} has {self._positions} positions: "
                f"shorten it to at most {self._positions - 1} tokens."
            )
        return self._pieces(request, prompt, min(room, request.max_new_tokens), cancel or threading.Event())

    def _pieces(
        self, request: GenerationRequest, prompt: list[int], limit: int, cancel: threading.Event
    ) -> Iterator[Piece]:
        choices = [
            Choice(number, TextRelease(self._decode, request.stop, prompt[-CONTEXT_TOKENS:]))
            for number in range(request.n)
        ]
        try:
            for tokens in self._tokens(request, prompt, limit):
                for choice, token in zip(choices, tokens, strict=True):
                    if not choice.done:
                        yield from self._advance(choice, token, limit)
                if cancel.is_set():
                    open_choices = [choice for choice in choices if not choice.done]
                    yield from (choice.piece(choice.release.finish(), "cancelled") for choice in open_choices)
                if all(choice.done for choice in choices):
                    return
        except RuntimeError as error:
            if not ran_out_of_memory(error):
                raise
            raise OutOfMemory(
                f"{self._model.device} ran out of memory on a prompt of {len(prompt)} tokens: "
                "shorten it, ask for fewer choices, or try again when the device is less busy."
            ) from error

    def _advance(self, choice: Choice, token: int, limit: int) -> Iterator[Piece]:
        """Takes one token into a choice and hands on the text that it frees."""
        choice.tokens += 1
        choice.unsent += 1
        if token in self._ends:
            yield choice.piece(choice.release.finish(), "stop")
            return
        text = choice.release.add(token)
        if choice.release.stopped:
            yield choice.piece(text, "stop")
        elif choice.tokens == limit:
            yield choice.piece(text + choice.release.finish(), "length")
        elif text:
            yield choice.piece(text)

    def _tokens(self, request: GenerationRequest, prompt: list[int], limit: int) -> Iterator[list[int]]:
        """Token after token of every choice; rows that have ended run on and are not looked at."""
        device = self._model.device
        drawn = torch.Generator(device)
        drawn.manual_seed(request.seed) if request.seed is not None else drawn.seed()
        cache = DynamicCache(config=self._model.config)
        seen = torch.tensor([prompt], device=device)
        logits = prefill(self._model, seen, cache)
        if request.n > 1:
            cache.batch_repeat_interleave(request.n)
            seen, logits = seen.repeat(request.n, 1), logits.repeat(request.n, 1)
        for _ in range(limit - 1):
            chosen = next_tokens(logits, seen, request, drawn)
            seen = torch.cat([seen, chosen.unsqueeze(1)], dim=1)
            yield chosen.tolist()
            logits = decode_step(self._model, chosen, cache)
        yield next_tokens(logits, seen, request, drawn).tolist()

    def _decode(self, ids: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text


def open_local(name: str = EMBEDDED, device: str = "auto", dtype: str = "auto") -> LocalGenerator:
    """Loads a model by name; raises what `load_model` raises."""
    return LocalGenerator(load_model(name, device, dtype))


@torch.inference_mode()
def prefill(model: torch.nn.Module, prompt: torch.Tensor, cache: DynamicCache) -> torch.Tensor:
    """Reads a prompt (1 x tokens) into the cache; scores of the token after it (1 x vocabulary, float32)."""
    logits: torch.Tensor = model(prompt, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
    return logits[:, -1, :].float()


@torch.inference_mode()
def decode_step(model: torch.nn.Module, tokens: torch.Tensor, cache: DynamicCache) -> torch.Tensor:
    """Takes one token a row (rows) into the cache; scores of the next (rows x vocabulary, float32)."""
    logits: torch.Tensor = model(tokens.unsqueeze(1), past_key_values=cache, use_cache=True).logits
    return logits[:, -1, :].float()


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
