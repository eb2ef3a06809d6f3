"""A conversation as a prompt: by the tokenizer's own template, or for a base model as questions and answers."""

from collections.abc import Sequence
from typing import Any

from generator.base import Message
from generator.errors import InvalidRequest

_OPENING = (
    "The following is a conversation with a programmer who knows every language. Answers are short and correct; "
    "code stands in fenced blocks that name their language."
)
_QUESTION, _ANSWER = "Question:", "Answer:"
# A base model goes on with questions of its own.
ANSWER_STOPS = (f"\n{_QUESTION}",)


def has_template(tokenizer: Any) -> bool:
    """Whether a tokenizer brings a template for conversations."""
    return bool(getattr(tokenizer, "chat_template", None))


def templated(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """Token ids of a conversation in the words of the model's family, ready for the answer.

    Raises InvalidRequest where a message holds a mark of that family, or the template refuses the order of roles.
    """
    for message in messages:
        for mark in tokenizer.all_special_tokens:
            if mark in message.content:
                raise InvalidRequest(f"messages hold {mark!r}, which the model would read as a mark: take it out.")
    turns = [{"role": message.role, "content": message.content} for message in messages]
    try:
        ids = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=True, return_dict=False)
    except Exception as error:  # templates raise what they like
        raise InvalidRequest(f"messages do not fit this model's template: {' '.join(str(error).split())}") from error
    return [int(number) for number in ids]


def assistant_prompt(messages: Sequence[Message]) -> str:
    """A conversation for a model that only continues text; what the system says opens it."""
    opening = [message.content for message in messages if message.role == "system"] or [_OPENING]
    turns = [
        f"{_QUESTION if message.role == 'user' else _ANSWER} {message.content.strip()}"
        for message in messages
        if message.role != "system"
    ]
    return "\n\n".join([*opening, *turns, _ANSWER])
