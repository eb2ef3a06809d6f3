"""Where the user's pip looks for packages: its configuration files and its environment."""

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SECTIONS = ("global", "download")


@dataclass(frozen=True, slots=True)
class PipSettings:
    """What pip would use; `index` is None where nobody says, and then pip's own default is meant."""

    index: str | None
    extra_indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    trusted_hosts: tuple[str, ...]
    certificates: str | None


def pip_settings(environment: Mapping[str, str] | None = None) -> PipSettings:
    """Read pip's settings as pip does: system, user, environment's own folder, PIP_CONFIG_FILE, then PIP_* variables.

    See "Configuration" in pip's user guide. A file that cannot be read says nothing.
    """
    environment = os.environ if environment is None else environment
    found: dict[str, str] = {}
    for place in _places(environment):
        parser = configparser.RawConfigParser()
        try:
            parser.read(place, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in _SECTIONS:
            if parser.has_section(section):
                found.update((name.replace("_", "-"), value) for name, value in parser.items(section))
    for name, value in environment.items():
        if name.startswith("PIP_") and value:
            found[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    no_index = found.get("no-index", "").lower() in ("1", "true", "yes", "on")
    index = None if no_index else found.get("index-url")
    extra = () if no_index else tuple(found.get("extra-index-url", "").split())
    return PipSettings(
        index=index,
        extra_indexes=extra,
        find_links=tuple(found.get("find-links", "").split()),
        trusted_hosts=tuple(found.get("trusted-host", "").split()),
        certificates=found.get("cert") or environment.get("SSL_CERT_FILE"),
    )


def _places(environment: Mapping[str, str]) -> list[Path]:
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    system = [Path(folder) / "pip/pip.conf" for folder in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")]
    home = Path(environment.get("HOME", "~")).expanduser()
    user = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf"
    places = [*reversed(system), Path("/etc/pip.conf"), home / ".pip/pip.conf", user, Path(sys.prefix) / "pip.conf"]
    return [*places, Path(named)] if named else places
