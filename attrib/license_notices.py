"""The names and phrases by which notices say a licence, each with the SPDX expression it stands for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from attrib.licenses import ANY_VERSION
from attrib.listed_names import listed_names

PUBLIC_DOMAIN = "LicenseRef-public-domain"
_VERSION = re.compile(
    r"^\W*(?:as published by the free software foundation )?(?:with (?:\w+ ){0,3}exception )?(?:inc )?(?:either )?"
    r"(?:license )?(?:gpl )?(?:version"
    r"|versions|ver|v|)? ?v?(?P<version>[123](?:\.[0-9])?)(?P<plus>\+)?"
)
# 'either version 2 or 3'.
_OTHER_VERSION = re.compile(r" or (?:version |v ?)?(?P<version>[23](?:\.[0-9])?)\b")
_LATER = re.compile(r"^.{0,60}?\b(?:or (?:at your option )?(?:any )?(?:later|newer|greater)|or at your option)")

# (words of which one stands in the text, pattern over lower-case words, expression).
_NOTICES: tuple[tuple[str, str, str], ...] = (
    (
        "apache",
        r"apache (?:software )?(?:license )?(?:version |v "
        r"|v)?2(?:\.0)? (?:license )?with llvm exceptions?",
        "Apache-2.0 WITH LLVM-exception",
    ),
    (
        "apache",
        r"apache (?:software |public )?(?:license )?(?:version |v |v)?2(?:\.0)?(?: license)?"
        r"|apache license as published|apache 2(?:\.0)?",
        "Apache-2.0",
    ),
    (
        "mozilla mpl",
        r"mozilla public license (?:version |v |v)?2(?:\.0)?|mpl ?v?2(?:\.0)?",
        "MPL-2.0",
    ),
    (
        "mozilla mpl",
        r"mozilla public license (?:version |v |v)?1\.1|mpl ?v?1\.1",
        "MPL-1.1",
    ),
    (
        "eclipse",
        r"eclipse public license (?:version |v |v)?2(?:\.0)?",
        "EPL-2.0",
    ),
    (
        "eclipse",
        r"eclipse public license (?:version |v |v)?1(?:\.0)?",
        "EPL-1.0",
    ),
    (
        "boost",
        r"boost software license(?: version| v)?(?: 1(?:\.0)?)?",
        "BSL-1.0",
    ),
    (
        "common_development cddl",
        r"common development and distribution license|cddl",
        "CDDL-1.0",
    ),
    (
        "european_union eupl",
        r"(?:european union public license|eupl) (?:version |v |v)?1\.1",
        "EUPL-1.1",
    ),
    (
        "european_union eupl",
        r"european union public license|eupl",
        "EUPL-1.2",
    ),
    (
        "same",
        r"same (?:terms"
        r"|license)(?: and conditions)? as (?:the )?perl(?: 5)?(?: programming language)?(?: itself)?",
        "Artistic-1.0-Perl OR GPL-1.0-or-later",
    ),
    (
        "same",
        r"same (?:terms|license) as (?:the )?ruby(?: itself)?",
        "Ruby OR BSD-2-Clause",
    ),
    (
        "php",
        r"(?:version )?3\.01 of the php license",
        "PHP-3.01",
    ),
    (
        "illinois",
        r"university of illinois open source license",
        "NCSA",
    ),
    (
        "mulan",
        r"mulan psl ?v2",
        "MulanPSL-2.0",
    ),
    (
        "mit expat",
        r"(?:the )?(?:mit|expat)(?: x11)? (?:style )?(?:open source )?(?:software )?licensed?"
        r"|licensed? (?:type )?mit\b|under (?:the )?mit\b(?: x11)?(?: license)?",
        "MIT",
    ),
    (
        "bsd",
        r"(?:new|modified|revised|3 clause|three clause|bsd 3 clause|bsd 3) bsd(?: license)?|bsd (?:3"
        r"|three) ?clause(?: license)?",
        "BSD-3-Clause",
    ),
    (
        "bsd",
        r"(?:simplified|2 clause|two clause|freebsd) bsd(?: license)?|bsd (?:2|two) ?clause(?: license)?",
        "BSD-2-Clause",
    ),
    (
        "isc",
        r"(?:the )?isc license",
        "ISC",
    ),
    (
        "x11",
        r"x11 license",
        "X11",
    ),
    (
        "zlib",
        r"zlib(?: libpng)? licensed?",
        "Zlib",
    ),
    (
        "bsd",
        r"0bsd licensed?|bsd 0 clause license",
        "0BSD",
    ),
    (
        "wtfpl",
        r"wtfpl(?: licensed?)?",
        "WTFPL",
    ),
    (
        "beer",
        r"the beer ?ware license",
        "Beerware",
    ),
    (
        "eclipse",
        r"eclipse distribution license(?: (?:version |v )?1(?:\.0)?)?",
        "BSD-3-Clause",
    ),
    (
        "ofl",
        r"sil ofl(?: (?:version |v ?)?1\.1)?",
        "OFL-1.1",
    ),
    (
        "ijg",
        r"(?:see the accompanying )?readme\.?(?: )?ijg",
        "IJG",
    ),
    (
        "w3c",
        r"w3c r? ?software license",
        "W3C",
    ),
    (
        "python psf",
        r"python software foundation license|psf license",
        "PSF-2.0",
    ),
    (
        "cc0 zero",
        r"(?:creative commons )?cc0(?: 1\.0)?(?: universal)?|creative commons zero"
        r"|creativecommons org publicdomain zero(?: 1\.0)?",
        "CC0-1.0",
    ),
    (
        "noncommercial non_commercial by_nc",
        r"creative commons attribution (?:noncommercial|non commercial)|cc by nc",
        "LicenseRef-noncommercial",
    ),
    (
        "public_domain",
        r"(?:released|placed|put|dedicated|is|are|donated)(?: in| into| to)?(?: the)? public domain"
        r"|public domain",
        PUBLIC_DOMAIN,
    ),
    (
        "elastic",
        r"elastic license",
        "Elastic-2.0",
    ),
    (
        "business_source",
        r"business source license",
        "BUSL-1.1",
    ),
    (
        "server_side",
        r"server side public license",
        "SSPL-1.0",
    ),
    (
        "commons_clause",
        r"commons clause",
        "LicenseRef-noncommercial",
    ),
    (
        "commercial academic research",
        r"non ?commercial (?:use|purposes|research)|academic use only|research (?:use|purposes) only",
        "LicenseRef-noncommercial",
    ),
    (
        "confidential unauthori retain trade_secret",
        r"proprietary and confidential|confidential and proprietary|unauthori[sz]ed (?:copying"
        r"|reproduction|use)|retains? all intellectual property|trade secrets?",
        "LicenseRef-proprietary",
    ),
)
_PHRASES = tuple(
    (tuple(key.replace("_", " ") for key in keys.split()), re.compile(rf"\b(?:{pattern})\b"), expression)
    for keys, pattern, expression in _NOTICES
)
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


@dataclass(frozen=True, slots=True)
class Mention:
    """A licence named in a text: its expression, or the ids an ambiguous name may mean; `said` is how it was put.

    Neither is there where the name is one that nobody knows. `line` is where it begins, 1-based.
    """

    expression: str | None
    candidates: tuple[str, ...]
    said: str
    line: int = 1


def named_licenses(words: str) -> list[tuple[int, int, str]]:
    """Return (begin, end, expression) of what is named in words, lower-case and joined by single blanks, by place.

    Names may overlap; of those that begin together the longest comes first.
    """
    named = [*_phrases(words), *listed_names(words)]
    for match in _GNU.finditer(words):
        named.append((match.start(), match.end(), _gnu(match, words)))
    for match in _CREATIVE_COMMONS.finditer(words):
        named.append((match.start(), match.end(), f"CC-BY{'-SA' * bool(match['alike'])}-{match['version'] or '4.0'}"))
    named.sort(key=lambda entry: (entry[0], -entry[1]))
    return named


def _phrases(words: str) -> Iterator[tuple[int, int, str]]:
    for keys, phrase, expression in _PHRASES:
        # Looking for a word costs a thousandth of looking for a pattern.
        if any(key in words for key in keys):
            for match in phrase.finditer(words):
                yield match.start(), match.end(), expression


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
    other = None if stated is None else _OTHER_VERSION.match(behind, stated.end())
    second = None if other is None else _GNU_VERSIONS[family].get(other["version"].removesuffix(".0"))
    if second is not None:
        return f"{family}-{version}-only OR {family}-{second}-only"
    return f"{family}-{version}-{'or-later' if later else 'only'}"
