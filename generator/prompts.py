"""From text to token ids: plain prompts, and fill-in-the-middle in the words of the model's own family."""

from collections.abc import Callable
from dataclasses import dataclass

from generator.base import GenerationRequest
from generator.chat import ANSWER_STOPS, assistant_prompt, has_template, templated
from generator.errors import FillInMiddleUnsupported, PromptTooLong
from generator.fim import Tokenizer, fim_tokens, suffix_start
from generator.healing import taken_back

# A prompt that is cut to fit leaves this share of the positions to the answer, or less where less is asked for.
_ANSWER_SHARE = 4


def encode_plain(tokenizer: Tokenizer, text: str) -> list[int]:
    """Text as text: what looks like a special token is spelt out, so nobody can end or reshape a prompt from inside."""
    return tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)


@dataclass(frozen=True, slots=True)
class EncodedPrompt:
    """Token ids the model reads, and how many of the text's tokens were cut at its far ends.

    `stop` are strings that end an answer besides those of the request; `begin` is the text that its first tokens must
    spell and that is no part of it, `closing` is what the suffix begins with and the answer need not end with.
    """

    ids: list[int]
    cut_before: int = 0
    cut_after: int = 0
    stop: tuple[str, ...] = ()
    begin: str = ""
    closing: str = ""


def encode_prompt(tokenizer: Tokenizer, prompt: str, suffix: str | None = None) -> list[int]:
    """Token ids the model reads: a start token where the family has one, never an empty list.

    Raises FillInMiddleUnsupported where a suffix is given and the tokenizer has no tokens for it.
    """
    before = encode_plain(tokenizer, prompt)
    return _assembled(tokenizer, before, None if suffix is None else encode_plain(tokenizer, suffix))


def encode_request(
    tokenizer: Tokenizer,
    request: GenerationRequest,
    positions: int,
    name: str,
    decode: Callable[[list[int]], str] | None = None,
) -> EncodedPrompt:
    """Token ids of a request, cut at the far ends where it asks for that: a prompt's beginning, a suffix's end.

    With `decode` a middle may begin within a token (`generator.healing`). A conversation is never cut. Raises
    PromptTooLong where that leaves no room for an answer, FillInMiddleUnsupported, and InvalidRequest for a
    conversation that the model's template refuses.
    """
    if request.messages:
        return _conversation(tokenizer, request, positions, name)
    before = encode_plain(tokenizer, request.prompt)
    after = None if request.suffix is None else encode_plain(tokenizer, request.suffix)
    before, begin = taken_back(before, decode) if decode is not None and after is not None else (before, "")
    ids = _assembled(tokenizer, before, after)
    # Where a middle has run into what follows it, it is at its end.
    start = suffix_start(request.suffix or "")
    stop = () if start is None else (start,)
    # From within a line, the suffix's own line ends close it.
    suffix = request.suffix or ""
    closing = "" if request.prompt.endswith("\n") else suffix[: len(suffix) - len(suffix.lstrip("\n"))]
    if len(ids) < positions and (request.overlong == "refuse" or len(ids) + request.max_new_tokens <= positions):
        return EncodedPrompt(ids, stop=stop, begin=begin, closing=closing)
    if request.overlong == "refuse":
        raise _too_long(ids, positions, name)
    room = positions - min(request.max_new_tokens, positions // _ANSWER_SHARE)
    excess = max(0, len(ids) - room)
    # What follows the gap tells less of it than what stands before, so the suffix gives way first, down to a quarter.
    kept_after = len(after or ()) - min(excess, max(0, len(after or ()) - room // 4))
    cut_after = len(after or ()) - kept_after
    cut_before = min(len(before), excess - cut_after)
    shortened = _assembled(tokenizer, before[cut_before:], None if after is None else after[:kept_after])
    return EncodedPrompt(shortened, cut_before, cut_after, stop, begin, closing)


def _conversation(tokenizer: Tokenizer, request: GenerationRequest, positions: int, name: str) -> EncodedPrompt:
    if has_template(tokenizer):
        prompt = EncodedPrompt(templated(tokenizer, request.messages))
    else:
        prompt = EncodedPrompt(encode_prompt(tokenizer, assistant_prompt(request.messages)), stop=ANSWER_STOPS)
    if len(prompt.ids) >= positions:
        raise _too_long(prompt.ids, positions, name)
    return prompt


def _too_long(ids: list[int], positions: int, name: str) -> PromptTooLong:
    return PromptTooLong(
        f"The prompt takes {len(ids)} tokens and model {name!r} has {positions} positions: "
        f"shorten it to at most {positions - 1} tokens."
    )


def _assembled(tokenizer: Tokenizer, before: list[int], after: list[int] | None) -> list[int]:
    start = [number for number in tokenizer.encode("")[:1] if number == tokenizer.bos_token_id]
    if after is not None:
        return start + _middle(tokenizer, before, after)
    ids = start + before
    if not ids and tokenizer.eos_token_id is not None:
        return [tokenizer.eos_token_id]  # one text has ended, another begins
    return ids


def _middle(tokenizer: Tokenizer, before: list[int], after: list[int]) -> list[int]:
    family = fim_tokens(tokenizer)
    if family is None:
        raise FillInMiddleUnsupported(
            "This model cannot fill in the middle, its tokenizer has no tokens for it: "
            "leave the suffix out, or choose a model such as bigcode/starcoderbase-7b."
        )
    vocabulary = tokenizer.get_vocab()
    if family.middle is None:
        return [vocabulary[family.suffix], *after, vocabulary[family.prefix], *before]
    if family.suffix_first:
        return [vocabulary[family.prefix], vocabulary[family.suffix], *after, vocabulary[family.middle], *before]
    return [vocabulary[family.prefix], *before, vocabulary[family.suffix], *after, vocabulary[family.middle]]
