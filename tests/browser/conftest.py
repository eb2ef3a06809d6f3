"""The harness: a real server over a small real index, and pages of a real browser that look at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from attrib.bootstrap import build_service
from attrib.config import Config, load_config
from attrib.service import Service
from benchmarks.chromium import find_chromium
from web.app import create_app

from .reference import Known, add_reference

ARTEFACTS = Path(__file__).parents[2] / ".artefacts"
LOOPBACK = ("localhost", "127.0.0.1")
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE = 15_000
"""Milliseconds that a page may take for one thing; machines that run tests are shared."""

NewPage = Callable[..., Page]


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: where, over which service and settings, and what its index knows."""

    address: str
    service: Service
    config: Config
    known: Known

    def url(self, path: str) -> str:
        """Return the whole address of a path."""
        return f"{self.address}{path}"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The real server on loopback, with the embedded model behind it; it lives as long as the tests do."""
    folder = tmp_path_factory.mktemp("browser")
    settings = {"home": folder / "home", "device": "cpu", "audit_roots": [str(folder / "trees")]}
    config = load_config(settings, {}, folder)
    with build_service(config) as service:
        known = add_reference(service, folder / "sources")
        service.warm_up()
        app = create_app(service, config, trusted_hosts=LOOPBACK)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Served(f"http://127.0.0.1:{server.server_port}", service, config, known)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window, or a skip that says why there is none.

    For this package only: while Playwright's loop runs, no other test could start one of its own.
    """
    with sync_playwright() as playwright:
        found = find_chromium(playwright.chromium)
        if isinstance(found, str):
            pytest.skip(found)
        browser = playwright.chromium.launch(executable_path=found.path, args=list(found.arguments))
        yield browser
        browser.close()


@pytest.fixture
def scriptless() -> list[Page]:
    """The pages of this test that run no scripts."""
    return []


@pytest.fixture
def new_page(browser: Browser, served: Served, scriptless: list[Page]) -> Iterator[NewPage]:
    """Makes pages, each of a visitor of its own; options are Playwright's, such as `color_scheme` and `viewport`.

    The test fails where a page broke our Content-Security-Policy, or where a script of ours raised an error.
    """
    opened = []
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            wrong.append(message.text)

    def make(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": served.address, "viewport": DESKTOP, "locale": "en-GB"} | options)
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if options.get("java_script_enabled") is False:
            scriptless.append(page)
        return page

    yield make
    for context in opened:
        context.close()
    assert wrong == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page as most people have it."""
    return new_page()


@pytest.fixture
def page_without_scripts(new_page: NewPage) -> Page:
    """A page of somebody whose browser runs no scripts."""
    return new_page(java_script_enabled=False)


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A page on a telephone, 360 pixels wide."""
    return new_page(viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def assert_accessible(new_page: NewPage, scriptless: list[Page]) -> Callable[[Page], None]:
    """Asserts that axe finds nothing wrong with a page as it stands, by WCAG 2.2 A and AA."""
    axe = Axe()

    def check(page: Page) -> None:
        looked_at = _without_our_scripts(page, new_page()) if page in scriptless else page
        options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
        found = axe.run(looked_at, options=options)
        assert found.violations_count == 0, found.generate_report()

    return check


def _without_our_scripts(page: Page, copy: Page) -> Page:
    """Show what a page shows where axe can run: it is a script itself."""
    html = page.content()
    copy.set_viewport_size(page.viewport_size or DESKTOP)
    copy.route("**/*.js*", lambda route: route.abort())
    copy.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    copy.goto(page.url)
    return copy


@pytest.fixture(scope="session")
def picture() -> Callable[[Page, str], Path]:
    """Keeps a screenshot of a whole page as an artefact, under a name."""
    ARTEFACTS.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> Path:
        path = ARTEFACTS / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return take


@pytest.fixture(scope="session")
def assert_fits() -> Callable[[Page], None]:
    """Asserts that a page does not scroll sideways as a whole."""

    def check(page: Page) -> None:
        wide, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= shown, f"the page is {wide} pixels wide and {shown} are shown"

    return check
