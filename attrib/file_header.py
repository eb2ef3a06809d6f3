"""What the head of a file says about its own licence: a tag, a whole text, or a notice that names one."""

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from attrib.errors import UnknownLicense
from attrib.head_comment import every_comment, leading_comment
from attrib.license_choices import offers_choice
from attrib.license_exceptions import with_exceptions
from attrib.license_finding import NOTICED, TAGGED, LicenseFinding, Place, settled, unsettled
from attrib.license_mentions import mentions, outside_snippets, spdx_tags
from attrib.license_notices import PUBLIC_DOMAIN, Mention
from attrib.license_texts import TextMatch, match_texts
from attrib.licenses import canonical, category_of, joined, license_ids, text_name

# A file without any of these words says nothing about its licence; looking for them costs microseconds.
_SPEAKING = (
    *(b"licen", b"copyright", b"public domain", b"gpl", b"permission", b"redistribut", b"same terms"),
    *(b"commercial", b"confidential", b"proprietary"),
)
_HEAD = 12_000
_SHORTEST_TEXT = 30


_GRANTING = re.compile(r"redistribut|permission|hereby|permitted|as[- ]is|warrant|granted|used freely", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+(?:[.][0-9]+)*")
_DUNDER = re.compile(r"^__licen[cs]e__\s*=")
_TAG = "SPDX-License-Identifier"


def detect_file_license(path: str, head: bytes) -> LicenseFinding | None:
    """Return what the head of a file says about its own licence: a tag, a notice or a whole text; None for nothing.

    `head` is the beginning of the file, 12 kB are looked at. An ambiguous name is unsettled, with its candidates.
    """
    head = head[:_HEAD].removeprefix(codecs.BOM_UTF8)
    lowered = head.lower()
    if not any(word in lowered for word in _SPEAKING):
        return None
    text = head.decode("utf-8", "replace")
    lines = leading_comment(path, text)
    if "__licen" in text:
        last = lines[-1][0] if lines else 0
        lines += tuple(
            (number, line)
            for number, line in enumerate(text.split("\n"), start=1)
            if number > last and _DUNDER.match(line)
        )
    # Most licences stand at the very beginning; some behind the first lines of code.
    return _of_lines(lines) or _of_lines(every_comment(path, head))


def _of_lines(lines: Sequence[tuple[int, str]]) -> LicenseFinding | None:
    found = _of_comment("\n".join(line for _, line in lines)) if lines else None
    return None if found is None else replace(found, places=tuple(_placed(place, lines) for place in found.places))


def _placed(place: Place, lines: Sequence[tuple[int, str]]) -> Place:
    """Return a place by the file's lines where it was by the comment's."""
    if place.start_line is None or place.end_line is None:
        return place
    return replace(place, start_line=lines[place.start_line - 1][0], end_line=lines[place.end_line - 1][0])


@lru_cache(maxsize=1024)
def _of_comment(comment: str) -> LicenseFinding | None:
    """Judge a comment once: whole packages carry the same one on every file."""
    comment = outside_snippets(comment)
    tags = spdx_tags(comment)
    if tags:
        return _from_tags(tags, comment)
    if _GRANTING.search(comment) and len(comment.split()) >= _SHORTEST_TEXT:
        matches = match_texts(comment)
        if matches:
            return _from_texts(matches, comment)
    return _from_mentions(mentions(comment))


def _from_tags(tags: tuple[str, ...], comment: str) -> LicenseFinding:
    evidence = f"{_TAG} in its head"
    places = tuple(
        Place("", number, number, line.strip())
        for number, line in enumerate(comment.split("\n"), start=1)
        if f"{_TAG}:" in line
    )
    try:
        found = settled(joined([canonical(tag).expression for tag in tags], "AND"), evidence, None, TAGGED, places)
    except UnknownLicense as error:
        return unsettled(evidence, str(error), places=places)
    stricter = _further(comment, set(license_ids(found.expression)))
    stricter = [one for one in stricter if category_of(one.expression or "").strictness > found.category.strictness]
    if stricter:
        return unsettled(
            evidence, f"its head is tagged {found.expression}, and also says '{stricter[0].said}'", places=places
        )
    return found


def _from_texts(matches: tuple[TextMatch, ...], comment: str) -> LicenseFinding:
    evidence = "text in its head"
    places = tuple(Place("", match.start_line, match.end_line, f"text of {match.license_id}") for match in matches)
    altered = next((match for match in matches if match.altered is not None), None)
    if altered is not None:
        reason = f"its head is not {altered.license_id} as it is known: {altered.altered}"
        return unsettled(evidence, reason, places=places)
    lines = comment.split("\n")
    for match in matches:
        lines[match.start_line - 1 : match.end_line] = [""] * (match.end_line - match.start_line + 1)
    named = dict.fromkeys(match.license_id for match in matches)
    rest = "\n".join(lines)
    known = {license_id for match in matches for license_id in (match.license_id, *match.also)}
    # Parts in the public domain ask for nothing that the text does not.
    further = [one for one in _further(rest, known) if one.expression is not None and one.expression != PUBLIC_DOMAIN]
    words = " ".join(_WORD.findall(rest.lower()))
    named = {with_exceptions(license_id, words): None for license_id in named}
    operator = "OR" if len(named) == 1 and offers_choice(rest) else "AND"
    expression = joined([*named, *(str(one.expression) for one in further)], operator)
    if further:
        evidence = f"{evidence} and a notice ('{further[0].said}')"
    return settled(expression, evidence, None, min(match.similarity for match in matches), places)


def _further(comment: str, known: set[str]) -> list[Mention]:
    """Return the licences that a comment names beside those already known."""
    return [
        mention
        for mention in mentions(comment)
        if mention.expression is None or not _text_names(known) & _text_names(license_ids(mention.expression))
    ]


def _text_names(ids: Iterable[str]) -> set[str]:
    return {text_name(license_id) for license_id in ids}


def _from_mentions(named: tuple[Mention, ...]) -> LicenseFinding | None:
    if not named:
        return None
    unknown = [mention for mention in named if mention.expression is None]
    exact = [mention for mention in named if mention.expression is not None]
    places = tuple(Place("", mention.line, mention.line, mention.said) for mention in exact or unknown)
    if exact and all(mention.candidates for mention in unknown):
        expression = joined([str(mention.expression) for mention in exact], "AND")
        return settled(expression, f"notice in its head ('{exact[0].said}')", None, NOTICED, places)
    first = next((mention for mention in unknown if not mention.candidates), unknown[0])
    what = "names several licences" if first.candidates else "is not a licence as it is known"
    return unsettled(f"notice in its head ('{first.said}')", f"'{first.said}' {what}", first.candidates, places)
