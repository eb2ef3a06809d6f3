"""Credit that checked code gives already: matches inside ranges that REUSE tags, or a side file, attribute rightly."""

import re
from collections.abc import Iterable
from dataclasses import replace

from attrib.answers import Action, AttributedMatch, AttributedOrigin
from attrib.errors import UnknownLicense
from attrib.licenses import Category, canonical, category_of, resolve_choice
from attrib.side_files import read_side_file
from attrib.snippet_tags import Snippet, read_snippets
from attrib.tag_comments import harmless

_MARK = b"SPDX-SnippetBegin"


def credited(matches: Iterable[AttributedMatch], code: bytes, side_file: str = "") -> tuple[AttributedMatch, ...]:
    """Return the matches with the credit that the code gives already, in tags or in the text of its side file.

    One inside a range tagged with its licence (or one that contains it) and all its copyright is attributed: where it
    only asked for attribution it now asks for nothing. What has to be reviewed or is blocked stays so. A tag that names
    another licence or leaves a holder out does not help, and that is said.
    """
    found = tuple(matches)
    if _MARK not in code and not side_file:
        return found
    text = code.decode(errors="replace")
    tagged = (*read_snippets(text), *read_side_file(side_file, text.count("\n") + 1))
    return tuple(_credited(match, tagged) for match in found)


def with_stored_credit(match: AttributedMatch, stored: AttributedMatch) -> AttributedMatch:
    """Return a match that was judged anew with the credit that its code was found to give when it was stored."""
    if not stored.attributed:
        return match
    verdict = (
        replace(match.verdict, action=Action.ALLOW, reasons=stored.verdict.reasons)
        if match.verdict.action is Action.ATTRIBUTE
        else match.verdict
    )
    return replace(match, verdict=verdict, attributed=True)


def _credited(match: AttributedMatch, tagged: Iterable[Snippet]) -> AttributedMatch:
    if match.verdict.action is Action.ALLOW:
        return match
    around = [
        snippet
        for snippet in tagged
        if match.output.start_line in _reach(snippet) and match.output.end_line in _reach(snippet)
    ]
    origin = match.origins[0]
    wrong = [fault for snippet in around if (fault := _fault(snippet, origin))]
    right = [snippet for snippet in around if _fault(snippet, origin) is None]
    verdict, reasons = match.verdict, match.verdict.reasons
    if not right:
        return replace(match, verdict=replace(verdict, reasons=(*reasons, *wrong))) if wrong else match
    said = f"attributed by its REUSE tags at lines {right[0].start_line}-{right[0].end_line}"
    if verdict.action is Action.ATTRIBUTE:
        return replace(match, verdict=replace(verdict, action=Action.ALLOW, reasons=(said,)), attributed=True)
    unsettled = (*reasons, f"{said}, which does not settle this")
    return replace(match, verdict=replace(verdict, reasons=unsettled), attributed=True)


def _reach(snippet: Snippet) -> range:
    """Return the lines of a snippet with its tags, which a match may take in where the origin has tags of its own."""
    tags = 1 + len(snippet.copyright) + bool(snippet.license_expression)
    return range(snippet.start_line - tags, snippet.end_line + 2)


def _fault(snippet: Snippet, origin: AttributedOrigin) -> str | None:
    """Say what is wrong with the credit a range gives to an origin; None where nothing is."""
    where = f"its REUSE tags at lines {snippet.start_line}-{snippet.end_line}"
    if not _contains(snippet.license_expression, origin.license):
        named = snippet.license_expression or "no licence"
        return f"{where} say {named}, the source says {origin.license}, so they do not help"
    given = {_key(statement) for statement in snippet.copyright}
    missing = [statement for statement in origin.copyright if _key(statement) not in given]
    if missing:
        return f"{where} do not name the copyright '{missing[0]}', so they do not help"
    return None


def _contains(tagged: str, expression: str) -> bool:
    """Whether a tagged expression grants exactly what the source does: each of its licences joined by AND, no choice
    added; of a choice that the source offers, one side may be taken."""
    try:
        stated = _joined(canonical(tagged).expression)
        whole = canonical(expression).expression
        taken = resolve_choice(whole).expression
    except UnknownLicense:
        return False
    if category_of(whole) is Category.UNKNOWN:
        return False
    return any(_joined(wanted) <= stated for wanted in (whole, taken))


def _joined(expression: str) -> frozenset[str]:
    """Return the parts of an expression that AND joins at its outermost level."""
    parts, depth, part = set(), 0, ""
    for word in expression.replace("(", " ( ").replace(")", " ) ").split():
        depth += (word == "(") - (word == ")")
        if word == "AND" and depth == 0:
            parts.add(part.strip())
            part = ""
        else:
            part += f" {word}"
    parts.add(part.strip())
    return frozenset(_unwrapped(part) for part in parts)


def _unwrapped(part: str) -> str:
    return part.removeprefix("( ").removesuffix(" )") if part.startswith("( ") else part


def _key(statement: str) -> str:
    """Return what two spellings of a statement share: writing it as a comment may change its punctuation."""
    return re.sub(r"\W+", " ", harmless(statement)).strip().casefold()
