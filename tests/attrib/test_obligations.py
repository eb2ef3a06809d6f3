import pytest

from attrib.licenses import Category, category_of, permissive_ids
from attrib.obligations import Ask, obligation_rows, obligations_of


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
            assert Ask.SAME_LICENSE in row.asks, license_id


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
