"""Which of the places a piece of code stands in is the one it came from: a list of rules, the first that tells counts.

Length and closeness come first, for who copied from a copy owes its notice. Then everything that tells upstream from
a copy of it: vendor folders, names in paths, built files, dates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from index.matches import ReferenceFile
from index.source_names import names_itself, names_of, path_names
from index.vendoring import copies, vendored_in, vendored_name

_AS_GOOD: Final = 0.95
_BUILT_FOLDERS: Final = frozenset({"dist", "build", "bundle", "bundles", "umd", "cjs", "esm", "es", "amd", "iife"})


@dataclass(frozen=True, slots=True)
class Place:
    """A file that holds the matched code, and how closely; `lexemes` are the equal ones."""

    file: ReferenceFile
    lexemes: int
    similarity: float
    exact: bool
    renamed: bool


def ranked(places: Sequence[Place]) -> list[int]:
    """Return the places, by their number, in the order of how likely the code came from there."""
    company = _company(places)
    keys = [tuple(rule(place, company) for rule in RULES) for place in places]
    return sorted(range(len(places)), key=keys.__getitem__)


def as_good(lexemes: int, similarity: float, best_lexemes: int, best_similarity: float) -> bool:
    """Tell whether a span is as long and as close as another; 5% are no difference."""
    return lexemes >= _AS_GOOD * best_lexemes and similarity >= _AS_GOOD * best_similarity


@dataclass(frozen=True, slots=True)
class _Company:
    """What is known of all places together."""

    most: int
    closest: float
    copies: dict[ReferenceFile, str]
    vendored_as: frozenset[str]


def _company(places: Sequence[Place]) -> _Company:
    # A renamed copy may be longer than an unchanged one; it is no measure for that.
    measure = [place for place in places if not place.renamed] or places
    return _Company(
        most=max(place.lexemes for place in measure),
        closest=max(place.similarity for place in measure),
        copies=copies(place.file for place in places),
        vendored_as=frozenset(name for place in places if (name := vendored_name(place.file.path))),
    )


def _renamed(place: Place, company: _Company) -> bool:
    return place.renamed


def _shorter_or_less_close(place: Place, company: _Company) -> bool:
    return not as_good(place.lexemes, place.similarity, company.most, company.closest)


def _vendored(place: Place, company: _Company) -> bool:
    return vendored_in(place.file.path) is not None


def _says_it_is_a_copy(place: Place, company: _Company) -> bool:
    return place.file in company.copies


def _not_as_vendored(place: Place, company: _Company) -> bool:
    """Those who vendored the code say what it is called."""
    called = names_of(place.file.purl) | set(path_names(place.file.path))
    return not called & company.vendored_as


def _does_not_name_itself(place: Place, company: _Company) -> bool:
    return not names_itself(place.file.path, place.file.purl)


def _built(place: Place, company: _Company) -> bool:
    return any(folder in _BUILT_FOLDERS for folder in place.file.path.lower().split("/")[:-1])


def _not_exact(place: Place, company: _Company) -> bool:
    return not place.exact


def _released(place: Place, company: _Company) -> date:
    """What has no known date comes after what has one, so that the order of two never depends on a third."""
    return place.file.released or date.max


def _fewer_lexemes(place: Place, company: _Company) -> float:
    return -place.lexemes


def _path(place: Place, company: _Company) -> tuple[int, str, str]:
    return len(place.file.path), place.file.purl, place.file.path


RULES: Final[tuple[Callable[[Place, _Company], Any], ...]] = (
    _renamed,
    _shorter_or_less_close,
    _vendored,
    _says_it_is_a_copy,
    _not_as_vendored,
    _does_not_name_itself,
    _built,
    _not_exact,
    _released,
    _fewer_lexemes,
    _path,
)
