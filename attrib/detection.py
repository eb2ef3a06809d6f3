"""Decides under which licence a source and a file stand, and on what evidence; cheapest evidence first.

A statement in the metadata is held against the text of the main licence file; where the two disagree the answer
is NOASSERTION, whose category is unknown, and the reason names both.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from attrib.errors import UnknownLicense
from attrib.file_header import detect_file_license
from attrib.legal_reading import SHORTEST_TEXT, LegalReading, plainness, read_legal
from attrib.license_finding import CONFIRMED, UNCONFIRMED, LicenseFinding, Place, settled, unsettled
from attrib.license_scope import governs_everything
from attrib.licenses import (
    ANY_VERSION,
    HARMLESS,
    NOASSERTION,
    ambiguous_ids,
    canonical,
    category_of,
    license_ids,
    same_text,
)
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


_SEE = re.compile(r"SEE LICEN[CS]E IN (?P<path>\S.*)$", re.IGNORECASE)


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
    declared = package.declared
    pointed = _pointed_at(package)
    if pointed is not None:
        where, file = pointed
        if file is None:
            return unsettled(where, f"{where}, and no licence file of that name is shipped")
        main, declared = [file], ()
    reading = read_legal(main) if main else None
    statements = [_statement(one) for one in declared]
    readable = [statement for statement in statements if statement.ids]
    conflict = _conflict(readable)
    if conflict is not None:
        return unsettled(" and ".join(dict.fromkeys(statement.where for statement in readable)), conflict)
    exact = _most_exact([statement for statement in readable if statement.expression is not None])
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


def _pointed_at(package: SourcePackage) -> tuple[str, LegalFile | None] | None:
    """Return where npm's metadata points to a licence file, and that file (None: it is not shipped)."""
    for one in package.declared:
        pointer = _SEE.match(one.value)
        if pointer is not None:
            path = pointer["path"].removeprefix("./")
            file = next((file for file in package.legal if file.path.lower() == path.lower()), None)
            return f"{one.field} says {one.value[:80]!r}", file
    return None


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
    named = _named(where, declared.value)
    if not declared.text:
        return named
    # What is written in full counts, unless it would make the named licence a milder one.
    told = _in_full(where, declared.text, declared.value)
    milder = named.expression and told.expression and _strictness(told.expression) < _strictness(named.expression)
    return named if told.expression is None or milder else told


def _strictness(expression: str) -> int:
    category = category_of(expression)
    return 0 if category in HARMLESS else category.strictness


def _named(where: str, value: str) -> _Statement:
    try:
        known = canonical(value)
        return _Statement(where, known.expression, (), known.changed, value)
    except UnknownLicense:
        pass
    if candidates := ambiguous_ids(value):
        return _Statement(where, None, candidates, None, value)
    return _in_full(where, value, "") if len(value.split()) >= SHORTEST_TEXT else _Statement(where, None, (), None)


def _in_full(where: str, text: str, name: str) -> _Statement:
    reading = read_legal([LegalFile(where, LegalKind.LICENSE, text)])
    if reading.altered is not None or not reading.leading:
        return _Statement(where, None, (), None, name)
    expression = " AND ".join(reading.leading_ids) if reading.bundled else reading.whole
    expression = canonical(expression).expression
    changed = None if expression == name else f"the text in {where} is {expression}"
    return _Statement(where, expression, (), changed, name or f"text of {expression}")


def _conflict(statements: list[_Statement]) -> str | None:
    """Say which two statements cannot both be true.

    A License-Expression is the whole of it (PEP 639), and classifiers are held against it together.
    """
    pairs = [(one, other) for number, one in enumerate(statements) for other in statements[number + 1 :]]
    if statements and _is_whole(statements[0]):
        first, *others = statements
        together: dict[str, frozenset[str]] = {}
        for other in others:
            together[other.where] = together.get(other.where, frozenset()) | other.ids
        pairs = [(first, other) for other in others if not same_text(first.ids, together[other.where])]
    for one, other in pairs:
        if not same_text(one.ids, other.ids):
            return f"{one.where} says {_said(one)}, {other.where} says {_said(other)}"
    return None


def _is_whole(statement: _Statement) -> bool:
    return statement.expression is not None and statement.where.startswith(("License-Expression", "licence given"))


def _most_exact(statements: list[_Statement]) -> list[_Statement]:
    """Leave out a GNU licence without a version where another statement has the version."""
    return [
        statement
        for statement in statements
        if not any(
            statement.expression == vague
            and any(other.expression != vague and same_text(other.ids, (vague,)) for other in statements)
            for vague in ANY_VERSION.values()
        )
    ]


def _said(statement: _Statement) -> str:
    return statement.expression or f"one of {', '.join(statement.candidates)}"


def _held_against(exact: list[_Statement], reading: LegalReading | None) -> LicenseFinding:
    first = exact[0]
    expression = first.expression or NOASSERTION
    if len(exact) > 1 and not _is_whole(first):
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
    expression = _versioned(expression, reading)
    stated = license_ids(expression)
    for ids in reading.leading:
        if not same_text(ids, stated):
            named = min(ids, key=plainness)
            if not (
                (reading.bundled or category_of(expression) not in HARMLESS)
                and any(same_text(other, stated) for other in reading.leading)
                and category_of(named) in HARMLESS
            ):
                return unsettled(
                    f"{where}; {reading.where}", f"{where} says {expression}, but {reading.where} is {named}"
                )
    strange = [ids for ids in reading.further if not same_text(ids, stated)]
    harmful = sorted(
        {min(ids, key=plainness) for ids in strange if category_of(min(ids, key=plainness)) not in HARMLESS}
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


def _versioned(expression: str, reading: LegalReading) -> str:
    """Return an expression that names no version with the version of the text that goes with it."""
    for vague in ANY_VERSION.values():
        if expression == vague:
            texts = [ids for ids in reading.leading if same_text(ids, (vague,))]
            return max(texts[0], key=plainness) if texts else expression
    return expression


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
    if reading.bundled:
        note = (
            f"{reading.where} also carries {', '.join(further)} for parts it bundles; those files are judged by "
            "their own licence"
            if further
            else unread
        )
        return settled(" AND ".join(reading.leading_ids), evidence, note, reading.similarity, reading.places)
    return settled(reading.whole, evidence, unread, reading.similarity, reading.places)


def folder_finding(files: Iterable[LegalFile]) -> LicenseFinding:
    """Return the licence that the licence files of one folder give to the files below it: all that they hold."""
    return _from_texts(replace(read_legal(files), bundled=False), None)
