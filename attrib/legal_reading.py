"""Reads the licence files of one place: which licences lead them, which stand further down, and whether as bundled."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from attrib.errors import UnknownLicense
from attrib.license_finding import NOTICED, Place
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
    """What the licence files at one place hold: the licences that lead them, and those that stand further down.

    `altered` says which text is not as it is known, `unrecognised` names a file in which none is. `places` are where
    the leading licences stand, `similarity` how like the known ones the least like of their texts is.
    """

    where: str
    leading: tuple[frozenset[str], ...]
    further: tuple[frozenset[str], ...]
    bundled: bool
    altered: str | None
    unrecognised: str | None
    places: tuple[Place, ...]
    similarity: float

    @property
    def leading_ids(self) -> tuple[str, ...]:
        """One id for each leading licence, in order."""
        return tuple(dict.fromkeys(min(ids, key=plainness) for ids in self.leading))


def plainness(license_id: str) -> tuple[bool, int]:
    """Rank the ids that share one text: the plain one comes first."""
    return ("-or-later" in license_id, len(license_id))


def read_legal(files: Iterable[LegalFile]) -> LegalReading:
    """Read the licence files of one place: whole texts by their words, else notices and tags."""
    read = [_read(file) for file in files]
    return LegalReading(
        where=" and ".join(dict.fromkeys(one.where for one in read)),
        leading=tuple(ids for one in read for ids in one.leading),
        further=tuple(ids for one in read for ids in one.further),
        bundled=any(one.bundled for one in read),
        altered=next((one.altered for one in read if one.altered is not None), None),
        unrecognised=next((one.unrecognised for one in reversed(read) if one.unrecognised is not None), None),
        places=tuple(place for one in read for place in one.places),
        similarity=min((one.similarity for one in read), default=1.0),
    )


def _read(file: LegalFile) -> LegalReading:
    name = file.path.rsplit("/", 1)[-1]
    matches = match_texts(file.text)
    if not matches:
        named = _named(file.text)
        unrecognised = name if not named and len(file.text.split()) > SHORTEST_TEXT else None
        places = tuple(Place(file.path, said=f"names {min(ids, key=plainness)}") for ids in named)
        return LegalReading(name, tuple(named), (), False, None, unrecognised, places, NOTICED)
    first, *rest = matches
    lines = file.text.split("\n")
    leading = [_ids(first)]
    bundled = False
    if rest:
        bundled = _BUNDLING.search("\n".join(lines[first.end_line : rest[0].start_line])) is not None
    if first.start_line > 3 and not first.license_id.startswith("Python-2.0"):
        # What stands above a text may name another licence; above Python's it is the history of its licences.
        leading += [ids for ids in _named("\n".join(lines[: first.start_line - 1])) if ids not in leading]
    broken = next((match for match in matches[: None if not bundled else 1] if match.altered is not None), None)
    return LegalReading(
        name,
        tuple(leading),
        tuple(_ids(match) for match in rest),
        bundled,
        None if broken is None else f"{name} is not {broken.license_id} as it is known: {broken.altered}",
        None,
        (Place(file.path, first.start_line, first.end_line, f"text of {first.license_id}"),),
        first.similarity,
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
