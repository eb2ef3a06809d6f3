"""Matches of a stored answer as data again, so that they can be judged anew."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from attrib.answers import Action, AttributedMatch, AttributedOrigin, Verdict
from attrib.errors import UnreadableInput
from attrib.licenses import Choice
from attrib.policy_exceptions import path_under_rules
from index.collection import Collection
from index.matches import MatchKind, Span
from index.ranking import COMMON_SOURCES


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """A match with the path of the file it was found in, as it was told and as the policy's globs have it."""

    path: str | None
    path_under_rules: str | None
    match: AttributedMatch


def stored_matches(answer: Mapping[str, Any], path: str | None, folder: Path | None) -> list[StoredMatch]:
    """Return every match of an answer to a check, a generation or an audit, in the answer's order.

    `path` is that of a checked file; `folder` is where the policy stands. Raises UnreadableInput for what is no answer.
    """
    try:
        return list(_matches(answer, path, folder))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableInput(
            "that is no answer of Attrib's: give the id of a record, or what --json or --format json wrote."
        ) from error


def _matches(answer: Mapping[str, Any], path: str | None, folder: Path | None) -> Iterator[StoredMatch]:
    if "findings" in answer:
        root = Path(answer["root"])
        for finding in answer["findings"]:
            below = finding["path"]
            place = root if root.is_file() else root / below
            yield StoredMatch(below, path_under_rules(str(place), below, folder), stored_match(finding))
    elif "choices" in answer:
        for choice in answer["choices"]:
            yield from _matches(choice["check"], None, folder)
    elif "checks" in answer:
        for check in answer["checks"]:
            yield from _matches(check, check["path"], folder)
    else:
        ruled = None if path is None else path_under_rules(path, path, folder)
        for match in answer["matches"]:
            yield StoredMatch(path, ruled, stored_match(match))


def stored_match(told: Mapping[str, Any]) -> AttributedMatch:
    """Return one match of an answer, with the verdict it was given; raises KeyError, TypeError or ValueError."""
    origins = tuple(_origin(origin, number == 0) for number, origin in enumerate(told["origins"]))
    if not origins:
        raise ValueError("a match without an origin")
    sources = told["sources"]
    unrelated = told.get("unrelated_sources", sources)
    return AttributedMatch(
        kind=MatchKind(told["kind"]),
        output=_span(told["output"]),
        similarity=told["similarity"],
        lexemes=told["lexemes"],
        information_bits=told["information_bits"],
        common=told["common"],
        sources=sources,
        origins=origins,
        verdict=Verdict(Action(told["verdict"]), tuple(told["reasons"]), stored_choice(told)),
        names=tuple((pair["origin"], pair["output"]) for pair in told.get("names", ())),
        unrelated_sources=unrelated,
        # Answers of older versions do not say which way a match was common.
        too_little=told.get("too_little", told["common"] and unrelated < COMMON_SOURCES),
        attributed=told.get("attributed", False),
    )


def _origin(told: Mapping[str, Any], best: bool) -> AttributedOrigin:
    released = told.get("released")
    return AttributedOrigin(
        purl=told["purl"],
        path=told["path"],
        swhid=told["swhid"],
        reference=_span(told),
        similarity=told.get("similarity", 1.0),
        license=told["license"],
        license_evidence=told["license_evidence"],
        category=told["category"],
        copyright=tuple(told["copyright"]),
        url=told["url"],
        released=date.fromisoformat(released) if released else None,
        as_good=told.get("as_good", best),
        collection=told.get("collection", Collection.PERMISSIVE),
    )


def _span(told: Mapping[str, Any]) -> Span:
    """Return the lines, and the bytes where the answer has them; no verdict asks for them."""
    return Span(told["start_line"], told["end_line"], told.get("start_byte", 0), told.get("end_byte", 0))


def stored_choice(told: Mapping[str, Any]) -> Choice | None:
    """Return how the policy resolved an OR when a match was stored; None where there was none, or nothing says it."""
    choice = told.get("choice")
    return None if choice is None else Choice(choice["license"], choice["reason"])
