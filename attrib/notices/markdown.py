"""A notice as Markdown (CommonMark 0.31): what others wrote stands in fences, or has its punctuation escaped."""

import re
import string

from attrib.notices.document import OPENING, TITLE, UNKNOWN_OPENING, UNKNOWN_TITLE, NoticeDocument, ShippedText, Work

_PUNCTUATION = re.compile(f"([{re.escape(string.punctuation)}])")
_TICKS = re.compile(r"`+")


def render(document: NoticeDocument) -> str:
    """Return the notice as Markdown, ending in a newline; '' where there is nothing to be said."""
    parts = []
    if document.known:
        parts += [f"# {TITLE}", OPENING]
        parts += [_work(work, document) for work in document.known]
    if document.unknown:
        parts += [f"# {UNKNOWN_TITLE}", UNKNOWN_OPENING]
        parts += [_work(work, document) for work in document.unknown]
    return "\n\n".join(parts) + "\n" if parts else ""


def verbatim(notice: str) -> str:
    """Return a notice that is text already, in a fence; '' for none."""
    return f"# {TITLE}\n\n{fenced(notice.rstrip())}\n" if notice else ""


def _work(work: Work, document: NoticeDocument) -> str:
    facts = [f"- Source: {escaped(work.purl)}", f"- Licence: {escaped(work.license or 'not known')}"]
    if work.choice is not None:
        facts.append(f"- Choice: {escaped(work.choice)}")
    if work.changes is not None:
        facts.append(f"- Changes: {escaped(work.changes)}.")
    parts = [f"## {escaped(work.title)}", "\n".join(facts)]
    if work.places:
        parts += ["Reproduced here:", "\n".join(f"- {escaped(place)}" for place in work.places)]
    if work.copyright:
        parts += ["Copyright:", "\n".join(f"- {escaped(statement)}" for statement in work.copyright)]
    return "\n\n".join((*parts, *(_text(text, document) for text in work.texts)))


def _text(text: ShippedText, document: NoticeDocument) -> str:
    heading = f"### {escaped(text.heading)}"
    giver = document.giver(text)
    if giver is not None:
        return f"{heading}\n\nWord for word the text given above for {escaped(giver.purl)}."
    return f"{heading}\n\n{fenced(text.body)}"


def fenced(body: str) -> str:
    """Return a text in a fence that is longer than any run of backticks in it."""
    longest = max((len(run) for run in _TICKS.findall(body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{body}\n{fence}"


def escaped(line: str) -> str:
    """Return a line with its punctuation escaped, so that Markdown reads it as it stands."""
    return _PUNCTUATION.sub(r"\\\1", line)
