"""What the index holds, at a glance: by licence, by language, by source; counted once a revision."""

import threading
from collections import Counter
from dataclasses import dataclass

from attrib.licenses import Category, category_of
from index.entries import CatalogTotals, HeldSource
from index.reference_index import ReferenceIndex
from index.statistics import LanguageCount


@dataclass(frozen=True, slots=True)
class LicenseHolding:
    """How many sources and lexemes stand under one licence, as their sources declare it, and what kind it is."""

    expression: str
    category: Category
    sources: int
    lexemes: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What is searched; every list has the largest first. `ecosystems` are the types of the purls."""

    totals: CatalogTotals
    licenses: tuple[LicenseHolding, ...]
    languages: tuple[LanguageCount, ...]
    sources: tuple[HeldSource, ...]
    categories: tuple[tuple[Category, int], ...]
    ecosystems: tuple[tuple[str, int], ...]

    def licenses_of(self, category: Category) -> list[str]:
        """Return the licences of a category that sources stand under."""
        return [held.expression for held in self.licenses if held.category is category]


class Overviews:
    """Counts what an index holds when that is asked for and has changed; safe to use from several threads."""

    def __init__(self, index: ReferenceIndex) -> None:
        self._index = index
        self._counting = threading.Lock()
        self._counted: Overview | None = None

    def current(self) -> Overview:
        """Return what the index holds now."""
        totals = self._index.totals()
        with self._counting:
            if self._counted is None or self._counted.totals != totals:
                held = self._index.catalog.held_sources(self._index.collections)
                self._counted = _overview(totals, held, self._index.languages())
            return self._counted


def _overview(totals: CatalogTotals, held: list[HeldSource], languages: tuple[LanguageCount, ...]) -> Overview:
    sources: Counter[str] = Counter()
    lexemes: Counter[str] = Counter()
    for one in held:
        sources[one.license_expression] += 1
        lexemes[one.license_expression] += one.lexemes
    licenses = [
        LicenseHolding(expression, category_of(expression), sources[expression], count)
        for expression, count in lexemes.most_common()
    ]
    categories: Counter[Category] = Counter()
    for one_license in licenses:
        categories[one_license.category] += one_license.sources
    return Overview(
        totals=totals,
        licenses=tuple(licenses),
        languages=languages,
        sources=tuple(sorted(held, key=lambda one: (-one.lexemes, one.purl))),
        categories=tuple(categories.most_common()),
        ecosystems=tuple(Counter(_ecosystem(one.purl) for one in held).most_common()),
    )


def _ecosystem(purl: str) -> str:
    return purl.removeprefix("pkg:").partition("/")[0]
