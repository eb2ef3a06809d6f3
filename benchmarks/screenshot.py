"""Makes the picture of the result page that README shows: a real server, the demo's index, a real browser.

Run `make picture`, or `python -m benchmarks.screenshot` with ATTRIB_HOME set to an index of the installed packages. The
code that is checked is a function of networkx as it is installed, with a few lines changed by hand.
"""

import argparse
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

from playwright.sync_api import sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from attrib.bootstrap import build_service
from attrib.config import Config, load_config
from benchmarks.chromium import find_chromium
from generator.embedded.corpus import MANIFEST, read_manifest
from web.app import create_app

_FUNCTION = "breath_first_search"
_BY_HAND = {
    "vertex_dist[v] == dist + 1:": "vertex_dist[v] >= dist + 1 and v != s:",
    "    u, dist = queue.popleft()": "    u, dist = queue.pop()",
    "    return parents": "    # no path leads there\n    return parents or None",
}
_SIZE = (1200, 1120)


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
            page.get_by_label("File name").fill("flow.py")
            page.get_by_role("button", name="Check").click()
            page.wait_for_url("**/records/*")
            page.screenshot(path=options.output)
        browser.close()
    print(f"{options.output}: {options.output.stat().st_size:,} bytes")
    return 0


def _code() -> str:
    """Return the function as it is installed, with changes."""
    functions, _ = read_manifest(MANIFEST)
    (function,) = [one for one in functions if one.name == _FUNCTION]
    path = str(distribution("networkx").locate_file(function.path))
    lines = Path(path).read_text(encoding="utf-8").splitlines()[function.start_line - 1 : function.end_line]
    text = "\n".join(line.removeprefix(function.indent) for line in lines)
    for before, after in _BY_HAND.items():
        text = text.replace(before, after)
    return f"from collections import deque\n\n\n{text}\n"


@contextmanager
def _served(config: Config) -> Iterator[str]:
    """Serve the pages on loopback, and yield their address."""
    with build_service(config) as service:
        service.warm_up()
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
