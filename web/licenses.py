"""What a licence asks for, as pages and API show it."""

from dataclasses import dataclass
from typing import Any

from attrib.errors import UnknownLicense
from attrib.licenses import Category, canonical, category_of
from attrib.obligations import Ask, Obligations, obligations_of
from web.errors import Problem

CATEGORIES: dict[Category, str] = {
    Category.PUBLIC_DOMAIN: "Free of conditions: the code may be used by anybody for anything.",
    Category.PERMISSIVE: "Permissive: the code may be used in any product as long as its notices go with it.",
    Category.WEAK_COPYLEFT: "Weak copyleft: changes to this code have to be published under the same licence.",
    Category.UNKNOWN: "Unknown: it is not on our lists, so somebody has to read it before the code is used.",
    Category.COPYLEFT: "Copyleft: a product that contains this code has to be published under the same licence.",
    Category.RESTRICTED: "Restricted: it forbids uses, or puts unusual conditions on them.",
}


@dataclass(frozen=True, slots=True)
class LicenseFacts:
    """An expression in canonical form, its category in words, and what it asks for."""

    expression: str
    category: Category
    meaning: str
    obligations: Obligations


def license_facts(text: str) -> LicenseFacts:
    """Return what is known of a licence; raises Problem `no-such-license` where it is none."""
    try:
        expression = canonical(text).expression
    except UnknownLicense as error:
        raise Problem("no-such-license", str(error)) from None
    category = category_of(expression)
    return LicenseFacts(expression, category, CATEGORIES[category], obligations_of(expression))


def asks(expression: str) -> list[str]:
    """Return what an expression asks for in sentences, each beginning with a capital."""
    return [sentence[:1].upper() + sentence[1:] + "." for sentence in obligations_of(expression).sentences]


def license_json(text: str) -> dict[str, Any]:
    """Return a licence as the API shows it; raises Problem `no-such-license` where it is none."""
    facts = license_facts(text)
    return {
        "license": facts.expression,
        "category": facts.category.value,
        "asks": [ask.value for ask in Ask if ask in facts.obligations.asks],
        "sentences": list(facts.obligations.sentences),
        "reasons": [
            {"license": row.license_id, "section": row.section, "reason": row.reason} for row in facts.obligations.rows
        ],
        "unlisted": list(facts.obligations.unlisted),
    }
