"""Makes the picture of the result page that README shows: a real server, the demo's index, a real browser.

Run `make picture`, or `python -m benchmarks.screenshot` with ATTRIB_HOME set to an index of the installed packages. The
code that is checked is a function of networkx as it is installed, with a few lines changed by hand.
"""

import argparse
import base64
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Browser, FloatRect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from attrib.bootstrap import build_service
from attrib.config import Config, load_config
from benchmarks.chromium import find_chromium
from benchmarks.small_png import small_png
from generator.embedded.corpus import MANIFEST, read_manifest
from web.app import create_app

_FUNCTION = "add_children"
_BY_HAND = {
    "    for data in children_:": "    # the way down\n    for data in children_ or []:",
    "add_edge(parent, child)": "add_edge(parent, child, tree=True)",
}
_SIZE = (1100, 1400)
_UNTIL = "details.match[open]"
"""The picture ends where the first match does."""


_READ = """
    async (png) => {
        const image = new Image();
        image.src = `data:image/png;base64,${png}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, image.width, image.height);
        let text = "";
        for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
        return [image.width, image.height, btoa(text)];
    }
"""


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing of single requests."""


def main() -> int:
    """Write the picture; 2 where there is no browser to make it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/result.png"), help="where the picture goes")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light", help="which colours")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        found = find_chromium(playwright.chromium)
        if isinstance(found, str):
            print(f"screenshot: {found}", file=sys.stderr)
            return 2
        browser = playwright.chromium.launch(executable_path=found.path, args=list(found.arguments))
        with _served(load_config({}, os.environ, Path.cwd())) as address:
            width, height = _SIZE
            page = browser.new_page(color_scheme=options.scheme, viewport={"width": width, "height": height})
            page.goto(f"{address}/check")
            page.get_by_role("textbox", name="Code", exact=True).fill(_code())
            page.get_by_text("File name and sources").click()
            page.get_by_label("File name").fill("tree.py")
            page.get_by_role("button", name="Check").click()
            page.wait_for_url("**/records/*")
            end = page.locator(_UNTIL).bounding_box()
            assert end is not None
            clip = FloatRect(x=0, y=0, width=width, height=end["y"] + end["height"] + 16)
            options.output.write_bytes(small_png(_pixels(browser, page.screenshot(clip=clip))))
        browser.close()
    print(f"{options.output}: {options.output.stat().st_size:,} bytes")
    return 0


def _pixels(browser: Browser, png: bytes) -> npt.NDArray[np.uint8]:
    """Return a picture's pixels (height, width, 3), as the browser itself reads it."""
    page = browser.new_page()
    width, height, pixels = page.evaluate(_READ, base64.b64encode(png).decode())
    page.close()
    return np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 4)[:, :, :3]


def _code() -> str:
    """Return the function as it is installed, with changes."""
    functions, _ = read_manifest(MANIFEST)
    (function,) = [one for one in functions if one.name == _FUNCTION]
    path = str(distribution("networkx").locate_file(function.path))
    lines = Path(path).read_text(encoding="utf-8").splitlines()[function.start_line - 1 : function.end_line]
    text = "\n".join(line.removeprefix(function.indent) for line in lines)
    for before, after in _BY_HAND.items():
        text = text.replace(before, after)
    return f"{text}\n"


@contextmanager
def _served(config: Config) -> Iterator[str]:
    """Serve the pages on loopback, and yield their address."""
    with build_service(config) as service:
        # The picture tells a time: that of a server that has been asked before.
        service.check(_code().encode())
        app = create_app(service, config)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    sys.exit(main())
