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
from werkzeug.serving import make_server

from attrib.bootstrap import build_service, open_access
from attrib.config import load_config
from attrib.scopes import Scope
from web.app import create_app

from .conftest import LOOPBACK, Served

IMAGE = "<img src=x onerror=document.body.dataset.hit=1>"
SCRIPT = "<script>document.body.dataset.hit=1</script>"
ATTACKS = (
    SCRIPT,
    IMAGE,
    f"\"'>{IMAGE}",
    f"</textarea>{SCRIPT}",
    f"</pre></code></td></template></title></style>{SCRIPT}",
    "<svg/onload=document.body.dataset.hit=1>",
    "{{ 7*7 }}{% raw %}${7*7}<%= 7*7 %>",
    "<!--><script>document.body.dataset.hit=1</script>-->",
    "&lt;script&gt;&#60;script&#62;",
    "javascript:document.body.dataset.hit=1",
    "<a href=javascript:document.body.dataset.hit=1>go</a><form action=//evil.example><input autofocus>",
    "\u202e\u2066// hidden\u2069\u200b<b>\x1b[31m",
)
FILE = f"{IMAGE}.py"
PURL = f"pkg:generic/{quote(SCRIPT, safe='')}@{quote(IMAGE, safe='')}"
LICENSE = """MIT License

Copyright (c) 2014 <script>document.body.dataset.hit=1</script> and <img src=x onerror=document.body.dataset.hit=1>

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

</textarea><script>document.body.dataset.hit=1</script>
"""
CODE = (
    '''def attack_table(rows, folder, name):
    """Write every attack as a row, and leave out what was written before."""
    written = {}
'''
    + "".join(f"    written[{number}] = ({text!r}, rows[{number}], folder)\n" for number, text in enumerate(ATTACKS))
    + """    for number, (text, row, place) in sorted(written.items()):
        if row is None or place.joinpath(name).exists():
            continue
        place.joinpath(name).write_text(text.format(row), encoding="utf-8")
    return written
"""
)


@pytest.fixture(scope="module")
def key() -> list[str]:
    """The key of this module's server, once it is there."""
    return []


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, key: list[str]) -> Iterator[Served]:
    """A server that asks for a key, over an index in which everything that can be is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    config = load_config({"home": folder / "home", "rate_limit": "off"}, {}, folder)
    source = folder / "source"
    source.mkdir()
    (source / FILE).write_text(CODE, encoding="utf-8")
    (source / "LICENSE").write_text(LICENSE, encoding="utf-8")
    with build_service(config) as service, open_access(config, always=True) as access:
        service.add([str(source)], purl=PURL, license="MIT")
        key.append(access.keys.create(IMAGE, frozenset({Scope.CHECK}))[1].text)
        server = make_server(
            "127.0.0.1", 0, create_app(service, config, trusted_hosts=LOOPBACK, access=access), threaded=True
        )
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Served(f"http://127.0.0.1:{server.server_port}", service, config, None)  # type: ignore[arg-type]
        server.shutdown()
        thread.join()


@pytest.fixture
def logged_in(page: Page, key: list[str]) -> Page:
    """A page of somebody who logged in with the key, through the form."""
    page.goto("/check")
    assert page.url.endswith("/login?next=/check")
    page.get_by_label("Key").fill(key[0])
    page.get_by_role("button", name="Log in with the key").click()
    page.wait_for_url("**/check")
    return page


def assert_only_text(page: Page) -> None:
    """Hold that nothing on a page came alive."""
    page.wait_for_load_state("load")
    assert page.evaluate("document.body.dataset.hit") is None
    assert page.locator("script:not([src])").count() == 0
    own = page.evaluate("[...document.scripts].every(script => new URL(script.src).origin === location.origin)")
    assert own
    handlers = """[...document.querySelectorAll('*')].flatMap(element => element.getAttributeNames())
        .filter(name => name.startsWith('on'))"""
    assert page.evaluate(handlers) == []
    assert page.locator("[src=x], [href^='javascript:' i], form[action*='evil']").count() == 0


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


def test_a_file_that_is_downloaded_is_never_shown_as_a_page(logged_in: Page, key: list[str], served: Served) -> None:
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


def test_the_key_is_in_no_page_and_no_cookie(logged_in: Page, key: list[str]) -> None:
    assert key[0] not in logged_in.content()
    assert all(key[0] not in cookie["value"] for cookie in logged_in.context.cookies())
    assert not Path(logged_in.url).name.startswith("attrib_")


def test_logging_in_and_out_without_scripts(page_without_scripts: Page, key: list[str]) -> None:
    page = page_without_scripts
    page.goto("/login")
    page.get_by_label("Key").fill("attrib_mistyped")
    page.get_by_role("button", name="Log in with the key").click()
    assert "a character is wrong or missing" in page.locator("main").inner_text()
    page.get_by_label("Key").fill(key[0])
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
