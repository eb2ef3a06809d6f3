"""Finds licences that a text names without carrying them: SPDX tags, header notices, `License:` lines."""

import re
from bisect import bisect_right
from dataclasses import replace

from attrib.errors import UnknownLicense
from attrib.license_choices import with_alternatives
from attrib.license_exceptions import with_exceptions
from attrib.license_notices import PUBLIC_DOMAIN, Mention, named_licenses
from attrib.licenses import ANY_VERSION, ambiguous_ids, canonical, license_ids

_SPDX = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]+)")
_SNIPPET = re.compile(r"SPDX-SnippetBegin.*?(?:SPDX-SnippetEnd|\Z)", re.DOTALL)
_TAG_TAIL = re.compile(r"\s*(?:\*/|-->|--\]\]|\"\"\"|'''|#\}|\*\)|-\}|%>|\?>|[\"',;]).*$")
_LABEL = re.compile(
    r"^\W{0,6}(?:__licen[cs]e__|:?@?licen[cs]e(?:\s+type)?)\s*:?\s*[:=]\s*(?P<value>\S[^\r\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_LABEL_TAIL = re.compile(r"\s*(?:,? *\(?(?:see|cf)\b|,? for (?:more )?details|[;<]|\. |\*/|-->).*$", re.IGNORECASE)

# The name of the file at the end of an address is no word: 'json/LICENSE' is not the JSON license.
_FILE = re.compile(r"/license\b(?!-)")
_WORDS = re.compile(r"[a-z0-9]+(?:[.][0-9]+)*\+?")
_CONTEXT = re.compile(
    r"licensed?|licensing|terms|redistribut\w*|distribut\w*|released|permission|permitted|subject|covered"
    r"|governed|waived|available|redistributable|copying"
)
_NEEDS_NO_CONTEXT = frozenset({"LicenseRef-noncommercial", "LicenseRef-proprietary", PUBLIC_DOMAIN})
_AMBIGUOUS = re.compile(
    r"\b(?P<name>bsd|apache|mozilla public|artistic) (?:style )?(?:software )?license\b|\blicense bsd\b"
    r"|\bunder (?:the )?bsd\b"
)
_WITHIN = 140
# So exact a name says what it says wherever it stands.
_PLAIN_GNU = re.compile(r"(?:gnu )?[al]?gpl ?v?[123]\b|agpl\b|gpl ed\b")
# What follows or precedes a name that is not said to be the licence: 'GPL-compatible', 'the rest of it is under ...'.
_ASIDE_BEHIND = re.compile(r"^ (?:license )?(?:(?:in)?compatib|friendly)|^ (?:free )?(?:exception|faq)\b")
_ASIDE_BEFORE = re.compile(
    r"\b(?:(?:in)?compatible with|unlike|not|instead of|than|contrast to|formerly|previously)(?: under)?(?: the| a)?"
    r"(?: gnu)? $|\bcombine or link\b.{0,80}$|\brest of \w+ (?:is|are) (?:\w+ ){0,7}$|\bso called (?:old )?$"
    r"|\bconflicts? with the (?:conditions|terms) of the $|\bchange license (?:\w+ ){0,3}$"
)
_CHANGED = re.compile(r" (?:the )?(?:\w+ ){0,3}with the following (?:additional|modification|restriction|change)")
_COMMERCIAL_TOO = re.compile(r"\bcommercial (?:and|or|as well as)(?: for)? $")
_GIVEN_NAME = re.compile(
    r"(?:subject to|under|terms of|conditions of|governed by) (?:the |an? )?"
    r"(?P<name>(?:(?!License\b)[A-Z][\w.+-]* |of |and |for ){1,6}Licen[cs]e\b(?:,? (?:[Vv]ersion|[Vv]\.?) ?\d[\w.]*)?)"
)
_LINE_START = re.compile(r"^[^\w\n]*", re.MULTILINE)


def outside_snippets(text: str) -> str:
    """Return a text without its marked snippets: what they say is not said of the file."""
    return _SNIPPET.sub(lambda snippet: "\n" * snippet[0].count("\n"), text) if "SPDX-SnippetBegin" in text else text


def spdx_tags(text: str) -> tuple[str, ...]:
    """Return what stands behind `SPDX-License-Identifier:` in a text, outside of marked snippets, as written."""
    return tuple(dict.fromkeys(_TAG_TAIL.sub("", tag).strip() for tag in _SPDX.findall(outside_snippets(text))))


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the licences a header or short licence file names, labels first, each once and at its most exact."""
    found = [
        replace(mention, line=text.count("\n", 0, label.start("value")) + 1)
        for label in _LABEL.finditer(text)
        if (mention := _labelled(label["value"])) is not None
    ]
    words, starts = _words_by_line(text)
    noticed = _exact_versions(_noticed(words), words)
    found += [
        replace(mention, line=bisect_right(starts, start))
        for (start, _, _), mention in zip(noticed, with_alternatives(noticed, words), strict=True)
        if mention is not None
    ]
    if not found:
        found += [
            Mention(None, ambiguous_ids(match["name"] or "bsd"), match[0], bisect_right(starts, match.start()))
            for match in _AMBIGUOUS.finditer(words)
            if _in_context(words, match.start(), match.end()) and not _aside(words, match.start(), match.end())
        ]
    return _most_exact(found) or _given(text)


def _words_by_line(text: str) -> tuple[str, list[int]]:
    """Return the words of a text joined by blanks, and where those of each line begin."""
    text = _FILE.sub("/", text.lower().replace("licence", "license"))
    lines = [" ".join(_WORDS.findall(line)) for line in text.split("\n")]
    starts, place = [], 0
    for line in lines:
        starts.append(place)
        place += len(line) + 1 if line else 0
    return " ".join(line for line in lines if line), starts


def _noticed(words: str) -> list[tuple[int, int, Mention]]:
    """Return what is named as the licence in words, by place; of overlapping names the longer one."""
    noticed: list[tuple[int, int, Mention]] = []
    for start, end, expression in named_licenses(words):
        if noticed and start < noticed[-1][1]:
            continue
        plain = expression in _NEEDS_NO_CONTEXT or _PLAIN_GNU.match(words, start) is not None
        if (plain or _in_context(words, start, end)) and not _aside(words, start, end):
            changed = _CHANGED.match(words, end) is not None
            noticed.append((start, end, Mention(None if changed else expression, (), words[start:end])))
    return noticed


def _exact_versions(noticed: list[tuple[int, int, Mention]], words: str) -> list[tuple[int, int, Mention]]:
    """Give GNU licences named again in passing ('the GPL', 'GPL 2.0') the version and exception said elsewhere."""
    named = {mention.expression for _, _, mention in noticed}
    exact: dict[str, str] = {}
    for family, vague in ANY_VERSION.items():
        versions = sorted(str(name) for name in named if str(name).startswith(f"{family}-") and name != vague)
        later = [name for name in versions if name.endswith("-or-later")]
        exact |= {name.replace("-or-later", "-only"): name for name in later}
        if len({name.rpartition("-o")[0] for name in versions}) == 1:
            exact[vague] = (later or versions)[0]
    return [
        (
            start,
            end,
            mention
            if mention.expression is None
            else replace(mention, expression=with_exceptions(exact.get(mention.expression, mention.expression), words)),
        )
        for start, end, mention in noticed
    ]


def _aside(words: str, start: int, end: int) -> bool:
    before = words[max(0, start - 100) : start]
    return (
        _ASIDE_BEHIND.match(words[end : end + 30]) is not None
        or _ASIDE_BEFORE.search(before) is not None
        or (words.startswith("non", start) and _COMMERCIAL_TOO.search(before) is not None)
    )


def _given(text: str) -> tuple[Mention, ...]:
    """Return the licences that are given by a name of their own, which may be one that nobody knows."""
    if "icen" not in text:
        return ()
    flat = " ".join(_LINE_START.sub("", text).split())
    return tuple(
        _by_name(match["name"]) or Mention(None, ambiguous_ids(match["name"]), match["name"])
        for match in _GIVEN_NAME.finditer(flat)
        if not _aside(match.string, match.start("name"), match.end("name"))
    )


def _by_name(name: str) -> Mention | None:
    try:
        return Mention(canonical(name).expression, (), name)
    except UnknownLicense:
        return None


def _labelled(value: str) -> Mention | None:
    """Read a `License:` line: an expression, an ambiguous name, or None for a pointer such as 'see LICENSE'."""
    name = _LABEL_TAIL.sub("", value.strip().strip("\"'`")).strip().strip("\"'`.,*#/ ")
    if not name or len(name) > 120:
        return None
    try:
        return Mention(canonical(name).expression, (), f"License: {name}")
    except UnknownLicense:
        candidates = ambiguous_ids(name)
        return Mention(None, candidates, f"License: {name}") if candidates else None


def _in_context(words: str, start: int, end: int) -> bool:
    return _CONTEXT.search(words, max(0, start - _WITHIN), min(len(words), end + 8)) is not None


def _most_exact(found: list[Mention]) -> tuple[Mention, ...]:
    """Drop repetitions, and 'GNU General Public License' without a version where the version is said elsewhere."""
    vague = {expression: f"{family}-" for family, expression in ANY_VERSION.items()}
    named = {license_id for mention in found if mention.expression for license_id in license_ids(mention.expression)}
    kept: dict[tuple[object, ...], Mention] = {}
    for mention in found:
        family = vague.get(mention.expression or "")
        if family is not None and any(name.startswith(family) and name != mention.expression for name in named):
            continue
        if mention.expression is not None and any(
            other.expression
            and other.expression != mention.expression
            and set(license_ids(mention.expression)) < set(license_ids(other.expression))
            for other in found
        ):
            continue
        said = mention.expression or mention.said
        same = (frozenset(license_ids(said)), " OR " in said) if mention.expression else (said, mention.candidates)
        kept.setdefault(same, mention)
    if len(kept) > 1:
        # Parts in the public domain ask for nothing that the others do not.
        return tuple(mention for mention in kept.values() if mention.expression != PUBLIC_DOMAIN)
    return tuple(kept.values())
