"""Decides under which licence a source and a file stand, and on what evidence; cheapest evidence first.

A statement in the metadata is held against the text of the main licence file; where the two disagree the answer
is NOASSERTION, whose category is unknown, and the reason names both.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from attrib.errors import UnknownLicense
from attrib.file_header import detect_file_license
from attrib.legal_reading import SHORTEST_TEXT, LegalReading, plainness, read_legal
from attrib.license_finding import CONFIRMED, UNCONFIRMED, LicenseFinding, Place, settled, unsettled
from attrib.license_scope import governs_everything
from attrib.license_texts import match_texts
from attrib.licenses import NOASSERTION, Category, ambiguous_ids, canonical, category_of, license_ids, text_name
from index.origins.base import DeclaredLicense, LegalFile, LegalKind, SourcePackage

__all__ = [
    "LicenseFinding",
    "detect_file_license",
    "detect_package_license",
    "folder_finding",
    "settled",
    "stated_finding",
    "unsettled",
]

_HARMLESS = (Category.PERMISSIVE, Category.PUBLIC_DOMAIN)


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one field of the metadata says: an expression, or candidates, or neither where it cannot be read."""

    where: str
    expression: str | None
    candidates: tuple[str, ...]
    changed: str | None

    said: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """The field of metadata, as a place."""
        return (Place(self.where.rpartition(" in ")[2], said=self.said[:200]),)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.candidates if self.expression is None else license_ids(self.expression))


def detect_package_license(package: SourcePackage) -> LicenseFinding:
    """Return the licence of a whole source: its metadata, held against its main licence file."""
    main = [file for file in package.legal if file.kind is LegalKind.LICENSE and governs_everything(file.path)]
    reading = read_legal(main) if main else None
    statements = [_statement(declared) for declared in package.declared]
    readable = [statement for statement in statements if statement.ids]
    conflict = _conflict(readable)
    if conflict is not None:
        return unsettled(" and ".join(statement.where for statement in readable), conflict)
    exact = [statement for statement in readable if statement.expression is not None]
    if exact:
        return _held_against(exact, reading)
    if readable:
        return _made_exact(readable[0], reading)
    unread = "; ".join(f"{statement.where} cannot be read" for statement in statements)
    if reading is None:
        return unsettled(
            unread or "nothing", unread or "neither metadata nor a licence file says anything about the licence"
        )
    return _from_texts(reading, unread or None)


def stated_finding(declared: Iterable[DeclaredLicense]) -> LicenseFinding:
    """Return what metadata says of one file: the first statement that can be read, a name or a whole text."""
    every = list(declared)
    statements = [_statement(one) for one in every]
    for statement in statements:
        if statement.expression is not None:
            return settled(statement.expression, statement.where, statement.changed, UNCONFIRMED, statement.places)
    first = statements[0]
    said = _said(first) if first.candidates else f"{every[0].value[:80]!r}, which names no known licence"
    return unsettled(first.where, f"{first.where} says {said}", first.candidates)


def _statement(declared: DeclaredLicense) -> _Statement:
    where = declared.field if " " in declared.field else f"{declared.field} in METADATA"
    value = declared.value
    try:
        known = canonical(value)
        return _Statement(where, known.expression, (), known.changed, value)
    except UnknownLicense:
        pass
    if candidates := ambiguous_ids(value):
        return _Statement(where, None, candidates, None, value)
    if len(value.split()) >= SHORTEST_TEXT:
        matches = match_texts(value)
        if matches and matches[0].altered is None:
            return _Statement(where, matches[0].license_id, (), f"the text in {where} is {matches[0].license_id}")
    return _Statement(where, None, (), None)


def _conflict(statements: list[_Statement]) -> str | None:
    for one in statements:
        for other in statements:
            if other is not one and not (one.ids & other.ids) and not _same_text(one.ids, other.ids):
                return f"{one.where} says {_said(one)}, {other.where} says {_said(other)}"
    return None


def _said(statement: _Statement) -> str:
    return statement.expression or f"one of {', '.join(statement.candidates)}"


