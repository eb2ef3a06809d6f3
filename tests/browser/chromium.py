"""Where the browser is: Debian's Chromium, any other that is called so, or the one Playwright fetched."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserType

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser to start, and what it has to be told."""

    path: str
    arguments: tuple[str, ...]


def find_chromium(kind: BrowserType) -> Chromium | str:
    """Return the browser, or in one sentence why there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None) or kind.executable_path
    if not Path(path).exists():
        return f"no Chromium is here (looked for {', '.join(NAMES)} and Playwright's own): .ci/browser installs one"
    # Chromium's sandbox does not work for root, as whom containers run.
    return Chromium(path, ("--no-sandbox",) if os.geteuid() == 0 else ())
