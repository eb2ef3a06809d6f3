"""Finds licences that a text names without carrying them: SPDX tags, header notices, `License:` lines."""

import re
from bisect import bisect_right
from dataclasses import dataclass, replace

from attrib.errors import UnknownLicense
from attrib.license_exceptions import with_exceptions
from attrib.licenses import ANY_VERSION, ambiguous_ids, canonical, joined, license_ids
from attrib.listed_names import listed_names


@dataclass(frozen=True, slots=True)
class Mention:
    """A licence named in a text: its expression, or the ids an ambiguous name may mean; `said` is how it was put.

    Neither is there where the name is one that nobody knows. `line` is where it begins, 1-based.
    """

    expression: str | None
    candidates: tuple[str, ...]
    said: str
    line: int = 1


PUBLIC_DOMAIN = "LicenseRef-public-domain"

_SPDX = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]+)")
_SNIPPET = re.compile(r"SPDX-SnippetBegin.*?(?:SPDX-SnippetEnd|\Z)", re.DOTALL)
_TAG_TAIL = re.compile(r"\s*(?:\*/|-->|--\]\]|\"\"\"|'''|#\}|\*\)|-\}|%>|\?>|[\"',;]).*$")
_LABEL = re.compile(
    r"^\W{0,6}(?:__licen[cs]e__|:?@?licen[cs]e(?:\s+type)?)\s*:?\s*[:=]\s*(?P<value>\S[^\r\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_LABEL_TAIL = re.compile(r"\s*(?:,? *\(?(?:see|cf)\b|,? for (?:more )?details|[;<]|\. |\*/|-->).*$", re.IGNORECASE)

_WORDS = re.compile(r"[a-z0-9]+(?:[.][0-9]+)*\+?")
_CONTEXT = re.compile(
    r"licensed?|licensing|terms|redistribut\w*|distribut\w*|released|permission|permitted|subject|covered"
    r"|governed|available|redistributable|copying"
)
_VERSION = re.compile(
    r"^\W*(?:as published by the free software foundation )?(?:inc )?(?:either )?(?:license )?(?:gpl )?(?:version"
    r"|versions|ver|v|)? ?v?(?P<version>[123](?:\.[0-9])?)(?P<plus>\+)?"
)
_LATER = re.compile(r"^.{0,60}?\b(?:or (?:at your option )?(?:any )?(?:later|newer|greater)|or at your option)")

# (pattern over lower-case words, expression); the first that matches at a place wins there.
_NOTICES: tuple[tuple[str, str], ...] = (
    (
        r"apache (?:software )?(?:license )?(?:version |v |v)?2(?:\.0)? (?:license )?with llvm exceptions?",
        "Apache-2.0 WITH LLVM-exception",
    ),
    (
        r"apache (?:software )?(?:license )?(?:version |v |v)?2(?:\.0)?(?: license)?"
        r"|apache license as published|apache 2(?:\.0)?",
        "Apache-2.0",
    ),
    (r"mozilla public license (?:version |v |v)?2(?:\.0)?|mpl ?v?2(?:\.0)?", "MPL-2.0"),
    (r"mozilla public license (?:version |v |v)?1\.1|mpl ?v?1\.1", "MPL-1.1"),
    (r"eclipse public license (?:version |v |v)?2(?:\.0)?", "EPL-2.0"),
    (r"eclipse public license (?:version |v |v)?1(?:\.0)?", "EPL-1.0"),
    (r"boost software license(?: version| v)?(?: 1(?:\.0)?)?", "BSL-1.0"),
    (r"common development and distribution license|cddl", "CDDL-1.0"),
    (r"(?:european union public license|eupl) (?:version |v |v)?1\.1", "EUPL-1.1"),
    (r"european union public license|eupl", "EUPL-1.2"),
    (
        r"same (?:terms|license)(?: and conditions)? as (?:the )?perl(?: 5)?(?: programming language)?(?: itself)?",
        "Artistic-1.0-Perl OR GPL-1.0-or-later",
    ),
    (r"same (?:terms|license) as (?:the )?ruby(?: itself)?", "Ruby OR BSD-2-Clause"),
    (r"(?:version )?3\.01 of the php license", "PHP-3.01"),
    (r"university of illinois open source license", "NCSA"),
    (r"mulan psl ?v2", "MulanPSL-2.0"),
    (
        r"(?:the )?(?:mit|expat)(?: x11)? (?:style )?(?:open source )?(?:software )?licensed?"
        r"|licensed? (?:type )?mit\b|under (?:the )?mit\b(?: x11)?(?: license)?",
        "MIT",
    ),
    (
        r"(?:new|modified|revised|3 clause|three clause|bsd 3 clause|bsd 3) bsd(?: license)?|bsd (?:3"
        r"|three) ?clause(?: license)?",
        "BSD-3-Clause",
    ),
    (r"(?:simplified|2 clause|two clause|freebsd) bsd(?: license)?|bsd (?:2|two) ?clause(?: license)?", "BSD-2-Clause"),
    (r"(?:the )?isc license", "ISC"),
    (r"x11 license", "X11"),
    (r"zlib(?: libpng)? licensed?", "Zlib"),
    (r"0bsd licensed?|bsd 0 clause license", "0BSD"),
    (r"wtfpl(?: licensed?)?", "WTFPL"),
    (r"the beer ?ware license", "Beerware"),
    (r"eclipse distribution license(?: (?:version |v )?1(?:\.0)?)?", "BSD-3-Clause"),
    (r"sil ofl(?: (?:version |v ?)?1\.1)?", "OFL-1.1"),
    (r"(?:see the accompanying )?readme\.?(?: )?ijg", "IJG"),
    (r"w3c r? ?software license", "W3C"),
    (r"python software foundation license|psf license", "PSF-2.0"),
    (r"(?:creative commons )?cc0(?: 1\.0)?(?: universal)?|creative commons zero", "CC0-1.0"),
    (r"creative commons attribution (?:noncommercial|non commercial)|cc by nc", "LicenseRef-noncommercial"),
    (
        r"(?:released|placed|put|dedicated|is|are|donated)(?: in| into| to)?(?: the)? public domain|public domain",
        PUBLIC_DOMAIN,
    ),
    (r"elastic license", "Elastic-2.0"),
    (r"business source license", "BUSL-1.1"),
    (r"server side public license", "SSPL-1.0"),
    (r"commons clause", "LicenseRef-noncommercial"),
    (
        r"non ?commercial (?:use|purposes|research)|academic use only|research (?:use|purposes) only",
        "LicenseRef-noncommercial",
    ),
    (
        r"proprietary and confidential|confidential and proprietary|unauthori[sz]ed (?:copying|reproduction"
        r"|use)|retains? all intellectual property|trade secrets?",
        "LicenseRef-proprietary",
    ),
)
_NOTICE = re.compile("|".join(f"(?P<n{number}>\\b(?:{pattern})\\b)" for number, (pattern, _) in enumerate(_NOTICES)))
_NEEDS_NO_CONTEXT = frozenset({"LicenseRef-noncommercial", "LicenseRef-proprietary", PUBLIC_DOMAIN})
_GNU = re.compile(
    r"\b(?:gnu )?(?:(?P<kind>affero|lesser|library)(?: or lesser)? )?(?:general public license|(?<=[yro] )gpl)\b"
    r"|\b(?:gnu )?(?P<letter>[al])?gpl(?=v|\b|[123])|\b(?:gnu )?(?P<documents>free documentation license|gfdl\b)"
)
_CREATIVE_COMMONS = re.compile(
    r"\b(?:creative commons attribution|cc by(?! nc))(?! non)(?P<alike> share ?alike| sa)?"
    r"(?: license)?(?: (?P<version>[1-4]\.\d))?"
)
_GNU_VERSIONS = {
    "GPL": {"1": "1.0", "2": "2.0", "3": "3.0"},
    "LGPL": {"2": "2.0", "2.1": "2.1", "3": "3.0"},
    "AGPL": {"1": "1.0", "3": "3.0"},
    "GFDL": {"1.1": "1.1", "1.2": "1.2", "1.3": "1.3"},
}
_AMBIGUOUS = re.compile(
    r"\b(?P<name>bsd|apache|mozilla public|artistic) (?:style )?(?:software )?license\b|\blicense bsd\b"
    r"|\bunder (?:the )?bsd\b"
)
_ALTERNATIVE = re.compile(r"\bor\b|\beither\b|\bdual\b|\bdually\b|\balternatively\b")
_WITHIN = 140
# A bare 'or' between two names is one of many; it must stand close.
_WITHIN_OR = 70
_EITHER = re.compile(r"\beither\b|\bdual|\balternatively\b")
_DUAL = re.compile(r"\b(?:dual|dually|double|triple|multi) ?licensed?\b.{0,40}$")
_ELSEWISE = re.compile(r"\balternatively\b.{0,120}$")
# So exact a name says what it says wherever it stands.
_PLAIN_GNU = re.compile(r"(?:gnu )?[al]?gpl ?v?[123]\b|agpl\b|gpl ed\b")
_PICK = re.compile(r"\bone of these licenses|\bwhichever\b|\beither of these licenses|\band also mit\b")
_LIST = re.compile(r" (?:the )?(?:license )?")
_OFFERED, _LISTED = "offered", "listed"
# What follows or precedes a name that is not said to be the licence: 'GPL-compatible', 'the rest of it is under ...'.
_ASIDE_BEHIND = re.compile(r"^ (?:license )?(?:(?:in)?compatib|friendly)|^ (?:free )?(?:exception|faq)\b")
_ASIDE_BEFORE = re.compile(
    r"\b(?:(?:in)?compatible with|unlike|not|instead of|than|contrast to|formerly|previously)(?: under)?(?: the| a)?"
    r"(?: gnu)? $|\bcombine or link\b.{0,80}$|\brest of \w+ (?:is|are) (?:\w+ ){0,7}$"
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
        for (start, _, _), mention in zip(noticed, _joined(noticed, words), strict=True)
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
    lines = [" ".join(_WORDS.findall(line)) for line in text.lower().replace("licence", "license").split("\n")]
    starts, place = [], 0
    for line in lines:
        starts.append(place)
        place += len(line) + 1 if line else 0
    return " ".join(line for line in lines if line), starts


def _noticed(words: str) -> list[tuple[int, int, Mention]]:
    """Return what is named as the licence in words, by place; of overlapping names the longer one."""
    named: list[tuple[int, int, str]] = []
    for match in _NOTICE.finditer(words):
        named.append((match.start(), match.end(), _NOTICES[int(str(match.lastgroup)[1:])][1]))
    for match in _GNU.finditer(words):
        named.append((match.start(), match.end(), _gnu(match, words)))
    for match in _CREATIVE_COMMONS.finditer(words):
        named.append((match.start(), match.end(), f"CC-BY{'-SA' * bool(match['alike'])}-{match['version'] or '4.0'}"))
    named += listed_names(words)
    named.sort(key=lambda entry: (entry[0], -entry[1]))
    noticed: list[tuple[int, int, Mention]] = []
    for start, end, expression in named:
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


def _gnu(match: re.Match[str], words: str) -> str:
    family = {"affero": "AGPL", "a": "AGPL", "lesser": "LGPL", "library": "LGPL", "l": "LGPL"}.get(
        match["kind"] or match["letter"] or "", "GFDL" if match["documents"] else "GPL"
    )
    behind = words[match.end() : match.end() + 200]
    stated = _VERSION.match(behind)
    if stated is None:
        before = re.search(
            r"(?:version|v) ?([123](?:\.\d)?)(?P<plus>\+)? (?:of )?(?:the )?$",
            words[max(0, match.start() - 40) : match.start()],
        )
        number, later = (before[1], bool(before["plus"])) if before is not None else (None, True)
    else:
        number, later = stated["version"], bool(stated["plus"])
        later = later or _LATER.match(behind[stated.end() :]) is not None
    version = _GNU_VERSIONS[family].get((number or "").removesuffix(".0"))
    if version is None:
        return ANY_VERSION[family]
    return f"{family}-{version}-{'or-later' if later else 'only'}"


def _joined(noticed: list[tuple[int, int, Mention]], words: str) -> list[Mention | None]:
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
