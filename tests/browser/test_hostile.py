"""What is hostile stays text: code, file names, purls, licence texts and addresses, each in the real browser.

A page on which any of it became markup fails: a script that ran, one that the Content-Security-Policy had to stop
(the harness listens), a script element or a handler that is not ours, or a link that is none.
"""

import html
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from attrib.scopes import Scope

from .conftest import Served
from .hostile import ATTACKS, CODE, IMAGE, SCRIPT, assert_only_text, hostile_server, log_in


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A server over a hostile index, and a key that may check."""
    with hostile_server(tmp_path_factory.mktemp("hostile"), Scope.CHECK) as served:
        yield served


@pytest.fixture(scope="module")
def served(server: tuple[Served, str]) -> Served:
    """The server."""
    return server[0]


@pytest.fixture(scope="module")
def key(server: tuple[Served, str]) -> str:
    """The key of this module's server."""
    return server[1]


@pytest.fixture
def logged_in(page: Page, key: str) -> Page:
    """A page of somebody who logged in with the key, through the form."""
    return log_in(page, key)


@pytest.mark.parametrize("attack", [IMAGE, f"</textarea>{SCRIPT}", f"\"'>{IMAGE}", "\u202e\u200b<b>", "javascript:1//"])
def test_code_and_its_file_name_stay_text(logged_in: Page, attack: str) -> None:
    logged_in.get_by_label("Code", exact=True).fill("\n".join((*ATTACKS, CODE, *ATTACKS)))
    logged_in.locator("summary", has_text="File name").click()
    logged_in.get_by_label("File name").fill(f"{attack.replace('/', '-')}.py"[:200])
    logged_in.get_by_role("button", name="Check").click()
    logged_in.wait_for_url("**/records/*")
    assert_only_text(logged_in)
    assert logged_in.evaluate("document.body.innerText").count("attack_table") > 0


def test_the_source_its_purl_its_file_its_licence_and_its_notice_stay_text(logged_in: Page) -> None:
    logged_in.get_by_label("Code", exact=True).fill(CODE)
    logged_in.get_by_role("button", name="Check").click()
    logged_in.wait_for_url("**/records/*")
    assert_only_text(logged_in)
    everything = html.unescape(logged_in.content())
    assert quote(SCRIPT, safe="")[:12] in everything or SCRIPT in everything
    assert "onerror=document.body.dataset.hit=1>.py" in everything
    assert "Copyright (c) 2014 <script>" in everything
    for path in ("/sources", f"/sources?q={quote(IMAGE)}", f"/sources?q={quote(SCRIPT)}", "/licenses/MIT"):
        logged_in.goto(path)
        assert_only_text(logged_in)
    logged_in.goto("/sources")
    logged_in.locator("main a[href*='/sources/']").first.click()
    assert_only_text(logged_in)
    assert "pkg:generic/" in logged_in.content()


@pytest.mark.parametrize("attack", ATTACKS)
def test_addresses_and_refusals_stay_text(logged_in: Page, attack: str) -> None:
    quoted = quote(attack, safe="")
    for path in (
        f"/{quoted}",
        f"/records/{quoted}",
        f"/sources/{quoted}",
        f"/licenses/{quoted}",
        f"/problems/{quoted}",
        f"/sources?q={quoted}&cursor={quoted}&limit={quoted}",
        f"/login?next={quoted}",
    ):
        logged_in.goto(path)
        assert_only_text(logged_in)


def test_a_file_that_is_downloaded_is_never_shown_as_a_page(logged_in: Page, key: str, served: Served) -> None:
    logged_in.get_by_label("Code", exact=True).fill(CODE)
    logged_in.get_by_role("button", name="Check").click()
    logged_in.wait_for_url("**/records/*")
    record = logged_in.url
    for name in ("notice.txt", "code.txt"):
        answer = logged_in.request.get(f"{record}/1/{name}")
        assert answer.status == 200
        assert SCRIPT in answer.text()
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "attachment" in answer.headers["content-disposition"]
    id = record.rpartition("/")[2]
    as_json = logged_in.request.get(f"{served.address}/api/v1/records/{id}")
    assert as_json.headers["content-type"].startswith("application/json")
    assert SCRIPT in json.dumps(as_json.json())


class OtherSite(BaseHTTPRequestHandler):
    """Pages of another site that use what they can of ours."""

    target = ""

    def do_GET(self) -> None:
        """Give the page that attacks: a form that sends itself, or a frame around ours."""
        form = f"""<form method=post action="{self.target}/check" enctype=multipart/form-data>
            <textarea name=code>stolen rights</textarea></form><script>document.forms[0].submit()</script>"""
        frame = f'<iframe src="{self.target}/check"></iframe>'
        page = (form if self.path == "/form" else frame).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def other_site(served: Served) -> Iterator[str]:
    """The address of another site: another name of this machine, with pages against ours."""
    handler = type("Handler", (OtherSite,), {"target": served.address})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_sites_form_cannot_use_the_login(logged_in: Page, other_site: str, served: Served) -> None:
    before = len(served.service.records().records)
    with logged_in.expect_navigation(url="**/check"):
        logged_in.goto(f"{other_site}/form")
    assert "Sent by another site" in logged_in.content()
    assert len(served.service.records().records) == before
    logged_in.goto(served.url("/check"))
    assert "/login" not in logged_in.url


def test_another_site_cannot_put_ours_in_a_frame(logged_in: Page, other_site: str) -> None:
    # In a page of its own, for the browser says on the console that it refused.
    page = logged_in.context.new_page()
    page.goto(f"{other_site}/frame")
    page.wait_for_load_state("networkidle")
    frame = page.frames[1]
    assert frame.url.startswith("chrome-error:") or frame.evaluate("document.body.innerText") == ""
    page.close()


def test_no_script_can_read_the_session(logged_in: Page) -> None:
    assert "attrib-session" in {cookie["name"] for cookie in logged_in.context.cookies()}
    assert logged_in.evaluate("document.cookie") == ""


def test_the_key_is_in_no_page_and_no_cookie(logged_in: Page, key: str) -> None:
    assert key not in logged_in.content()
    assert all(key not in cookie["value"] for cookie in logged_in.context.cookies())
    assert not Path(logged_in.url).name.startswith("attrib_")


def test_logging_in_and_out_without_scripts(page_without_scripts: Page, key: str) -> None:
    page = page_without_scripts
    page.goto("/login")
    page.get_by_label("Key").fill("attrib_mistyped")
    page.get_by_role("button", name="Log in with the key").click()
    assert "a character is wrong or missing" in page.locator("main").inner_text()
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Log in with the key").click()
    assert page.locator(".login-state").inner_text().startswith("<img")
    page.get_by_role("button", name="Log out").click()
    page.goto("/check")
    assert "/login" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_has_no_barriers(new_page, scheme, assert_accessible, assert_fits) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": 360, "height": 740})
    page.goto("/login")
    assert_accessible(page)
    assert_fits(page)
    page.get_by_label("Key").fill("attrib_mistyped")
    page.get_by_role("button", name="Log in with the key").click()
    assert_accessible(page)
