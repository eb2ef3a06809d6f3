"""The audit as one HTML file: opened from the disk, its filters work without a script, and nothing in it runs."""

import sys
from pathlib import Path

import pytest

from attrib.reports import html

sys.path.append(str(Path(__file__).parents[1] / "attrib"))
from report_shapes import SHAPES

SCHEMES = ("light", "dark")


@pytest.fixture
def report_file(tmp_path):
    def write(shape):
        path = tmp_path / f"{shape}.html"
        path.write_text(html.render(SHAPES[shape]()), encoding="utf-8")
        return path.as_uri()

    return write


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_report_has_no_barriers(new_page, report_file, shape, scheme, assert_accessible):
    page = new_page(color_scheme=scheme)
    page.goto(report_file(shape))
    assert_accessible(page)


def test_the_filters_need_no_script(page_without_scripts, report_file):
    page = page_without_scripts
    page.goto(report_file("every"))
    findings = page.locator("article:visible")
    everything = findings.count()
    blocked = page.locator("article.verdict-block").count()
    assert everything == page.locator("article").count()
    page.get_by_role("checkbox", name="block").uncheck()
    assert findings.count() == everything - blocked
    assert page.locator("article.verdict-block:visible").count() == 0
    page.get_by_role("checkbox", name="block").check()
    page.get_by_role("checkbox", name="decided").uncheck()
    assert page.locator("article.state-decided:visible").count() == 0
    page.get_by_role("checkbox", name="decided").check()
    assert findings.count() == everything


def test_evidence_stands_side_by_side_with_what_differs_marked(page_without_scripts, report_file):
    page = page_without_scripts
    page.goto(report_file("every"))
    table = page.locator("article.verdict-block .code table").first
    assert table.locator("mark").all_inner_texts()[:2] == ["total", "count"]
    left, right = table.locator("tbody tr td:nth-child(2)"), table.locator("tbody tr td:nth-child(4)")
    assert left.first.inner_text() == "def f(total):"
    assert right.first.inner_text() == "def f(count):"


def test_hostile_text_stays_text_and_nothing_is_fetched(new_page, report_file):
    page = new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    address = report_file("every")
    page.goto(address)
    assert page.locator("script").count() == 0
    assert said == []
    assert asked == [address]


def test_the_report_fits_a_telephone_and_prints_its_evidence(phone, new_page, report_file, assert_fits):
    phone.goto(report_file("every"))
    assert_fits(phone)
    page = new_page()
    page.goto(report_file("every"))
    page.emulate_media(media="print")
    assert page.locator(".filters").is_hidden()
    assert page.locator("article.verdict-block .code").first.is_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pictures_are_kept_of_the_report(new_page, report_file, picture, scheme):
    page = new_page(color_scheme=scheme)
    page.goto(report_file("every"))
    assert picture(page, f"audit-report-{scheme}").stat().st_size > 0