def _same_text(ids: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two sets name the same licence text, as GPL-2.0-only and GPL-2.0-or-later do."""
    return not {text_name(i) for i in ids}.isdisjoint(text_name(i) for i in others)


def _held_against(exact: list[_Statement], reading: LegalReading | None) -> LicenseFinding:
    first = exact[0]
    expression = first.expression or NOASSERTION
    if len(exact) > 1 and not first.where.startswith(("License-Expression", "licence given")):
        # Several classifiers or fields do not say whether they are a choice; all of them is the safe side.
        every = dict.fromkeys(
            license_id for statement in exact for license_id in license_ids(str(statement.expression))
        )
        if any(set(license_ids(str(statement.expression))) != set(every) for statement in exact):
            expression = " AND ".join(every)
    where = first.where
    if reading is None:
        return settled(
            expression, f"{where}; no licence file is shipped to confirm it", first.changed, UNCONFIRMED, first.places
        )
    if reading.altered is not None:
        return unsettled(f"{where}; {reading.where}", f"{where} says {expression}, but {reading.altered}")
    if reading.unrecognised is not None and not reading.leading:
        return unsettled(
            f"{where}; {reading.where}",
            f"{where} says {expression}, but the text of {reading.unrecognised} is not recognised",
        )
    stated = license_ids(expression)
    for ids in reading.leading:
        if not _same_text(ids, stated):
            named = min(ids, key=plainness)
            if not (
                reading.bundled
                and any(_same_text(other, stated) for other in reading.leading)
                and category_of(named) in _HARMLESS
            ):
                return unsettled(
                    f"{where}; {reading.where}", f"{where} says {expression}, but {reading.where} is {named}"
                )
    strange = [ids for ids in reading.further if not _same_text(ids, stated)]
    harmful = sorted(
        {min(ids, key=plainness) for ids in strange if category_of(min(ids, key=plainness)) not in _HARMLESS}
    )
    if harmful and not reading.bundled:
        return unsettled(
            f"{where}; {reading.where}",
            f"{where} says {expression}, but {reading.where} also carries {', '.join(harmful)}",
        )
    also = sorted({min(ids, key=plainness) for ids in strange})
    note = (
        f"{reading.where} also carries {', '.join(also)} for parts it bundles; those files are judged by "
        "their own licence"
        if also
        else first.changed
    )
    return settled(
        expression,
        f"{where}, confirmed by {reading.where}" if reading.leading else where,
        note,
        CONFIRMED if reading.leading else UNCONFIRMED,
        (*first.places, *reading.places),
    )


def _made_exact(vague: _Statement, reading: LegalReading | None) -> LicenseFinding:
    said = f"{vague.where} says only one of {', '.join(vague.candidates)}"
    if reading is None:
        return unsettled(vague.where, f"{said}, and no licence file says which", vague.candidates)
    if not any(ids & set(vague.candidates) for ids in reading.leading):
        other = ", ".join(reading.leading_ids) or "not recognised"
        return unsettled(f"{vague.where}; {reading.where}", f"{said}, but {reading.where} is {other}", vague.candidates)
    found = _from_texts(reading, None, f"text of {reading.where}, agreeing with {vague.where}")
    return replace(found, places=(*vague.places, *found.places))


def _from_texts(reading: LegalReading, unread: str | None, evidence: str | None = None) -> LicenseFinding:
    evidence = evidence or f"text of {reading.where}"
    if reading.altered is not None:
        return unsettled(evidence, reading.altered)
    if not reading.leading:
        return unsettled(evidence, f"the text of {reading.where} is not recognised")
    further = sorted({min(ids, key=plainness) for ids in reading.further if ids not in reading.leading})
    if reading.bundled or not further:
        note = (
            f"{reading.where} also carries {', '.join(further)} for parts it bundles; those files are judged by "
            "their own licence"
            if further
            else unread
        )
        return settled(" AND ".join(reading.leading_ids), evidence, note, reading.similarity, reading.places)
    every = " AND ".join(dict.fromkeys((*reading.leading_ids, *further)))
    return settled(every, evidence, unread, reading.similarity, reading.places)


def folder_finding(files: Iterable[LegalFile]) -> LicenseFinding:
    """Return the licence that the licence files of one folder give to the files below it."""
    return _from_texts(read_legal(files), None)
