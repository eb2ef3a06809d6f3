"""The OpenAI-compatible API: `/v1`, with an attribution on every choice."""

import uuid
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request

from attrib.answers import GenerateAnswer
from attrib.generation import ChoiceEvent, MatchEvent, TextEvent
from generator.base import GenerationRequest
from web.current import current_service
from web.events import Event, event_stream
from web.openai_answers import Kind, Shape
from web.openai_errors import OpenAIError, as_openai, error_body
from web.openai_requests import Asked, ChatRequest, CompletionRequest, FimRequest

blueprint = Blueprint("openai", __name__, url_prefix="/v1")

blueprint.register_error_handler(OpenAIError, as_openai)

OWNER = "attrib"


@blueprint.get("/models")
def models() -> dict[str, Any]:
    """List the model that is served."""
    return {"object": "list", "data": [_model()]}


@blueprint.get("/models/<path:name>")
def model(name: str) -> dict[str, Any]:
    """Return the model that is served, by its name."""
    _require_model(name)
    return _model()


@blueprint.post("/completions")
def completions() -> Response:
    """Continue a prompt, or fill in the middle between prompt and suffix."""
    asked = CompletionRequest.read(_body())
    echo = asked.request.prompt if asked.echo else ""
    return _answered(asked, asked.request, "text_completion", "cmpl", echo)


@blueprint.post("/chat/completions")
def chat() -> Response:
    """Answer a conversation."""
    asked = ChatRequest.read(_body())
    return _answered(asked, asked.request, "chat.completion", "chatcmpl")


@blueprint.post("/fim/completions")
def fim() -> Response:
    """Fill in the middle, answered as a message."""
    asked = FimRequest.read(_body())
    return _answered(asked, asked.request, "chat.completion", "fim")


def _answered(asked: Asked, wanted: GenerationRequest, kind: Kind, prefix: str, echo: str = "") -> Response:
    _require_model(asked.model)
    shape = Shape(kind, f"{prefix}-{uuid.uuid4().hex}", current_service().model().name, echo)
    if not asked.stream:
        answer = current_service().generate(wanted, language=asked.language, exclude=asked.exclude)
        return jsonify({**shape.whole(answer), "record": answer.id})
    events = _chunks(asked, wanted, shape)
    return event_stream(events, lambda problem: (None, error_body(problem)))


def _chunks(asked: Asked, wanted: GenerationRequest, shape: Shape) -> Iterator[Event]:
    begun: set[int] = set()
    for event in current_service().stream(wanted, language=asked.language, exclude=asked.exclude):
        match event:
            case TextEvent(number, text):
                before = "" if number in begun else shape.echo
                begun.add(number)
                yield None, shape.text_chunk(number, before + text)
            case MatchEvent(number, found):
                yield None, shape.match_chunk(number, found)
            case ChoiceEvent(number, choice):
                yield None, shape.last_chunk(number, choice)
            case GenerateAnswer():
                if asked.include_usage:
                    yield None, shape.usage_chunk(event)
    yield None, "[DONE]"


def _model() -> dict[str, Any]:
    described = current_service().model()
    return {
        "id": described.name,
        "object": "model",
        "created": 0,
        "owned_by": OWNER,
        "max_model_len": described.positions,
        "fills_in_middle": described.fills_in_middle,
    }


def _require_model(name: str) -> None:
    served = current_service().model().name
    if name not in (served, served.rsplit("/", 1)[-1]):
        raise OpenAIError(
            404, f"The model '{name}' does not exist here; '{served}' does.", param="model", code="model_not_found"
        )


def _body() -> bytes:
    if request.mimetype != "application/json":
        raise OpenAIError(400, "The body must be sent as application/json.")
    return request.get_data(cache=False)
