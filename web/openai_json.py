"""Answers in the shapes of OpenAI's API, as types, with what we add to them."""

from typing import Annotated, Any, Literal

from typing_extensions import Doc, TypedDict

from attrib.answer_json import CheckJson


class OpenAIAttributionJson(CheckJson):
    """The check of a choice, and what to ship with it."""

    required: bool
    notice: str
    spdx: list[str]
    side_file: str | None
    code_with_attribution: str | None
    reasons: Annotated[list[str], Doc("Why the text is withheld.")]


class OpenAIUsageJson(TypedDict):
    """How many tokens were read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class TextChoiceJson(TypedDict):
    """One continuation."""

    index: int
    text: str
    logprobs: dict[str, Any] | None
    finish_reason: str
    attribution: OpenAIAttributionJson


class MessageJson(TypedDict):
    """What the model said."""

    role: Literal["assistant"]
    content: str
    refusal: None


class MessageChoiceJson(TypedDict):
    """One answer."""

    index: int
    message: MessageJson
    logprobs: dict[str, Any] | None
    finish_reason: str
    attribution: OpenAIAttributionJson


class CompletionJson(TypedDict):
    """Continuations of a prompt."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChoiceJson]
    usage: OpenAIUsageJson
    record: Annotated[str, Doc("The stored record.")]


class ChatCompletionJson(TypedDict):
    """Answers to a conversation."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[MessageChoiceJson]
    usage: OpenAIUsageJson
    record: Annotated[str, Doc("The stored record.")]


class ModelEntryJson(TypedDict):
    """A model that is served."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    max_model_len: int | None
    fills_in_middle: bool


class ModelsJson(TypedDict):
    """The models that are served: one."""

    object: Literal["list"]
    data: list[ModelEntryJson]


class OpenAIErrorDetailJson(TypedDict):
    """What is wrong, and in which field."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIErrorJson(TypedDict):
    """Why a request was refused, as OpenAI's clients read it."""

    error: OpenAIErrorDetailJson
