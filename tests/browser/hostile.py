"""What attacks a page by what stands on it, a server over an index full of that, and how a page is held to be dead."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import quote

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


@contextmanager
def hostile_server(folder: Path, *scopes: Scope) -> Iterator[tuple[Served, str]]:
    """Serve an index in which everything that can be is hostile, to whoever has the key that is returned beside it."""
    config = load_config({"home": folder / "home", "rate_limit": "off"}, {}, folder)
    source = folder / "source"
    source.mkdir()
    (source / FILE).write_text(CODE, encoding="utf-8")
    (source / "LICENSE").write_text(LICENSE, encoding="utf-8")
    with build_service(config) as service, open_access(config, always=True) as access:
        service.add([str(source)], purl=PURL, license="MIT")
        key = access.keys.create(IMAGE, frozenset(scopes))[1].text
        server = make_server(
            "127.0.0.1", 0, create_app(service, config, trusted_hosts=LOOPBACK, access=access), threaded=True
        )
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Served(f"http://127.0.0.1:{server.server_port}", service, config, None), key  # type: ignore[arg-type]
        server.shutdown()
        thread.join()


def log_in(page: Page, key: str) -> Page:
    """Log in with a key, through the form."""
    page.goto("/check")
    assert page.url.endswith("/login?next=/check")
    page.get_by_label("Key").fill(key)
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
