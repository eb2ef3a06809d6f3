"""What a licence is and asks for, as pages and API show it."""

from typing import Any

from attrib.errors import UnknownLicense
from attrib.license_answer import answer_for, answer_for_name
from attrib.license_facts import LicenseFacts
from attrib.license_facts import license_facts as facts_of
from attrib.obligations import ObligationRow, obligations_of
from web.current import current_config
from web.errors import Problem
from web.schemas import DetectRequest


def license_facts(text: str) -> LicenseFacts:
    """Return what is known of a licence; raises Problem `no-such-license` where it is none."""
    try:
        return facts_of(text)
    except UnknownLicense as error:
        raise Problem("no-such-license", str(error)) from None


def asks(expression: str) -> list[str]:
    """Return what an expression asks for in sentences, each beginning with a capital."""
    return [sentence[:1].upper() + sentence[1:] + "." for sentence in obligations_of(expression).sentences]


def grounds(expression: str) -> tuple[ObligationRow, ...]:
    """Return why an expression asks for it: for each licence in our words, and where that stands in its text."""
    return obligations_of(expression).rows


def license_json(text: str) -> dict[str, Any]:
    """Return a licence as the API shows it; raises Problem `no-such-license` where it is none."""
    answer = answer_for_name(text)
    if answer.facts is None:
        raise Problem("no-such-license", str(answer.reason))
    return answer.as_json()


def detected_json(asked: DetectRequest) -> dict[str, Any]:
    """Return which licence a text is; raises Problem `too-large` where it is more than the settings allow."""
    size, most = len(asked.text.encode(errors="replace")), current_config().max_code_bytes
    if size > most:
        raise Problem("too-large", f"The text is {size:,} bytes; this service takes {most:,} at once.")
    return answer_for(asked.text, asked.path or "").as_json()
