"""How templates write numbers, names and links."""

import hashlib
import math
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from packageurl import PackageURL

from attrib.comparison import RowState
from web.licenses import asks, grounds
from web.visible import visible

SIGNS = {RowState.SAME: "", RowState.RENAMED: "=", RowState.CHANGED: "~", RowState.LEFT: "−", RowState.RIGHT: "+"}
"""What stands between the two sides of a row, so that colour alone never says it."""


def register(app: Flask, version: str) -> None:
    """Give the templates their filters and the names every page needs."""
    static = Path(str(app.static_folder))
    app.jinja_env.filters |= {
        "asks": asks,
        "bytes": size,
        "grounds": grounds,
        "grouped": grouped,
        "is_web_address": is_web_address,
        "milliseconds": milliseconds,
        "moment": moment,
        "percent": percent,
        "purl_name": purl_name,
        "visible": visible,
    }
    app.jinja_env.globals |= {"version": version, "signs": SIGNS, "asset": lambda name: _asset(static, name)}

    @app.context_processor
    def _where() -> dict[str, Any]:
        return {"here": request.endpoint}


def grouped(number: int) -> str:
    """Write a whole number with its thousands set apart."""
    return f"{number:,}"


def size(count: int) -> str:
    """Write a number of bytes, such as 3.4 MB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count:,} bytes"


def percent(share: float) -> str:
    """Write a percentage without decimals, rounded down: only what is whole is called 100%."""
    return f"{math.floor(share + 1e-9)}%"


def milliseconds(elapsed: float) -> str:
    """Write a time given in milliseconds."""
    return f"{elapsed:.1f} ms" if elapsed < 100 else f"{elapsed / 1000:.2f} s"


def moment(time: datetime) -> str:
    """Write a moment in UTC, such as 23 November 2026, 09:30 UTC."""
    return f"{time.day} {time:%B %Y, %H:%M} UTC"


def purl_name(purl: str) -> str:
    """Return name and version of a purl, as people say them; what is no purl stays as it is."""
    try:
        parsed = PackageURL.from_string(purl)
    except ValueError:
        return purl
    name = f"{parsed.namespace}/{parsed.name}" if parsed.namespace else parsed.name
    return f"{name} {parsed.version}" if parsed.version else name


def is_web_address(url: str | None) -> bool:
    """Tell whether an address may be linked to: one of the web, and no script."""
    return url is not None and url.lower().startswith(("https://", "http://"))


def _asset(folder: Path, name: str) -> str:
    return url_for("static", filename=name, v=_version(folder / name))


@lru_cache(maxsize=64)
def _version(path: Path) -> str:
    """Return a short name of a static file's content, so that browsers may keep it for good."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
