"""What is known of a licence, as JSON: the types that `as_json` returns."""

from typing import Annotated, NotRequired

from typing_extensions import Doc, TypedDict

from attrib.licenses import Category
from attrib.obligations import Ask


class LicensePartJson(TypedDict):
    """One licence of an expression."""

    license: Annotated[str, Doc("SPDX identifier.")]
    name: Annotated[str | None, Doc("Null where it is not on the SPDX list.")]
    category: Category
    why: Annotated[str, Doc("Why it is in that category.")]
    osi_approved: bool
    fsf_libre: bool


class ReasonJson(TypedDict):
    """Where a licence says what it asks for."""

    license: str
    section: str
    reason: str


class LicenseFactsJson(TypedDict):
    """An expression with all that is known of it."""

    license: Annotated[str, Doc("SPDX expression in canonical form; NOASSERTION where it is not known.")]
    category: Category
    meaning: NotRequired[Annotated[str, Doc("What the category means. This and what follows only where it is known.")]]
    changed: NotRequired[Annotated[str | None, Doc("What was changed to reach the form.")]]
    deprecated: NotRequired[Annotated[str | None, Doc("The old SPDX id that was given.")]]
    choice: NotRequired[Annotated[str | None, Doc("Which branch of an OR the obligations are those of.")]]
    parts: NotRequired[list[LicensePartJson]]
    asks: NotRequired[list[Ask]]
    sentences: NotRequired[Annotated[list[str], Doc("What it asks for, in words.")]]
    reasons: NotRequired[list[ReasonJson]]
    unlisted: NotRequired[Annotated[list[str], Doc("What our table does not hold: its text has to be read.")]]


class FoundLicenseJson(TypedDict):
    """A licence found in a text."""

    license: str
    how: Annotated[str, Doc("By a whole text, a tag or a notice.")]
    start_line: int | None
    end_line: int | None
    similarity: Annotated[float | None, Doc("Of a whole text with the licence's own, from 0 to 1.")]
    altered: Annotated[str | None, Doc("What was put in, where it is not the licence as it is known.")]
    same_text: Annotated[list[str], Doc("Other ids with the very same words.")]


class LicenseJson(LicenseFactsJson):
    """Which licence it is and all that is known of it, or why nobody can say."""

    recognised: Annotated[str, Doc("How it was recognised.")]
    reason: Annotated[str | None, Doc("Why it is not known.")]
    may_be: Annotated[list[str], Doc("Which ids it could be.")]
    found: list[FoundLicenseJson]
