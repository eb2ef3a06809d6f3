"""Whether what a tool says of a file is what a person read off it.

Both sides are brought to one form first, so that no tool is marked down for a way of writing: what has no SPDX id is
one unknown licence whatever a tool calls it, ids that stand for the very same text are one, an exception counts beside
its licence, one without an id not at all, and ScanCode's entries that are no licences (a pointer to another file, a
disclaimer) are left out where it also names a licence. Where the label is unknown, any answer that claims no listed
licence is right.
"""

import itertools
from enum import StrEnum
from typing import Any

from license_expression import ExpressionError, Licensing  # type: ignore[import-untyped]

from attrib.licenses import Category, category_of, license_ids

# SPDX's own word for a file that says nothing of its licence.
NOTHING = "NONE"
UNKNOWN = "LicenseRef-unknown"
PUBLIC_DOMAIN = "LicenseRef-public-domain"
_SCANCODE = "LicenseRef-scancode-"
_STRUCTURE = Licensing()
_SAME_TEXT = {
    "CC-PDDC": PUBLIC_DOMAIN,
    _SCANCODE + "public-domain-disclaimer": PUBLIC_DOMAIN,
    _SCANCODE + "public-domain": PUBLIC_DOMAIN,
    _SCANCODE + "cecill-b-en": "CECILL-B",
    _SCANCODE + "secret-labs-2011": "MIT-CMU",
    _SCANCODE + "unrar": "UnRAR",
    _SCANCODE + "info-zip-2009-01": "Info-ZIP",
    _SCANCODE + "rsa-md4": "RSA-MD",
    _SCANCODE + "tekhvc": "TekHVC",
    _SCANCODE + "unicode": "Unicode-DFS-2015",
    _SCANCODE + "json-pd": PUBLIC_DOMAIN,
    # Word for word the text of HPND, and ISC's with a word of thanks below it.
    _SCANCODE + "x11-x11r5": "HPND",
    _SCANCODE + "sudo": "ISC",
    # Perl's own wording and the older one are both what 'the same terms as Perl itself' are taken for.
    "Artistic-1.0": "Artistic-1.0-Perl",
    "OFL-1.1-RFN": "OFL-1.1",
    "OFL-1.1-no-RFN": "OFL-1.1",
    # 2.0.1 is 2.0 with another of CNRI's agreements in the middle, and few tools tell them apart.
    "Python-2.0.1": "Python-2.0",
}
_NO_LICENCE = tuple(
    _SCANCODE + name
    for name in (
        "unknown-license-reference",
        "warranty-disclaimer",
        "patent-disclaimer",
        "generic-cla",
        "generic-export-compliance",
    )
)
_HARMLESS = (Category.PERMISSIVE, Category.PUBLIC_DOMAIN)
_STRICT = (Category.WEAK_COPYLEFT, Category.COPYLEFT, Category.RESTRICTED)

# An id, or an operator with its branches.
Form = str | tuple[str, frozenset["Form"]]


class Verdict(StrEnum):
    """How an answer stands to a label: the same, more than it, less than it, something else, or nothing."""

    RIGHT = "right"
    SUPERSET = "superset"
    SUBSET = "subset"
    WRONG = "wrong"
    NONE = "none"


def verdict(label: str, answer: str | None, text_alone: bool) -> Verdict:
    """Compare two SPDX expressions.

    `text_alone` is for licence files: a GNU text does not say whether later versions are meant, so that where the label
    is `-only` an answer of `-or-later` is the same.
    """
    said = None if answer is None else _form(answer)
    if label == NOTHING:
        return Verdict.RIGHT if said is None else Verdict.WRONG
    wanted = _form(label)
    assert wanted is not None, label
    if _ids(wanted) == {UNKNOWN} and (said is None or not _claims(answer, said)):
        return Verdict.RIGHT
    if said is None:
        return Verdict.NONE
    if text_alone:
        said = _as_only(said, _ids(wanted))
    if _ids(said) == _ids(wanted):
        if _asks_for(said, wanted):
            return Verdict.RIGHT if _asks_for(wanted, said) else Verdict.SUPERSET
        return Verdict.WRONG
    if _ids(said) > _ids(wanted):
        return Verdict.SUPERSET
    return Verdict.SUBSET if _ids(said) < _ids(wanted) else Verdict.WRONG


def _claims(answer: str | None, said: Form) -> bool:
    """Whether an answer names a licence of the SPDX list, or the public domain."""
    if _ids(said) == {UNKNOWN}:
        return False
    return PUBLIC_DOMAIN in _ids(said) or any(not name.startswith("LicenseRef-") for name in license_ids(answer or ""))


def called_permissive(label: str, answer: str | None) -> bool:
    """Whether a licence with strings attached, copyleft or restricted, is called one without."""
    return answer is not None and category_of(label) in _STRICT and category_of(answer) in _HARMLESS


def _form(expression: str) -> Form | None:
    try:
        return _of_tree(_STRUCTURE.parse(expression))
    except (ExpressionError, AttributeError, TypeError, ValueError):
        return UNKNOWN


def _of_tree(tree: Any) -> Form | None:
    if tree.isliteral:
        return None if str(tree) in _NO_LICENCE else _plain(str(tree))
    parts = frozenset(part for branch in tree.args if (part := _of_tree(branch)) is not None)
    return ("AND" if isinstance(tree, _STRUCTURE.AND) else "OR", parts) if parts else None


def _plain(license_id: str) -> Form:
    license, _, exception = license_id.partition(" WITH ")
    license = _SAME_TEXT.get(license, license)
    if license.startswith("LicenseRef-") and license != PUBLIC_DOMAIN:
        return UNKNOWN
    if not exception or exception.startswith("LicenseRef-"):
        return license
    return "AND", frozenset((license, exception))


def _ids(form: Form) -> set[str]:
    return {form} if isinstance(form, str) else {license_id for part in form[1] for license_id in _ids(part)}


def _asks_for(form: Form, other: Form) -> bool:
    """Whether everybody who does what `form` asks has done what `other` asks; both are of the same ids."""
    names = sorted(_ids(form))
    kept = (
        {name for name, keeps in zip(names, chosen, strict=True) if keeps}
        for chosen in itertools.product((False, True), repeat=len(names))
    )
    return all(_done(other, those) for those in kept if _done(form, those))


def _done(form: Form, kept: set[str]) -> bool:
    if isinstance(form, str):
        return form in kept
    return (all if form[0] == "AND" else any)(_done(part, kept) for part in form[1])


def _as_only(form: Form, wanted: set[str]) -> Form:
    if isinstance(form, tuple):
        return form[0], frozenset(_as_only(part, wanted) for part in form[1])
    only = form.replace("-or-later", "-only")
    return only if form not in wanted and only in wanted else form
