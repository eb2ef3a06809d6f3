"""From the name of a model to a generator: one that runs here, or one behind a server.

Torch is loaded only for the first.
"""

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from generator.base import CodeGenerator
from generator.errors import UnknownModel
from generator.fim import FAMILIES, family_of_name
from generator.locating import locate

if TYPE_CHECKING:
    from generator.remote import RemoteModel

_REMOTE = re.compile(r"openai:(?P<url>https?://[^#?\s]+)#(?P<name>[^?\s]+)(?:\?(?P<options>\S*))?")


def open_generator(name: str, device: str = "auto", dtype: str = "auto", key: str | None = None) -> CodeGenerator:
    """Open a model: `embedded`, a folder, a hub name, or `openai:<base url>#<model>` with `?fim=<family>` behind it.

    `key` is sent to a server as its API key. Raises UnknownModel, and what loading a local model raises.
    """
    if not is_remote(name):
        from generator.local import open_local

        return open_local(name, device, dtype)
    from generator.remote import RemoteGenerator

    return RemoteGenerator(_remote(name, key))


def prospect(name: str) -> str:
    """Say what asking for a model would do, without loading anything; raises UnknownModel and what `locate` raises."""
    if is_remote(name):
        _remote(name)
        return "behind a server"
    if find_spec("torch") is None:
        return "none: torch is not installed, so code is only checked"
    source, local = locate(name)
    return f"in {source}, loaded when it is first asked for" if local else "fetched from the hub when first asked for"


def is_remote(name: str) -> bool:
    """Whether a model's name speaks of a server."""
    return name.startswith("openai:")


def _remote(name: str, key: str | None = None) -> "RemoteModel":
    from generator.remote import RemoteModel

    found = _REMOTE.fullmatch(name)
    if found is None or not urlsplit(found["url"]).hostname:
        raise UnknownModel(
            f"{name!r} names no model server: write openai:http://host:port/v1#model, such as "
            "openai:http://127.0.0.1:8001/v1#bigcode/starcoderbase-7b."
        )
    asked = parse_qs(found["options"] or "").get("fim")
    family = family_of_name(asked[0] if asked else found["name"])
    if asked and family is None:
        known = ", ".join(tokens.family for tokens in FAMILIES)
        raise UnknownModel(f"{asked[0]!r} is no family of fill-in-the-middle tokens: name one of {known}.")
    return RemoteModel(found["url"].rstrip("/"), found["name"], key, family)
