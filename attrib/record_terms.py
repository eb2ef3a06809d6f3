"""What a record is found by: the path that was asked about, and source and licence of the best origin of each match."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

LONGEST_VALUE = 500
"""Characters of a value that are kept; what is longer is found by its beginning."""


class TermField(StrEnum):
    """What a term is."""

    PATH = "path"
    SOURCE = "purl"
    LICENSE = "license"


Term = tuple[TermField, str]


def terms_of(request: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Term]:
    """Return the terms of a record, each once, in a stable order.

    Common matches count too: they say where code stands, whatever it asks for.
    """
    path = request.get("path")
    found: list[Term] = [(TermField.PATH, path)] if isinstance(path, str) and path else []
    for match in _matches(answer):
        for best in match.get("origins", ())[:1]:
            found += [(TermField.SOURCE, best["purl"]), (TermField.LICENSE, best["license"])]
    return list(dict.fromkeys((field, _storable(value)) for field, value in found))


def _matches(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from answer.get("matches", ())
    yield from answer.get("findings", ())
    for choice in answer.get("choices", ()):
        yield from choice.get("check", {}).get("matches", ())


def _storable(value: str) -> str:
    # A name that is not UTF-8 has lone surrogates in it, which no database stores.
    return value[:LONGEST_VALUE].encode("utf-8", "replace").decode()
