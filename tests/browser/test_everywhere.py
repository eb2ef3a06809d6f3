"""What holds for every page: no barrier, no sideways scrolling, no script needed, light and dark."""

import pytest

PAGES = ("/", "/check", "/generate", "/about", "/sources", "/licenses/MIT", "/records/nothing")
SCHEMES = ("light", "dark")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barriers(new_page, path, scheme, assert_accessible):
    page = new_page(color_scheme=scheme)
    page.goto(path)
    assert_accessible(page)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_telephone(phone, path, assert_fits, assert_accessible):
    phone.goto(path)
    assert_fits(phone)
    assert_accessible(phone)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_works_without_scripts(page_without_scripts, path, assert_accessible):
    page_without_scripts.goto(path)
    assert page_without_scripts.locator("h1").count() == 1
    assert_accessible(page_without_scripts)
