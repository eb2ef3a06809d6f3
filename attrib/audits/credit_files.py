"""The files of a tree that give credit: notices, licence texts; and which of them hold what a licence asks for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from attrib.license_texts import match_texts
from attrib.licenses import base_id
from attrib.tag_comments import harmless
from index.purls import source_name

_LARGEST: Final = 2_000_000
_MOST: Final = 1000
_NOTICE: Final = re.compile(
    r"(?:third[-_ ]?party.*|notices?|attributions?|credits|acknowledge?ments?)(?:\.(?:txt|md|rst|html?))?",
    re.IGNORECASE,
)
_LICENSE: Final = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[-._].*)?", re.IGNORECASE)
_LICENSES_FOLDER: Final = "LICENSES"
_SECTION: Final = re.compile(r"^(?=={20,}$|#{1,2} |<h[12])", re.MULTILINE)
_CHANGED: Final = re.compile(r"\b(?:changed|modified|adapted|altered)\b", re.IGNORECASE)
_STATEMENT: Final = re.compile(r"^(?:copyright|©|\(c\)|spdx\S*copyrighttext:|\s)+", re.IGNORECASE)


# Without slots, so that what is derived from a text is kept as long as the file is, and no longer.
@dataclass(frozen=True)
class CreditFile:
    """A file that gives credit, by its path in the tree; it speaks for all below its folder, LICENSES for the tree."""

    path: str
    text: str

    def reaches(self, path: str) -> bool:
        """Tell whether it speaks for a file of the tree."""
        folder = PurePosixPath(self.path).parent
        if folder.name == _LICENSES_FOLDER:
            folder = folder.parent
        return folder == PurePosixPath(".") or path.startswith(f"{folder}/")

    @property
    def is_notice(self) -> bool:
        """Whether it may name works and their holders, and not only hold a licence."""
        return _NOTICE.fullmatch(PurePosixPath(self.path).name) is not None

    @cached_property
    def words(self) -> str:
        """All words of it, in lower case, a space between."""
        return _words(self.text)

    @cached_property
    def sections(self) -> tuple[str, ...]:
        """The words of each section."""
        return tuple(_words(section) for section in _SECTION.split(self.text))

    @cached_property
    def licenses(self) -> frozenset[str]:
        """The licences whose unaltered text it holds."""
        whole = [match for match in match_texts(self.text) if match.altered is None]
        return frozenset(license_id for match in whole for license_id in (match.license_id, *match.also))


def gives_credit(path: str) -> bool:
    """Tell by its path whether a file of a tree may give credit to others."""
    place = PurePosixPath(path)
    in_folder = place.parent.name == _LICENSES_FOLDER and place.suffix != ".license"
    named = _NOTICE.fullmatch(place.name) or _LICENSE.fullmatch(place.name)
    return in_folder or (named is not None and place.suffix not in (".license", ".py", ".js", ".ts", ".go", ".rs"))


class CreditFiles:
    """What those of a tree's documents say that give credit; `files` has those closest to the root first."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        given = (path for path, text in documents.items() if gives_credit(path) and len(text) <= _LARGEST)
        closest = sorted(given, key=lambda path: (path.count("/"), path))[:_MOST]
        self.files = tuple(CreditFile(path, documents[path]) for path in closest)

    def naming(self, path: str, purl: str, copyright: Iterable[str]) -> str | None:
        """Return the notice that names a source and all of its copyright statements, for a file of the tree."""
        names = _names(purl)
        wanted = [words for statement in copyright if (words := _words(_STATEMENT.sub("", harmless(statement))))]
        for file in self._reaching(path):
            for section in file.sections if file.is_notice else ():
                if any(_holds(section, name) for name in names) and all(_holds(section, one) for one in wanted):
                    return file.path
        return None

    def holding(self, path: str, license_id: str) -> str | None:
        """Return the file that holds the text of a licence unaltered, for a file of the tree."""
        wanted = base_id(license_id)
        files = sorted(self._reaching(path), key=lambda file: PurePosixPath(file.path).name != f"{wanted}.txt")
        return next((file.path for file in files if wanted in file.licenses), None)

    def quoting(self, path: str, text: str) -> str | None:
        """Return the notice that holds a text word for word, for a file of the tree."""
        wanted = _words(text)
        return next((file.path for file in self._reaching(path) if _holds(file.words, wanted)), None)

    def stating_changes(self, path: str, purl: str) -> str | None:
        """Return the notice that names a source and says that it was changed, for a file of the tree."""
        names = _names(purl)
        for file in self._reaching(path):
            for section in _SECTION.split(file.text) if file.is_notice else ():
                if _CHANGED.search(section) and any(_holds(_words(section), name) for name in names):
                    return file.path
        return None

    def _reaching(self, path: str) -> list[CreditFile]:
        return [file for file in self.files if file.reaches(path)]


def _names(purl: str) -> tuple[str, ...]:
    """Return the words by which a notice may call a source: its purl, or the name in it."""
    bare = source_name(purl)
    name = unquote(bare.rpartition("/")[2])
    return tuple(dict.fromkeys((_words(bare), _words(name))))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _holds(words: str, wanted: str) -> bool:
    return bool(wanted) and f" {wanted} " in f" {words} "
