"""A notice as plain text: what stands in a file THIRD-PARTY-NOTICES."""

import textwrap

from attrib.notices.document import OPENING, UNKNOWN_OPENING, UNKNOWN_TITLE, NoticeDocument, ShippedText, Work

_HEAVY = "=" * 78
_LIGHT = "-" * 78


def render(document: NoticeDocument) -> str:
    """Return the notice as text, ending in a newline; '' where there is nothing to be said."""
    parts = []
    if document.known:
        parts.append(f"THIRD-PARTY NOTICES\n\n{textwrap.fill(OPENING, 78)}")
        parts += [_work(work, document) for work in document.known]
    if document.unknown:
        rule = f"{_HEAVY}\n" if document.known else ""
        parts.append(f"{rule}{UNKNOWN_TITLE.upper()}\n\n{textwrap.fill(UNKNOWN_OPENING, 78)}")
        parts += [_work(work, document) for work in document.unknown]
    return "\n\n".join(parts) + "\n" if parts else ""


def verbatim(notice: str) -> str:
    """Return a notice that is text already."""
    return notice


def _work(work: Work, document: NoticeDocument) -> str:
    lines = [_HEAVY, f"{work.title} ({work.purl})", "", f"Licence: {work.license or 'not known'}"]
    if work.choice is not None:
        lines.append(f"  {work.choice}")
    if work.places:
        lines += ["Reproduced here:", *(f"  {place}" for place in work.places)]
    if work.changes is not None:
        lines.append(f"Changes: {work.changes}.")
    if work.copyright:
        lines += ["Copyright:", *(f"  {statement}" for statement in work.copyright)]
    return "\n\n".join(("\n".join(lines), *(_text(text, document) for text in work.texts)))


def _text(text: ShippedText, document: NoticeDocument) -> str:
    giver = document.giver(text)
    body = text.body if giver is None else f"Word for word the text given above for {giver.purl}."
    return f"{_LIGHT}\n{text.heading}\n{_LIGHT}\n{body}"
