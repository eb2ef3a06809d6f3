"""Answers in the shapes of OpenAI's API, whole and in chunks, each choice with its attribution."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from attrib.answers import AttributedMatch, GenerateAnswer, GeneratedChoice
from generator.base import TokenLogprob

Kind = Literal["text_completion", "chat.completion"]

_REASONS = {"stop": "stop", "length": "length", "time_limit": "length", "cancelled": "stop"}


@dataclass(frozen=True, slots=True)
class Shape:
    """How one request is answered: as text or as a message, under which id, with what before the text."""

    kind: Kind
    id: str
    model: str
    echo: str = ""
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: GenerateAnswer) -> dict[str, Any]:
        """Return the whole answer."""
        return {
            "id": self.id,
            "object": self.kind,
            "created": self.created,
            "model": self.model,
            "choices": [self._choice(number, choice) for number, choice in enumerate(answer.choices)],
            "usage": usage(answer),
        }

    def text_chunk(self, number: int, text: str) -> dict[str, Any]:
        """Return a chunk with text of one choice."""
        return self._chunk([self._piece(number, text, None)])

    def match_chunk(self, number: int, match: AttributedMatch) -> dict[str, Any]:
        """Return a chunk without text that says where the text comes from that follows it."""
        return self._chunk([{**self._piece(number, "", None), "attribution": {"matches": [match.as_json()]}}])

    def last_chunk(self, number: int, choice: GeneratedChoice) -> dict[str, Any]:
        """Return the chunk that ends a choice, with all of its attribution."""
        return self._chunk([{**self._piece(number, "", finish_reason(choice)), "attribution": attribution(choice)}])

    def usage_chunk(self, answer: GenerateAnswer) -> dict[str, Any]:
        """Return the chunk that counts tokens; it has no choices."""
        return {**self._chunk([]), "usage": usage(answer)}

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        named = "chat.completion.chunk" if self.kind == "chat.completion" else self.kind
        return {"id": self.id, "object": named, "created": self.created, "model": self.model, "choices": choices}

    def _piece(self, number: int, text: str, reason: str | None) -> dict[str, Any]:
        if self.kind == "text_completion":
            return {"index": number, "text": text, "logprobs": None, "finish_reason": reason}
        delta = {"role": "assistant", "content": text} if reason is None else {}
        return {"index": number, "delta": delta, "logprobs": None, "finish_reason": reason}

    def _choice(self, number: int, choice: GeneratedChoice) -> dict[str, Any]:
        text = (choice.text if choice.text is not None else choice.code) or ""
        answered: dict[str, Any] = {"index": number}
        if self.kind == "text_completion":
            answered |= {"text": self.echo + text, "logprobs": _completion_logprobs(choice.logprobs)}
        else:
            message = {"role": "assistant", "content": text, "refusal": None}
            answered |= {"message": message, "logprobs": _chat_logprobs(choice.logprobs)}
        return {**answered, "finish_reason": finish_reason(choice), "attribution": attribution(choice)}


def finish_reason(choice: GeneratedChoice) -> str:
    """Return why a choice ended, in OpenAI's words: what is withheld is `content_filter`."""
    return "content_filter" if choice.code is None else _REASONS[choice.finish_reason]


def attribution(choice: GeneratedChoice) -> dict[str, Any]:
    """Return what we add to every choice: the check, and the code with its tags."""
    check = choice.check.as_json()
    added = {"code_with_attribution": choice.code_with_attribution, "reasons": list(choice.reasons)}
    return {**check, **check["attribution"], **added}


def usage(answer: GenerateAnswer) -> dict[str, int]:
    """Return how many tokens were read and written."""
    prompt, completion = answer.usage["prompt_tokens"], answer.usage["completion_tokens"]
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _completion_logprobs(logprobs: tuple[TokenLogprob, ...]) -> dict[str, Any] | None:
    if not logprobs:
        return None
    offsets, at = [], 0
    for one in logprobs:
        offsets.append(at)
        at += len(one.token)
    return {
        "tokens": [one.token for one in logprobs],
        "token_logprobs": [one.logprob for one in logprobs],
        "top_logprobs": [dict(one.alternatives) for one in logprobs],
        "text_offset": offsets,
    }


def _chat_logprobs(logprobs: tuple[TokenLogprob, ...]) -> dict[str, Any] | None:
    if not logprobs:
        return None
    return {
        "content": [
            {
                **_token(one.token, one.logprob),
                "top_logprobs": [_token(token, value) for token, value in one.alternatives],
            }
            for one in logprobs
        ],
        "refusal": None,
    }


def _token(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode(errors="surrogatepass"))}
