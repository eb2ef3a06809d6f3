"""Reads the licence files of one place: which licences lead them, which stand further down, and whether as bundled."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from attrib.errors import UnknownLicense
from attrib.license_mentions import mentions, spdx_tags
from attrib.license_texts import TextMatch, match_texts
from attrib.licenses import license_ids
from index.origins.base import LegalFile

SHORTEST_TEXT = 60
_BUNDLING = re.compile(
    r"bundle|third[- ]part|this (?:binary )?distribution|incorporat|vendor|component|portions? of"
    r"|parts? of|files? (?:in|under|from)|derived from"
    r"|includes? (?:code|files|software|a copy)|following files|subcomponent|subject to (?:the"
    r"|their) (?:following|own)|^name:|^files:|[\w./*-]+/[\w./*-]+",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class LegalReading:
    """What the licence files at one place hold: the licences that lead them, and those that stand further down."""

    where: str
    leading: tuple[frozenset[str], ...]
    further: tuple[frozenset[str], ...]
    bundled: bool
    altered: str | None
    unrecognised: str | None

    @property
    def leading_ids(self) -> tuple[str, ...]:
        """One id for each leading licence, in order."""
        return tuple(dict.fromkeys(min(ids, key=plainness) for ids in self.leading))


def plainness(license_id: str) -> tuple[bool, int]:
    """Rank the ids that share one text: the plain one comes first."""
    return ("-or-later" in license_id, len(license_id))


def read_legal(files: Iterable[LegalFile]) -> LegalReading:
    """Read the licence files of one place: whole texts by their words, else notices and tags."""
    leading: list[frozenset[str]] = []
    further: list[frozenset[str]] = []
    altered = unrecognised = None
    bundled, names = False, []
    for file in files:
        names.append(file.path.rsplit("/", 1)[-1])
        matches = match_texts(file.text)
        if not matches:
            named = _named(file.text)
            leading += named
            if not named and len(file.text.split()) > SHORTEST_TEXT:
                unrecognised = names[-1]
            continue
        first, *rest = matches
        leading.append(_ids(first))
        further += [_ids(match) for match in rest]
        if first.altered is not None:
            altered = f"{names[-1]} is not {first.license_id} as it is known: {first.altered}"
        if rest:
            lines = file.text.split("\n")
            bundled = bundled or _BUNDLING.search("\n".join(lines[first.end_line : rest[0].start_line])) is not None
        if first.start_line > 3 and not first.license_id.startswith("Python-2.0"):
            # What stands above a text may name another licence; above Python's it is the history of its licences.
            leading += [
                ids for ids in _named("\n".join(file.text.split("\n")[: first.start_line - 1])) if ids not in leading
            ]
    return LegalReading(
        " and ".join(dict.fromkeys(names)), tuple(leading), tuple(further), bundled, altered, unrecognised
    )


def _ids(match: TextMatch) -> frozenset[str]:
    return frozenset((match.license_id, *match.also))


def _named(text: str) -> list[frozenset[str]]:
    found = []
    for tag in spdx_tags(text):
        try:
            found += [frozenset((license_id,)) for license_id in license_ids(tag)]
        except UnknownLicense:
            continue
    for mention in mentions(text):
        if mention.expression is not None:
            found += [frozenset((license_id,)) for license_id in license_ids(mention.expression)]
    return list(dict.fromkeys(found))
