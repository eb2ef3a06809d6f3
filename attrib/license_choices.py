"""Tells which of the licences that a notice names are alternatives: 'MIT or GPL', 'dual licensed', 'at your option'."""

import re

from attrib.license_notices import Mention
from attrib.licenses import canonical, joined, license_ids

_WITHIN = 140
# A bare 'or' between two names is one of many; it must stand close.
_WITHIN_OR = 70

_ALTERNATIVE = re.compile(r"\bor\b|\beither\b|\bdual\b|\bdually\b|\balternatively\b")
_EITHER = re.compile(r"\beither\b|\bdual|\balternatively\b")
_DUAL = re.compile(r"\b(?:dual|dually|double|triple|multi) ?licensed?\b.{0,40}$")
_ELSEWISE = re.compile(r"\balternatively\b.{0,120}$")
_PICK = re.compile(r"\bone of these licenses|\bwhichever\b|\beither of these licenses|\band also mit\b")
_LIST = re.compile(r" (?:the )?(?:license )?")
_OFFERED, _LISTED = "offered", "listed"


def with_alternatives(noticed: list[tuple[int, int, Mention]], words: str) -> list[Mention | None]:
    """Join neighbours that the text offers as alternatives by OR, at the first one's place."""
    found: list[Mention | None] = []
    offered = _PICK.search(words) is not None
    first = 0
    for number, (start, _, mention) in enumerate(noticed):
        found.append(mention)
        if not number or mention.expression is None:
            first = number
            continue
        end = noticed[number - 1][1]
        joint = _joint(words, noticed[first][0], end, start)
        if joint is None and not offered:
            first = number
        elif joint == _LISTED and not offered:
            # 'A, B or C': whether B belongs to A is told by what comes before C.
            following = noticed[number + 1][0] if number + 1 < len(noticed) else len(words)
            if _joint(words, noticed[first][0], noticed[number][1], following) != _OFFERED:
                first = number
        before = found[first]
        if first != number and before is not None and before.expression is not None:
            if set(license_ids(mention.expression)) <= set(license_ids(before.expression)):
                found[number] = None
            elif " OR " in before.expression or not _same_family(before.expression, mention.expression):
                either = canonical(joined((before.expression, mention.expression), "OR")).expression
                found[first] = Mention(either, (), f"{before.said} or {mention.said}")
                found[number] = None
            else:
                first = number
    return found


def _joint(words: str, begin: int, end: int, start: int) -> str | None:
    """Return how the name that begins at `start` is joined to one that began at `begin` and ended at `end`."""
    near = start - end <= (_WITHIN if _EITHER.search(words, begin - 80 if begin > 80 else 0, start) else _WITHIN_OR)
    dual = _DUAL.search(words[max(0, begin - 80) : begin])
    if (near and (_ALTERNATIVE.search(words, end, start) or dual)) or _ELSEWISE.search(words[end:start]):
        return _OFFERED
    return _LISTED if _LIST.fullmatch(words, end, start) else None


def offers_choice(text: str) -> bool:
    """Whether a text says that what it names is an alternative to what stands beside it."""
    return re.search(r"\balternatively\b", text, re.IGNORECASE) is not None


def _same_family(one: str, other: str) -> bool:
    return any(a.split("-")[0] == b.split("-")[0] for a in license_ids(one) for b in license_ids(other))
