"""SPDX licence expressions: brought to canonical form, put in a category, chosen from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from attrib.errors import UnknownLicense
from attrib.license_categories import Category, category_of_leaf, category_table, linking_exceptions
from attrib.license_expressions import CanonicalLicense, ambiguous_ids, base_id, canonical, license_ids, tree_of
from attrib.license_tree import Leaf, Tree, join

__all__ = [
    "ANY_VERSION",
    "HARMLESS",
    "NOASSERTION",
    "CanonicalLicense",
    "Category",
    "Choice",
    "ambiguous_ids",
    "base_id",
    "canonical",
    "category_of",
    "has_linking_exception",
    "joined",
    "license_ids",
    "permissive_ids",
    "resolve_choice",
    "same_text",
    "text_name",
]

NOASSERTION: Final = "NOASSERTION"
# What asks for a notice at most.
HARMLESS: Final = (Category.PERMISSIVE, Category.PUBLIC_DOMAIN)
# What a GNU licence named without a version comes to: any that was ever published.
ANY_VERSION: Final = MappingProxyType(
    {
        "GPL": "GPL-1.0-or-later",
        "LGPL": "LGPL-2.0-or-later",
        "AGPL": "AGPL-1.0-or-later",
        "GFDL": "GFDL-1.1-or-later",
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The licence taken where an expression offers several, and the sentence that says so (None: no choice)."""

    expression: str
    said: str | None


def joined(expressions: Iterable[str], operator: str) -> str:
    """Return expressions joined by AND or OR, in brackets only where those are needed."""
    other = " OR " if operator == "AND" else " AND "
    parts = list(expressions)
    return f" {operator} ".join(f"({part})" if other in part and len(parts) > 1 else part for part in parts)


def text_name(license_id: str) -> str:
    """Return what ids with one and the same text have in common: 'GPL-2.0' for GPL-2.0-only and GPL-2.0-or-later."""
    if license_id in ("PSF-2.0", "Python-2.0", "Python-2.0.1"):
        # The first is the opening part of the others' text, and is what projects mean that ship the whole of it.
        return "Python"
    return base_id(license_id).removesuffix("-only").removesuffix("-or-later")


def same_text(ids: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two sets name one licence text, as GPL-2.0-only and GPL-2.0-or-later do, or GPL without a version."""
    named, told = {text_name(one) for one in ids}, {text_name(one) for one in others}
    if not named.isdisjoint(told):
        return True
    return any(
        any(one.startswith(f"{family}-") for one in (told if text_name(vague) in named else named))
        for family, vague in ANY_VERSION.items()
        if text_name(vague) in named | told
    )


def has_linking_exception(license_id: str) -> bool:
    """Tell whether a `WITH` pair frees what is linked or generated with its code."""
    return license_id.partition(" WITH ")[2] in linking_exceptions()


@lru_cache(maxsize=4096)
def category_of(expression: str) -> Category:
    """Return the category of an expression: the strictest of what AND joins, the mildest of what OR offers.

    What is not on our lists, or is no expression at all, is unknown; never permissive.
    """
    try:
        return _category(tree_of(expression))
    except UnknownLicense:
        return Category.UNKNOWN


def _category(tree: Tree) -> Category:
    if isinstance(tree, Leaf):
        return category_of_leaf(tree).category
    pick = max if tree.operator == "AND" else min
    return pick((_category(part) for part in tree.parts), key=lambda category: category.strictness)


def resolve_choice(expression: str, prefer: Callable[[str], int] | None = None) -> Choice:
    """Take the mildest branch wherever an expression offers a choice; of equals the first written.

    `prefer` ranks a branch instead of its category's strictness (smaller is taken). Raises UnknownLicense.
    """
    whole = canonical(expression).expression
    taken = str(_resolved(tree_of(whole), prefer or (lambda branch: category_of(branch).strictness)))
    return Choice(taken, None if taken == whole else f"{taken} is chosen where {whole} offers a choice")


def _resolved(tree: Tree, rank: Callable[[str], int]) -> Tree:
    if isinstance(tree, Leaf):
        return tree
    parts = [_resolved(part, rank) for part in tree.parts]
    return min(parts, key=lambda part: rank(str(part))) if tree.operator == "OR" else join("AND", parts)


def permissive_ids() -> tuple[str, ...]:
    """Return every id whose code may be reproduced for a notice or for nothing, in order of the alphabet."""
    return tuple(sorted(license_id for license_id, found in category_table().items() if found.category in HARMLESS))
