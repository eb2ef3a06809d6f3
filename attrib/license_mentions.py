"""Finds licences that a text names without carrying them: SPDX tags, header notices, `License:` lines."""

import re
from dataclasses import dataclass

from attrib.errors import UnknownLicense
from attrib.licenses import ambiguous_ids, canonical, license_ids


@dataclass(frozen=True, slots=True)
class Mention:
    """A licence named in a text: its expression, or the ids an ambiguous name may mean; `said` is how it was put."""

    expression: str | None
    candidates: tuple[str, ...]
    said: str


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
    (r"common development and distribution license", "CDDL-1.0"),
    (r"european union public licen[cs]e", "EUPL-1.2"),
    (
        r"(?:the )?(?:mit|expat)(?: x11)? (?:style )?(?:open source )?(?:software )?license"
        r"|license (?:type )?mit\b|under (?:the )?mit\b",
        "MIT",
    ),
    (
        r"(?:new|modified|revised|3 clause|three clause|bsd 3 clause|bsd 3) bsd(?: license)?|bsd (?:3"
        r"|three) ?clause(?: license)?",
        "BSD-3-Clause",
    ),
    (r"(?:simplified|2 clause|two clause|freebsd) bsd(?: license)?|bsd (?:2|two) ?clause(?: license)?", "BSD-2-Clause"),
    (r"(?:the )?isc license", "ISC"),
    (r"zlib(?: libpng)? license", "Zlib"),
    (r"python software foundation license|psf license", "PSF-2.0"),
    (r"(?:creative commons )?cc0(?: 1\.0)?(?: universal)?|creative commons zero", "CC0-1.0"),
    (r"creative commons attribution (?:noncommercial|non commercial)|cc by nc", "LicenseRef-noncommercial"),
    (r"creative commons attribution share ?alike|cc by sa", "CC-BY-SA-4.0"),
    (r"creative commons attribution|cc by", "CC-BY-4.0"),
    (
        r"(?:released|placed|put|dedicated|is|are|donated)(?: in| into| to)?(?: the)? public domain|public domain",
        "LicenseRef-public-domain",
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
_NEEDS_NO_CONTEXT = frozenset({"LicenseRef-noncommercial", "LicenseRef-proprietary", "LicenseRef-public-domain"})
_GNU = re.compile(
    r"\b(?:gnu )?(?:(?P<kind>affero|lesser|library)(?: or lesser)? )?general public licen[cs]e\b"
    r"|\b(?:gnu )?(?P<letter>[al])?gpl(?=v|\b|[123])"
)
_GNU_VERSIONS = {
    "GPL": {"1": "1.0", "2": "2.0", "3": "3.0"},
    "LGPL": {"2": "2.0", "2.1": "2.1", "3": "3.0"},
    "AGPL": {"1": "1.0", "3": "3.0"},
}
_AMBIGUOUS = re.compile(
    r"\b(?P<name>bsd|apache|mozilla public|artistic) (?:style )?(?:software )?license\b|\blicense bsd\b"
    r"|\bunder (?:the )?bsd\b"
)
_ALTERNATIVE = re.compile(r"\bor\b|\beither\b|\bdual\b|\bdually\b")
_WITHIN = 140


def outside_snippets(text: str) -> str:
    """Return a text without its marked snippets: what they say is not said of the file."""
    return _SNIPPET.sub("", text) if "SPDX-SnippetBegin" in text else text


def spdx_tags(text: str) -> tuple[str, ...]:
    """Return what stands behind `SPDX-License-Identifier:` in a text, outside of marked snippets, as written."""
    return tuple(dict.fromkeys(_TAG_TAIL.sub("", tag).strip() for tag in _SPDX.findall(outside_snippets(text))))


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the licences a header or short licence file names, labels first, each once and at its most exact."""
    found = [mention for label in _LABEL.finditer(text) if (mention := _labelled(label["value"])) is not None]
    words = " ".join(_WORDS.findall(text.lower().replace("licence", "license")))
    noticed: list[tuple[int, int, Mention]] = []
    for match in _NOTICE.finditer(words):
        expression = _NOTICES[int(str(match.lastgroup)[1:])][1]
        if expression in _NEEDS_NO_CONTEXT or _in_context(words, match.start(), match.end()):
            noticed.append((match.start(), match.end(), Mention(expression, (), match[0])))
    for match in _GNU.finditer(words):
        if _in_context(words, match.start(), match.end()):
            noticed.append((match.start(), match.end(), Mention(_gnu(match, words), (), match[0])))
    noticed.sort(key=lambda entry: entry[0])
    found += _joined(noticed, words)
    if not found:
        found += [
            Mention(None, ambiguous_ids(match["name"] or "bsd"), match[0])
            for match in _AMBIGUOUS.finditer(words)
            if _in_context(words, match.start(), match.end())
        ]
    return _most_exact(found)


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
        match["kind"] or match["letter"] or "", "GPL"
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
        return {"GPL": "GPL-1.0-or-later", "LGPL": "LGPL-2.0-or-later", "AGPL": "AGPL-1.0-or-later"}[family]
    return f"{family}-{version}-{'or-later' if later else 'only'}"


def _joined(noticed: list[tuple[int, int, Mention]], words: str) -> list[Mention]:
    """Join neighbours of different licences that the text offers as alternatives by OR."""
    found: list[Mention] = []
    previous_end = -_WITHIN
    for start, end, mention in noticed:
        last = found[-1] if found else None
        between = words[max(0, previous_end) : start]
        if (
            last is not None
            and last.expression is not None
            and mention.expression is not None
            and start - previous_end <= _WITHIN
            and _ALTERNATIVE.search(between)
            and not _same_family(last.expression, mention.expression)
        ):
            found[-1] = Mention(
                canonical(f"({last.expression}) OR ({mention.expression})").expression,
                (),
                f"{last.said} or {mention.said}",
            )
        else:
            found.append(mention)
        previous_end = end
    return found


def _same_family(one: str, other: str) -> bool:
    return any(a.split("-")[0] == b.split("-")[0] for a in license_ids(one) for b in license_ids(other))


def _most_exact(found: list[Mention]) -> tuple[Mention, ...]:
    """Drop repetitions, and 'GNU General Public License' without a version where the version is said elsewhere."""
    vague = {"GPL-1.0-or-later": "GPL-", "LGPL-2.0-or-later": "LGPL-", "AGPL-1.0-or-later": "AGPL-"}
    named = {license_id for mention in found if mention.expression for license_id in license_ids(mention.expression)}
    kept: dict[tuple[str | None, tuple[str, ...]], Mention] = {}
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
        kept.setdefault((mention.expression, mention.candidates), mention)
    return tuple(kept.values())
