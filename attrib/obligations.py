"""What a licence asks for when its code is reproduced, in data and in plain words."""

import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from attrib.errors import UnknownLicense
from attrib.licenses import base_id, license_ids, resolve_choice


class Ask(StrEnum):
    """One thing a licence may ask for."""

    INCLUDE_COPYRIGHT = "include_copyright"
    INCLUDE_TEXT = "include_text"
    INCLUDE_NOTICE = "include_notice"
    STATE_CHANGES = "state_changes"
    DISCLOSE_SOURCE = "disclose_source"
    SAME_LICENSE = "same_license"
    NETWORK_SOURCE = "network_source"
    NO_ENDORSEMENT = "no_endorsement"


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """The obligations of one licence: what, where in its text, and why; `spell_out` is one more sentence.

    The row of an exception asks for nothing: it `waives` what the licence asks, where it applies.
    """

    license_id: str
    asks: frozenset[Ask]
    section: str
    reason: str
    spell_out: str | None
    waives: frozenset[Ask] = frozenset()


@dataclass(frozen=True, slots=True)
class Obligations:
    """What an expression asks for: the union over its licences, in sentences a person can read.

    What is forbidden rather than asked (use of names) is in `asks` and in each row's reason, not in the sentences.
    `unlisted` are licences that our table does not know: what they ask for has to be read in their text.
    """

    expression: str
    asks: frozenset[Ask]
    sentences: tuple[str, ...]
    rows: tuple[ObligationRow, ...]
    unlisted: tuple[str, ...]

    @property
    def anything(self) -> bool:
        """Whether anything is asked for, or could be."""
        return bool(self.asks or self.unlisted or any(row.spell_out for row in self.rows))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(files("attrib").joinpath("obligations.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def obligation_rows() -> dict[str, ObligationRow]:
    """Return the table, a row for each licence id."""
    return _rows("licence")


@lru_cache(maxsize=1)
def exception_rows() -> dict[str, ObligationRow]:
    """Return what exceptions change, a row for each exception id."""
    return _rows("exception")


def _rows(kind: str) -> dict[str, ObligationRow]:
    return {
        identifier: ObligationRow(
            license_id=identifier,
            asks=frozenset(Ask(ask) for ask in entry.get("asks", ())),
            section=entry["section"],
            reason=entry["reason"],
            spell_out=entry["spell_out"].replace("{id}", identifier) if "spell_out" in entry else None,
            waives=frozenset(Ask(ask) for ask in entry.get("waives", ())),
        )
        for entry in _table()[kind]
        for identifier in entry["ids"]
    }


@lru_cache(maxsize=1024)
def obligations_of(expression: str) -> Obligations:
    """Return what an expression asks for, after the mildest choice where it offers one.

    What is no expression at all comes back as unlisted, never as free of obligations.
    """
    try:
        chosen = resolve_choice(expression)
    except UnknownLicense:
        return Obligations(
            expression,
            frozenset(),
            (f"the licence is not known ({expression}), so nobody can say what it asks for",),
            (),
            (expression,),
        )
    rows, unlisted, sentences = [], [], []
    for license_id in license_ids(chosen.expression):
        exception_id = license_id.partition(" WITH ")[2]
        exception = exception_rows().get(exception_id)
        row = obligation_rows().get(base_id(license_id))
        if row is None:
            unlisted.append(license_id)
            sentences.append(f"{license_id} is not in the table of obligations: read its text")
        else:
            row = row if exception is None else replace(row, asks=row.asks - exception.waives)
            rows.append(row)
            sentences += _sentences(license_id, row)
        if exception is not None:
            rows.append(exception)
            sentences.append(str(exception.spell_out))
        elif exception_id and row is not None:
            unlisted.append(exception_id)
            sentences.append(f"{exception_id} is not in the table of obligations: read its text")
    asks = frozenset(ask for row in rows for ask in row.asks)
    return Obligations(chosen.expression, asks, tuple(sentences), tuple(rows), tuple(unlisted))


def _sentences(license_id: str, row: ObligationRow) -> list[str]:
    asked = []
    if {Ask.INCLUDE_COPYRIGHT, Ask.INCLUDE_TEXT} <= row.asks:
        asked.append("its copyright notice and text")
    elif Ask.INCLUDE_TEXT in row.asks:
        asked.append("its text")
    elif Ask.INCLUDE_COPYRIGHT in row.asks:
        asked.append("credit to its authors")
    if Ask.INCLUDE_NOTICE in row.asks:
        asked.append("the source's NOTICE")
    if Ask.STATE_CHANGES in row.asks:
        asked.append("a statement of changes")
    if Ask.DISCLOSE_SOURCE in row.asks:
        asked.append("the source code")
    sentences = (
        [f"{license_id} asks for {_enumerated(asked)}"]
        if asked
        else [f"{license_id} asks for nothing"]
        if not row.asks
        else []
    )
    if Ask.SAME_LICENSE in row.asks:
        sentences.append(f"{license_id} asks that what contains its code stay under the same licence")
    if Ask.NETWORK_SOURCE in row.asks:
        sentences.append(f"{license_id} asks that those who use it over a network be offered the source code too")
    if row.spell_out is not None:
        sentences.append(row.spell_out)
    return sentences


def _enumerated(things: list[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"
