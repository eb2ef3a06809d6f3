"""Licence expressions as other tools take them: SPDX ids where there are, LicenseRefs with a text for all else."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from attrib.answers import AttributedOrigin
from attrib.audits.findings import Finding
from attrib.errors import UnknownLicense
from attrib.license_expressions import tree_of
from attrib.license_tree import Leaf, Tree, join
from attrib.licenses import NOASSERTION

_OUR_REF = "LicenseRef-attrib-"


@dataclass(frozen=True, slots=True)
class LicenseRef:
    """A licence that is not on the SPDX list: the id it has in the report, and the words it was found under."""

    identifier: str
    name: str

    @property
    def text(self) -> str:
        """What stands for its text, which a report does not have."""
        return f"The source states its licence as: {self.name}"


@dataclass(frozen=True, slots=True)
class SpdxExpression:
    """An expression of ids on the SPDX list and of LicenseRefs only; `refs` are the LicenseRefs in it."""

    expression: str
    ids: tuple[str, ...]
    refs: tuple[LicenseRef, ...]

    @property
    def known(self) -> bool:
        """Whether anything is said at all."""
        return self.expression != NOASSERTION


@lru_cache(maxsize=4096)
def spdx_expression(stated: str) -> SpdxExpression:
    """Return what a source states as SPDX 2.3 and CycloneDX read it.

    What is no expression becomes a LicenseRef as a whole; what the list does not know, such as an AdditionRef or a
    reference into another document, becomes one in its place.
    """
    if stated == NOASSERTION:
        return SpdxExpression(NOASSERTION, (NOASSERTION,), ())
    try:
        tree = tree_of(stated)
    except UnknownLicense:
        ref = LicenseRef(_reference(stated), stated)
        return SpdxExpression(ref.identifier, (ref.identifier,), (ref,))
    refs: dict[str, LicenseRef] = {}
    expression = str(_portable(tree, refs))
    ids = tuple(dict.fromkeys(str(_portable(leaf, refs)) for leaf in tree.leaves()))
    return SpdxExpression(expression, ids, tuple(refs.values()))


def concluded(finding: Finding) -> SpdxExpression:
    """Return the licence that a finding is used under: the one that the policy chose, where there was a choice."""
    choice = finding.match.verdict.choice
    return spdx_expression(choice.expression if choice else finding.match.origins[0].license)


def declared(origins: Iterable[AttributedOrigin]) -> SpdxExpression:
    """Return what the files of one source state, joined by AND where they differ."""
    stated = sorted({origin.license for origin in origins})
    if len(stated) == 1:
        return spdx_expression(stated[0])
    parts = [spdx_expression(one) for one in stated]
    known = [part for part in parts if part.known]
    if not known:
        return parts[0]
    tree = join("AND", [tree_of(part.expression) for part in known])
    refs = {ref.identifier: ref for part in known for ref in part.refs}
    ids = tuple(dict.fromkeys(one for part in known for one in part.ids))
    return SpdxExpression(str(tree), ids, tuple(refs.values()))


def _portable(tree: Tree, refs: dict[str, LicenseRef]) -> Tree:
    if not isinstance(tree, Leaf):
        return join(tree.operator, [_portable(part, refs) for part in tree.parts])
    if tree.license.startswith("LicenseRef-") and tree.exception is None:
        refs[tree.license] = LicenseRef(tree.license, tree.license)
        return tree
    if "Ref-" in tree.license or "Ref-" in (tree.exception or ""):
        whole = str(tree)
        ref = LicenseRef(_reference(whole), whole)
        refs[ref.identifier] = ref
        return Leaf(ref.identifier)
    return tree


def _reference(stated: str) -> str:
    """Return an id for a licence by its words: what can be read of them, and a hash that tells them from others."""
    words = re.sub(r"[^A-Za-z0-9.]+", "-", stated).strip("-.")[:40]
    return f"{_OUR_REF}{words or 'unnamed'}-{hashlib.sha256(stated.encode(errors='surrogatepass')).hexdigest()[:8]}"
