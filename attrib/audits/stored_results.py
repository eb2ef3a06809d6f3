"""Answers of a search as bytes and back: what the audit cache keeps of a file, none of its code."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import astuple
from datetime import date
from typing import Any

from index.collection import Collection
from index.matches import Match, MatchKind, MatchOrigin, ReferenceFile, SearchResult, SearchStatus, Span


def packed(result: SearchResult) -> bytes:
    """Return a result as bytes; a file that several origins name is written once."""
    files: dict[ReferenceFile, int] = {}
    matches = [_match(match, files) for match in result.matches]
    told = [result.status.value, result.lexemes, result.matched_lexemes, matches, [_file(file) for file in files]]
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 1)


def unpacked(data: bytes) -> SearchResult:
    """Return the result that `packed` made bytes of; raises ValueError, KeyError or TypeError for other bytes."""
    try:
        status, lexemes, matched_lexemes, matches, files = json.loads(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    known = [_read_file(*file) for file in files]
    return SearchResult(
        SearchStatus(status), lexemes, matched_lexemes, tuple(_read_match(match, known) for match in matches)
    )


def _file(file: ReferenceFile) -> list[Any]:
    return [
        file.purl,
        file.path,
        file.swhid,
        file.license_expression,
        file.license_evidence,
        list(file.copyright),
        file.url,
        file.released.isoformat() if file.released else None,
        str(file.collection),
    ]


def _read_file(
    purl: str,
    path: str,
    swhid: str,
    license_expression: str,
    license_evidence: str,
    copyright: list[str],
    url: str | None,
    released: str | None,
    collection: str,
) -> ReferenceFile:
    return ReferenceFile(
        purl,
        path,
        swhid,
        license_expression,
        license_evidence,
        tuple(copyright),
        url,
        date.fromisoformat(released) if released else None,
        Collection(collection),
    )


def _match(match: Match, files: dict[ReferenceFile, int]) -> Mapping[str, Any]:
    return {
        "kind": match.kind.value,
        "output": astuple(match.output),
        "numbers": [match.similarity, match.lexemes, match.information_bits, match.common],
        "sources": [match.sources, match.unrelated_sources],
        "origins": [
            [
                files.setdefault(one.file, len(files)),
                astuple(one.reference),
                one.similarity,
                one.lexemes,
                one.kind.value,
            ]
            for one in match.origins
        ],
        "names": match.names,
    }


def _read_match(told: Mapping[str, Any], files: list[ReferenceFile]) -> Match:
    similarity, lexemes, information_bits, common = told["numbers"]
    sources, unrelated_sources = told["sources"]
    return Match(
        kind=MatchKind(told["kind"]),
        output=Span(*told["output"]),
        similarity=similarity,
        lexemes=lexemes,
        information_bits=information_bits,
        common=common,
        sources=sources,
        unrelated_sources=unrelated_sources,
        origins=tuple(
            MatchOrigin(files[file], Span(*span), alike, equal, MatchKind(kind))
            for file, span, alike, equal, kind in told["origins"]
        ),
        names=tuple((before, now) for before, now in told["names"]),
    )
