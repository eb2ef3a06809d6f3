"""Records, sources, audits and the start page, used as a person does: with and without scripts, light and dark."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from attrib.records import RecordKind, RecordRow
from tests.index.packing import zipped

from .conftest import Served


@pytest.fixture(scope="module")
def project(served: Served) -> bytes:
    """An archive with a copy of every kind, and files that are left out."""
    known = served.known
    own = "def {0}_total(rows):\n    seen = {{}}\n    for row in rows:\n        seen[row.{0}] = row\n    return seen\n"
    files = {f"shop-2.1/shop/{word}.py": own.format(word) for word in ("price", "stock", "order")}
    files |= {
        "shop-2.1/shop/ledger.py": known.guarded,
        "shop-2.1/shop/water.py": f"import math\n\n\n{known.weak}",
        "shop-2.1/shop/trees.py": known.idiom,
        "shop-2.1/shop/learnt.py": "\n\n".join(function.text for function in known.learnt[:3]),
        "shop-2.1/README.md": "# Shop\n",
        "shop-2.1/node_modules/left/pad.js": "module.exports = 1;\n",
    }
    return zipped(files)


@pytest.fixture(scope="module")
def filled(served: Served) -> Served:
    """The server with records of the last weeks."""
    known = served.known
    texts = [known.guarded, known.weak, known.idiom, "x = 1\n", known.learnt[0].text, known.learnt[1].text]
    now = datetime.now(UTC)
    for day in range(24):
        for number, text in enumerate(texts):
            if (day * 5 + number * 3) % 7 < 4:
                answer = served.service.check(text.encode(), path=f"shop/part{number}.py")
                moved = update(RecordRow).where(RecordRow.id == answer.id)
                with served.service.record_search.engine.begin() as connection:
                    connection.execute(moved.values(created_at=now - timedelta(days=day)))
    served.service.uploads.start()
    return served


def _send(page, project):
    page.goto("/audits")
    archive = {"name": "shop-2.1.zip", "mimeType": "application/zip", "buffer": project}
    page.get_by_label("Archive", exact=True).set_input_files(archive)
    page.get_by_role("button", name="Audit it").click()


@pytest.fixture(scope="module")
def audited(filled: Served, project: bytes) -> str:
    """The address of an audit that is done."""
    import io
    import time

    audit = filled.service.uploads.submit(io.BytesIO(project), "shop-2.1.zip")
    until = time.monotonic() + 60
    while not filled.service.uploads.store.get(audit.id).state.is_final:
        assert time.monotonic() < until
        time.sleep(0.05)
    return f"/audits/{audit.id}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_list_has_barriers(new_page, filled, audited, scheme, assert_accessible, picture):
    page = new_page(color_scheme=scheme)
    purl = next(source.purl for source in filled.service.sources("networkx"))
    pages = {
        "start": "/",
        "records": "/records",
        "records-filtered": "/records?verdict=block&since=2026-01-01&q=part",
        "records-none": "/records?q=nothing-like-it",
        "sources": "/sources",
        "source": f"/sources/{purl}",
        "audits": "/audits",
        "audit": audited,
    }
    for name, address in pages.items():
        page.goto(address)
        picture(page, f"{name}-{scheme}")
        assert_accessible(page)
    page.get_by_role("link", name="shop/ledger.py", exact=True).click()
    page.wait_for_url("**/files/*")
    assert_accessible(page)
    picture(page, f"audit-file-{scheme}")


def test_lists_fit_a_telephone(phone, filled, audited, assert_fits, assert_accessible, picture):
    for name, address in {"start": "/", "records": "/records", "sources": "/sources", "audit": audited}.items():
        phone.goto(address)
        picture(phone, f"{name}-phone")
        assert_fits(phone)
        assert_accessible(phone)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_archive_is_sent_watched_and_read(new_page, filled, project, scripts, assert_accessible):
    page = new_page(java_script_enabled=scripts)
    _send(page, project)
    page.wait_for_url(re.compile("/audits/[0-9a-f-]{36}$"))
    # With scripts the page looks again by itself, without them the browser loads it anew.
    page.get_by_role("heading", name="What was looked at").wait_for(timeout=30_000)
    assert_accessible(page)
    rows = page.get_by_role("region", name="Findings").get_by_role("row")
    assert rows.filter(has_text="shop/ledger.py").filter(has_text="Do not use").count() == 1
    page.get_by_role("link", name=re.compile("^Do not use")).click()
    assert rows.count() == 2
    with page.expect_download() as report:
        page.get_by_role("link", name="Report as JSON").click()
    assert report.value.suggested_filename == "audit.json"
    page.get_by_role("link", name="shop/ledger.py", exact=True).click()
    beside = page.get_by_role("region", name=re.compile("Match 1.*beside"))
    assert beside.get_by_text("def seal_ledger").count() == 2
    assert "pkg:deb/debian/vault@2.4" in page.locator(".match").first.inner_text()


def test_an_audit_under_way_shows_how_far_it_is_and_is_cancelled(
    new_page, filled, project, monkeypatch, assert_accessible, picture
):
    run = filled.service.uploads._run

    def slow(tree, **options):
        done = 0
        while done < 10_000:
            options["progress"](min(done, 3), tree.count)
            done += 1
            __import__("time").sleep(0.02)
        return run(tree, **options)

    monkeypatch.setattr(filled.service.uploads, "_run", slow)
    page = new_page()
    _send(page, project)
    page.get_by_text("3 of 9 files").wait_for()
    assert page.get_by_label("3 of 9 files").get_attribute("value") == "3"
    assert_accessible(page)
    picture(page, "audit-running")
    page.get_by_role("button", name="Cancel it").click()
    page.get_by_role("heading", name="Cancelled").wait_for()
    assert_accessible(page)


def test_what_is_no_archive_is_said_beside_the_form(page, assert_accessible):
    _send(page, b"print('no archive')\n" * 99)
    page.get_by_role("alert").get_by_text("no archive that can be read").wait_for()
    assert_accessible(page)


def test_records_are_filtered_and_paged_without_scripts(page_without_scripts, filled):
    page = page_without_scripts
    page.goto("/records?limit=20")
    seen = set()
    while True:
        links = page.get_by_role("region", name="Records").locator("td:first-child a")
        ids = {link.get_attribute("href") for link in links.all()}
        assert not ids & seen
        seen |= ids
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            break
        following.click()
    assert len(seen) == filled.service.record_search.counts(_everything()).total
    page.goto("/records")
    page.get_by_label("Verdict").select_option("block")
    page.get_by_role("searchbox", name="Search").fill("part0")
    page.get_by_role("button", name="Show").click()
    assert "verdict=block" in page.url
    rows = page.get_by_role("region", name="Records").locator("tbody tr")
    assert rows.count() > 3
    assert all("Do not use" in text and "part0.py" in text for text in rows.all_inner_texts())
    page.get_by_role("link", name="Show all", exact=True).click()
    assert page.get_by_label("Verdict").input_value() == ""


def _everything():
    from attrib.record_search import RecordFilter

    return RecordFilter()


def test_the_charts_say_what_their_tables_say(page, filled):
    page.goto("/")
    page.get_by_text("The same as a table").click()
    table = page.get_by_role("region", name="Records by day").get_by_role("table")
    total = sum(int(text.replace(",", "")) for text in table.locator("tbody td:last-child").all_inner_texts())
    kinds = filled.service.record_search.counts(_everything()).kinds
    assert total <= sum(kinds.values())
    assert kinds[RecordKind.CHECK.value] <= total
    licenses = page.get_by_role("table", name="By licence")
    assert licenses.get_by_role("row").filter(has_text="BSD-3-Clause").count() == 1
