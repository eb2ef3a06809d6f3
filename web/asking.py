"""Puts checked requests to the service; the API and the forms both ask through here."""

from collections.abc import Iterator

from attrib import prompts
from attrib.answers import CheckAnswer, GenerateAnswer
from attrib.generation import ChoiceEvent, MatchEvent, TextEvent
from generator.base import GenerationRequest
from web.current import current_config, current_service
from web.errors import Problem
from web.events import Event
from web.schemas import CheckOptions, GenerateRequest


def check(code: bytes, options: CheckOptions) -> CheckAnswer:
    """Check code of any encoding; raises Problem `too-large` where it is more than the settings allow."""
    most = current_config().max_code_bytes
    if len(code) > most:
        raise Problem("too-large", f"The code is {len(code):,} bytes; this service takes {most:,} at once.")
    return current_service().check(code, path=options.path, language=options.language, exclude=options.exclude)


def generate(asked: GenerateRequest) -> GenerateAnswer:
    """Generate, check and attribute; raises what the generator raises."""
    return current_service().generate(_request(asked), language=asked.language, exclude=asked.exclude)


def streamed(asked: GenerateRequest) -> Iterator[Event]:
    """Generate, check and attribute, and yield events: `match` before the `text` it is in, `choice`, `done`."""
    for event in current_service().stream(_request(asked), language=asked.language, exclude=asked.exclude):
        match event:
            case TextEvent(number, text):
                yield "text", {"choice": number, "text": text}
            case MatchEvent(number, found):
                yield "match", {"choice": number, "match": found.as_json()}
            case ChoiceEvent(number, choice):
                yield "choice", {"choice": number, **choice.as_json()}
            case GenerateAnswer():
                yield "done", {"id": event.id, "model": event.model, "usage": event.usage}


def within_time(asked: float | None) -> float:
    """Return the seconds that a generation may take: what was asked for, as far as the settings allow it."""
    most = current_config().max_generation_seconds
    return float(most) if asked is None else min(asked, most)


def _request(asked: GenerateRequest) -> GenerationRequest:
    settings = GenerationRequest(
        prompt="",
        max_new_tokens=asked.max_new_tokens,
        n=asked.n,
        temperature=asked.temperature,
        top_p=asked.top_p,
        top_k=asked.top_k,
        repetition_penalty=asked.repetition_penalty,
        seed=asked.seed,
        stop=asked.stop,
        logprobs=asked.logprobs,
        time_limit=within_time(asked.time_limit),
        overlong=asked.overlong,
    )
    return prompts.asked(settings, asked.prompt, asked.suffix, asked.mode)
