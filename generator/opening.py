"""From the name of a model to a generator: one that runs here, or one behind a server.

Torch is loaded only for the first.
"""

import re
from urllib.parse import parse_qs, urlsplit

from generator.base import CodeGenerator
from generator.errors import UnknownModel
from generator.fim import FAMILIES, family_of_name

_REMOTE = re.compile(r"openai:(?P<url>https?://[^#?\s]+)#(?P<name>[^?\s]+)(?:\?(?P<options>\S*))?")


def open_generator(name: str, device: str = "auto", dtype: str = "auto", key: str | None = None) -> CodeGenerator:
    """Open a model: `embedded`, a folder, a hub name, or `openai:<base url>#<model>` with `?fim=<family>` behind it.

    `key` is sent to a server as its API key. Raises UnknownModel, and what loading a local model raises.
    """
    if not is_remote(name):
        from generator.local import open_local

        return open_local(name, device, dtype)
    from generator.remote import RemoteGenerator, RemoteModel

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
    return RemoteGenerator(RemoteModel(found["url"].rstrip("/"), found["name"], key, family))


def is_remote(name: str) -> bool:
    """Whether a model's name speaks of a server."""
    return name.startswith("openai:")
