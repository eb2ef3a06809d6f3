"""Answers "which licence is this?" for an id, a name, a licence text or a source file, with the evidence."""

import re
from dataclasses import dataclass
from typing import Final

from attrib.detection import LicenseFinding, detect_file_license
from attrib.errors import UnknownLicense
from attrib.license_facts import LicenseFacts, license_facts
from attrib.license_json import FoundLicenseJson, LicenseFactsJson, LicenseJson
from attrib.license_texts import TextMatch, match_texts
from attrib.licenses import NOASSERTION, Category, ambiguous_ids, canonical, license_ids

_HEAD: Final = 12_000
_TAG: Final = "SPDX-License-Identifier"
_SAID = re.compile(r"\('(.*)'\)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FoundLicense:
    """A licence found in a text: how, and in which lines (1-based, inclusive; None where that is not known).

    `similarity` is that of a whole text with the licence's own, 0 to 1, None for a tag or notice; `altered` says what
    was put in where it is not the licence as it is known; `same_text` are other ids with the very same words.
    """

    license: str
    how: str
    lines: tuple[int, int] | None
    similarity: float | None = None
    altered: str | None = None
    same_text: tuple[str, ...] = ()

    def as_json(self) -> FoundLicenseJson:
        """Return it as the API shows it."""
        start, end = self.lines or (None, None)
        return {
            "license": self.license,
            "how": self.how,
            "start_line": start,
            "end_line": end,
            "similarity": None if self.similarity is None else round(self.similarity, 4),
            "altered": self.altered,
            "same_text": list(self.same_text),
        }


@dataclass(frozen=True, slots=True)
class LicenseAnswer:
    """Which licence it is and all that is known of it, or why nobody can say.

    `facts` is None where the licence is not known; then `reason` says why, and `may_be` which ids it could be.
    """

    facts: LicenseFacts | None
    recognised: str
    reason: str | None = None
    found: tuple[FoundLicense, ...] = ()
    may_be: tuple[str, ...] = ()

    def as_json(self) -> LicenseJson:
        """Return the answer as one JSON document; one that is not known has the license NOASSERTION."""
        unknown: LicenseFactsJson = {"license": NOASSERTION, "category": Category.UNKNOWN}
        return {
            **(unknown if self.facts is None else self.facts.as_json()),
            "recognised": self.recognised,
            "reason": self.reason,
            "may_be": list(self.may_be),
            "found": [one.as_json() for one in self.found],
        }


def answer_for_name(name: str) -> LicenseAnswer:
    """Answer for an SPDX expression, an old id, a free name or a classifier."""
    try:
        facts = license_facts(name)
    except UnknownLicense as error:
        return LicenseAnswer(None, "not recognised", str(error), may_be=ambiguous_ids(name))
    return LicenseAnswer(facts, "SPDX expression" if facts.changed is None else "name")


def answer_for(given: str, path: str = "") -> LicenseAnswer:
    """Answer for what a person gives: a name where it is one, else the text of a licence or of a source file."""
    named = answer_for_name(given.strip())
    if named.facts is not None or named.may_be:
        return named
    read = answer_for_text(given, path)
    said_nothing = read.facts is None and not read.found and not read.may_be
    return named if said_nothing and "\n" not in given.strip() else read


def answer_for_text(text: str, path: str = "") -> LicenseAnswer:
    """Answer for the text of a licence file or of a source file; its path tells the language of its comments."""
    matches = match_texts(text)
    found = [_found_text(match) for match in matches]
    stated = detect_file_license(path, text.encode(errors="replace")[:_HEAD]) if not matches or _TAG in text else None
    if stated is not None and stated.settled:
        known = {license_id for match in matches for license_id in (match.license_id, *match.also)}
        if not set(license_ids(stated.expression)) <= known:
            found.insert(0, FoundLicense(stated.expression, stated.evidence, _lines_of(stated, text)))
    altered = [one for one in found if one.altered is not None]
    if altered:
        reason = f"the text is not {altered[0].license} as it is known: {altered[0].altered}"
        return LicenseAnswer(None, "altered text", reason, tuple(found), (altered[0].license,))
    if found:
        whole = canonical(" AND ".join(f"({one.license})" for one in found)).expression
        ways = " and ".join(dict.fromkeys(one.how for one in found))
        return LicenseAnswer(license_facts(whole), ways, found=tuple(found))
    if stated is not None:
        return LicenseAnswer(None, stated.evidence, stated.reason, may_be=stated.candidates)
    return LicenseAnswer(None, "not recognised", "it is no known text, and names no licence")


def _found_text(match: TextMatch) -> FoundLicense:
    lines = (match.start_line, match.end_line)
    return FoundLicense(match.license_id, "whole text", lines, match.similarity, match.altered, match.also)


def _lines_of(stated: LicenseFinding, text: str) -> tuple[int, int] | None:
    """Return the lines of a tag, or of the words the evidence quotes, whatever comment signs stand between them."""
    said = _SAID.search(stated.evidence)
    words = [_TAG] if said is None else re.findall(r"\w+", said[1])
    place = re.search(r"\W+".join(map(re.escape, words)), text, re.IGNORECASE)
    return None if place is None else (text.count("\n", 0, place.start()) + 1, text.count("\n", 0, place.end()) + 1)
