"""Reads the licence files of one place: which licences lead them, which stand further down, and whether as bundled."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from attrib.errors import UnknownLicense
from attrib.license_exceptions import with_exceptions
from attrib.license_finding import NOTICED, Place
from attrib.license_mentions import mentions, spdx_tags
from attrib.license_texts import TextMatch, match_texts
from attrib.licenses import ANY_VERSION, canonical, joined, license_ids, same_text, text_name
from index.origins.base import LegalFile

SHORTEST_TEXT = 60
_BUNDLING = re.compile(
    r"bundle|third[- ]part|this (?:binary )?distribution|incorporat|vendor|component|portions? of"
    r"|parts? of|files? (?:in|under|from)|derived from"
    r"|includes? (?:code|files|software|a copy)|following files|subcomponent|subject to (?:the"
    r"|their) (?:following|own)|^name:|^files:|[\w./*-]+/[\w./*-]+",
    re.IGNORECASE | re.MULTILINE,
)
_OFFERED = re.compile(
    r"\bdual(?:ly)?[- ]licen|\bat your (?:option|choice|discretion)\b(?!\W*any\b)|\balternatively\b"
    r"|\b(?:you|recipients) (?:may|can) choose|\bchoose (?:and use )?(?:either|any|one|which)"
    r"|\beither of (?:the|these)|\bterms of either",
    re.IGNORECASE,
)
_MOST_OFFERED = 3
# A machine-readable debian/copyright speaks of one part after another.
_BY_PARTS = re.compile(r"\s*Format(?:-Specification)?:")
# Behind the terms of the GNU licences stands how to apply them, which names licences without granting any.
_APPENDIX = re.compile(r"^\W*(?:end of terms and conditions|(?:\w+\W+){0,2}how to apply)", re.IGNORECASE | re.MULTILINE)
_END_OF_APPENDIX = re.compile(
    r"\binstead\W+of\W+this\W+licen[cs]e\b(?:\W+but\W+first\W+please\W+read\W+\S+)?", re.IGNORECASE
)
# Above the terms of Python's licence stands the history of its licences.
_HISTORY = re.compile(r"history of the software", re.IGNORECASE)
_VERSION = re.compile(r"-\d+(?:\.\d+)*(?:-Perl)?$")
_WORD = re.compile(r"[a-z0-9]+(?:[.][0-9]+)*")
_GNU = re.compile(r"[AL]?GPL-|GFDL-")
_TERMS = re.compile(
    r"terms of service|\btos\b|subscription|prohibited|proprietary|terminates automatically|for use only"
    r"|not authori[sz]ed",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LegalReading:
    """What the licence files at one place hold: the licences that lead them, and those that stand further down.

    `altered` says which text is not as it is known, `unrecognised` names a file in which none is. `places` are where
    the leading licences stand, `similarity` how like the known ones the least like of their texts is. `expressions`
    are all that is named, as it is put, and `offered` says that they are alternatives.
    """

    where: str
    leading: tuple[frozenset[str], ...]
    further: tuple[frozenset[str], ...]
    expressions: tuple[str, ...]
    offered: bool
    bundled: bool
    altered: str | None
    unrecognised: str | None
    places: tuple[Place, ...]
    similarity: float

    @property
    def leading_ids(self) -> tuple[str, ...]:
        """One id for each leading licence, in order."""
        return tuple(dict.fromkeys(min(ids, key=plainness) for ids in self.leading))

    @property
    def whole(self) -> str:
        """All the files hold, as one expression."""
        parts = without_repetition(self.expressions)
        return joined(parts, "OR" if self.offered and len(parts) <= _MOST_OFFERED else "AND")


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
        expressions=tuple(expression for one in read for expression in one.expressions),
        offered=any(one.offered for one in read),
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
        places = tuple(Place(file.path, said=f"names {one}") for one in named)
        sets = tuple(dict.fromkeys(ids for one in named for ids in _each(one)))
        offered = len(named) > 1 and _offers(file.text)
        return LegalReading(name, sets, (), tuple(named), offered, False, None, unrecognised, places, NOTICED)
    first, *rest = matches
    lines = file.text.split("\n")
    above, below = lines[: first.start_line - 1], list(lines)
    for match in matches:
        below[match.start_line - 1 : match.end_line] = [""] * (match.end_line - match.start_line + 1)
    for match, following in zip(matches, [*(one.start_line - 1 for one in rest), len(lines)], strict=True):
        if _GNU.match(match.license_id):
            end = _end_of_appendix(lines, match, following)
            below[match.end_line : end] = [""] * (end - match.end_line)
    outside = "\n".join(below)
    below[: first.start_line - 1] = [""] * len(above)
    # What stands above a text may name another licence.
    python = first.license_id.startswith("Python-2.0")
    if python:
        above = _HISTORY.split("\n".join(above), maxsplit=1)[0].split("\n")
    before = [] if first.start_line <= 3 else _named("\n".join(above))
    after = _named("\n".join(below[first.end_line :]))
    leading = [_ids(first), *(ids for one in before for ids in _each(one) if not ids <= _ids(first))]
    further = [_ids(match) for match in rest] + [ids for one in after for ids in _each(one)]
    bundled = False
    if further:
        end = rest[0].start_line if rest else len(lines)
        bundled = _BUNDLING.search("\n".join(lines[first.end_line : end])) is not None
    broken = next((match for match in matches[: 1 if bundled else None] if match.altered is not None), None)
    altered = None if broken is None else f"{name} is not {broken.license_id} as it is known: {broken.altered}"
    if altered is None and not python and _other_terms("\n".join(above)):
        altered = f"{name} begins with terms that are not recognised, before those of {first.license_id}"
    words = " ".join(_WORD.findall(outside.lower()))
    return LegalReading(
        where=name,
        leading=tuple(leading),
        further=tuple(further),
        expressions=(*before, *(with_exceptions(match.license_id, words) for match in matches), *after),
        offered=not python and _offers(outside),
        bundled=bundled,
        altered=altered,
        unrecognised=None,
        places=(Place(file.path, first.start_line, first.end_line, f"text of {first.license_id}"),),
        similarity=first.similarity,
    )


def _end_of_appendix(lines: list[str], match: TextMatch, following: int) -> int:
    """Return the line at which the appendix of a GNU text ends, as far as other words than the known end it."""
    rest = "\n".join(lines[match.end_line : following])
    if _APPENDIX.search("\n".join(lines[match.start_line - 1 : match.end_line])) or _APPENDIX.match(rest.lstrip()):
        end = _END_OF_APPENDIX.search(rest)
        if end is not None:
            return match.end_line + rest.count("\n", 0, end.end()) + 1
        return following if _APPENDIX.match(rest.lstrip()) else match.end_line
    return match.end_line


def _ids(match: TextMatch) -> frozenset[str]:
    return frozenset((match.license_id, *match.also))


def _each(expression: str) -> list[frozenset[str]]:
    return [frozenset((license_id,)) for license_id in license_ids(expression)]


def _offers(text: str) -> bool:
    return _OFFERED.search(text) is not None and _BY_PARTS.match(text) is None


def _other_terms(text: str) -> bool:
    return len(text.split()) > SHORTEST_TEXT and _TERMS.search(text) is not None


def without_repetition(expressions: Iterable[str]) -> tuple[str, ...]:
    """Return expressions without those that others say more exactly: a text and the notice that names its version."""
    kept = list(dict.fromkeys(canonical(expression).expression for expression in expressions))
    for vague in ANY_VERSION.values():
        if any(one != vague and same_text(license_ids(one), (vague,)) for one in kept):
            kept = [one for one in kept if one != vague]
    kept = [one for one in kept if not one.endswith("-only") or f"{one.removesuffix('-only')}-or-later" not in kept]
    # A choice that is said in words has its texts beside it.
    said = {_family(license_id) for one in kept if " OR " in one for license_id in license_ids(one)}
    kept = [one for one in kept if len(license_ids(one)) > 1 or _family(one) not in said]
    if any(one.startswith("LGPL-3.0-") for one in kept):
        kept = [one for one in kept if not one.startswith(("GPL-3.0-", "GPL-1.0-or-later"))]
    withs = {one.split(" WITH ", maxsplit=1)[0] for one in kept if " WITH " in one}
    return tuple(one for one in kept if one not in withs)


def _family(license_id: str) -> str:
    return _VERSION.sub("", text_name(license_id))


def _named(text: str) -> list[str]:
    found = []
    for tag in spdx_tags(text):
        try:
            found.append(canonical(tag).expression)
        except UnknownLicense:
            continue
    found += [mention.expression for mention in mentions(text) if mention.expression is not None]
    return list(dict.fromkeys(found))
