"""What was reproduced of each source: the raw material of a notice, gathered from matches."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from attrib.license_scope import folder_of, legal_files_for
from attrib.licenses import Choice
from index.matches import MatchKind
from index.origins.base import LegalFile, LegalKind

# Called with a purl; returns the legal files its source ships.
LegalFiles = Callable[[str], tuple[LegalFile, ...]]

# A copyright such as 'The Example Authors', or a licence that says 'see the AUTHORS file', is only whole with the list.
_NAMES_A_LIST = re.compile(r"\b(?:authors|contributors|maintainers|developers|committers)\b", re.IGNORECASE)
_SENDS_TO_A_LIST = re.compile(r"\b(?:AUTHORS|CONTRIBUTORS|CREDITS|MAINTAINERS|THANKS)\b(?:\.\w+)?")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where reproduced code stands in its source (lines 1-based, inclusive), and whether it was changed on the way."""

    path: str
    start_line: int
    end_line: int
    modified: bool = False


@dataclass(frozen=True, slots=True)
class NoticeEntry:
    """What was reproduced of one source: its licence, its copyright, its legal files as shipped, and which places.

    `choice` is how the policy resolved an OR; where nobody says it, the mildest branch is taken.
    """

    purl: str
    license_expression: str
    copyright: tuple[str, ...] = ()
    legal: tuple[LegalFile, ...] = ()
    places: tuple[Place, ...] = ()
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One range of code that was reproduced, with what the reference says of its best origin."""

    purl: str
    place: Place
    license_expression: str
    copyright: tuple[str, ...]
    choice: Choice | None = None


def is_modified(kind: MatchKind) -> bool:
    """Whether a match of that kind differs from its origin in more than layout."""
    return kind is not MatchKind.EXACT


def entries_of(reproductions: Iterable[Reproduction], legal_files: LegalFiles) -> list[NoticeEntry]:
    """Return an entry for each reproduction; the legal files of a source are asked for once."""
    shipped: dict[str, tuple[LegalFile, ...]] = {}
    entries = []
    for one in reproductions:
        if one.purl not in shipped:
            shipped[one.purl] = legal_files(one.purl)
        legal = texts_that_go_with(shipped[one.purl], one.place.path, one.copyright)
        entries.append(NoticeEntry(one.purl, one.license_expression, one.copyright, legal, (one.place,), one.choice))
    return entries


@lru_cache(maxsize=4096)
def texts_that_go_with(files: tuple[LegalFile, ...], path: str, copyright: tuple[str, ...]) -> tuple[LegalFile, ...]:
    """Return the legal files that go with a file: licence and NOTICE, and AUTHORS where its copyright refers to it.

    Besides those that speak for the file, these are all that lie in a folder around it: better one too many.
    """
    around = (file for file in files if file.kind is not LegalKind.AUTHORS and _lies_around(file, path))
    texts = tuple(dict.fromkeys((*legal_files_for(files, path), *around)))
    licenses = [file.text for file in texts if file.kind is LegalKind.LICENSE]
    referred = any(map(_NAMES_A_LIST.search, copyright)) or any(map(_sends_to_a_list, licenses))
    if not referred:
        return texts
    folders = {folder for file in texts for folder in folder_of(file.path)} or {""}
    authors = [file for file in files if file.kind is LegalKind.AUTHORS and folders & set(folder_of(file.path))]
    return tuple(dict.fromkeys((*texts, *authors)))


def _lies_around(file: LegalFile, path: str) -> bool:
    return any(folder and path.startswith(f"{folder}/") for folder in folder_of(file.path))


# The licence of a source is asked for each of its files.
@lru_cache(maxsize=1024)
def _sends_to_a_list(license: str) -> bool:
    return _SENDS_TO_A_LIST.search(license) is not None
