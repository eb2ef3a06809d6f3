"""The OpenAI-compatible API: `/v1`, with an attribution on every choice."""

import uuid
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify

from attrib.answers import GenerateAnswer
from attrib.generation import ChoiceEvent, MatchEvent, TextEvent
from generator.base import GenerationRequest
from web.current import current_service
from web.events import Event, event_stream
from web.openai_answers import Kind, Shape
from web.openai_errors import OpenAIError, as_openai, error_body
from web.openai_json import ChatCompletionJson, CompletionJson, ModelEntryJson, ModelsJson
from web.openai_requests import Asked, ChatRequest, CompletionRequest, FimRequest
from web.operations import operation

blueprint = Blueprint("openai", __name__, url_prefix="/v1")

blueprint.register_error_handler(OpenAIError, as_openai)

OWNER = "attrib"
OPENAI = "OpenAI's clients"
STREAMED = {"text/event-stream": str}
GENERATING = ("not-found", "not-generated", "generator-busy", "generator-unavailable", "not-ready")


@blueprint.get("/models")
@operation(OPENAI)
def models() -> ModelsJson:
    """List the model that is served."""
    return {"object": "list", "data": [_model()]}


@blueprint.get("/models/<path:name>")
@operation(OPENAI, refuses=("not-found",))
def model(name: str) -> ModelEntryJson:
    """Return the model that is served, by its name."""
    _require_model(name)
    return _model()


@blueprint.post("/completions")
@operation(OPENAI, also=STREAMED, refuses=GENERATING)
def completions(body: CompletionRequest) -> CompletionJson | Response:
    """Continue a prompt, or fill in the middle between prompt and suffix."""
    echo = body.request.prompt if body.echo else ""
    return _answered(body, body.request, "text_completion", "cmpl", echo)


@blueprint.post("/chat/completions")
@operation(OPENAI, also=STREAMED, refuses=GENERATING)
def chat(body: ChatRequest) -> ChatCompletionJson | Response:
    """Answer a conversation."""
    return _answered(body, body.request, "chat.completion", "chatcmpl")


@blueprint.post("/fim/completions")
@operation(OPENAI, also=STREAMED, refuses=GENERATING)
def fim(body: FimRequest) -> ChatCompletionJson | Response:
    """Fill in the middle, answered as a message."""
    return _answered(body, body.request, "chat.completion", "fim")


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


def _model() -> ModelEntryJson:
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
