"""Puts checked requests to the service; the API and the forms both ask through here."""

from attrib.answers import CheckAnswer, GenerateAnswer
from generator.base import GenerationRequest
from web.current import current_config, current_service
from web.errors import FieldError, Problem
from web.schemas import CheckOptions, GenerateRequest


def check(code: bytes, options: CheckOptions) -> CheckAnswer:
    """Check code of any encoding; raises Problem `too-large` where it is more than the settings allow."""
    most = current_config().max_code_bytes
    if len(code) > most:
        raise Problem("too-large", f"The code is {len(code):,} bytes; this service takes {most:,} at once.")
    return current_service().check(code, path=options.path, language=options.language, exclude=options.exclude)


def generate(asked: GenerateRequest) -> GenerateAnswer:
    """Generate, check and attribute; raises what the generator raises."""
    if asked.stream:
        detail = "streaming is not offered yet: leave it out and the whole answer comes at once"
        raise Problem("invalid-fields", f"Wrong: stream: {detail}.", fields=[FieldError(("stream",), detail)])
    request = GenerationRequest(
        prompt=asked.prompt,
        suffix=asked.suffix,
        max_new_tokens=asked.max_new_tokens,
        n=asked.n,
        temperature=asked.temperature,
        top_p=asked.top_p,
        top_k=asked.top_k,
        seed=asked.seed,
        stop=asked.stop,
    )
    return current_service().generate(request, language=asked.language, exclude=asked.exclude)
