"""Which files of a source a licence file speaks for, told by where it lies and what it is called."""

import re

_LICENSE_FOLDERS = frozenset({"licenses", "license", "license_files", "legal", "licences"})
_METADATA_FOLDER = re.compile(r"^(?P<name>[A-Za-z0-9_.]+?)(?:-[^/]*)?\.(?:dist-info|egg-info)$")
# A plain name speaks for its whole folder; a suffix may name the licence itself. 'ICON_LICENSE.md' speaks for the icons only.
_PLAIN = re.compile(
    r"^(?:(?:un)?licen[cs]es?|copying|copyright)(?:[._-]?(?:mit|apache|asf|asl|bsd|gpl|lgpl|agpl|mpl|isc|psf|zlib|boost|lesser|unlicense|epl|v?\d)[\w.-]*)?(?:\.(?:md|rst|txt|html))?$"
    r"|^(?:apache|mit|bsd|gpl|mpl)[\w.-]*[._-]licen[cs]e(?:\.(?:md|rst|txt))?$",
    re.IGNORECASE,
)
_VENDOR_FOLDERS = frozenset({"_vendor", "vendor", "vendored", "_vendored", "third_party", "third-party", "thirdparty", "3rdparty", "extern", "externals", "_externals", "_extern"})


def folder_of(path: str) -> tuple[str, ...]:
    """Return the folders a legal file stands for, '' being the whole source; a vendored package's metadata names several spellings."""
    parts = path.split("/")[:-1]
    for place, part in enumerate(parts):
        metadata = _METADATA_FOLDER.match(part)
        if metadata is None:
            continue
        below = [name for name in parts[place + 1 :] if name not in _LICENSE_FOLDERS]
        if place == 0:
            return ("/".join(below),)
        prefix = "/".join(parts[:place])
        name = metadata["name"].replace("-", "_")
        return tuple(dict.fromkeys(f"{prefix}/{spelling}" for spelling in (name, name.lower(), name.replace(".", "/"), name.replace("_", "/"), name.replace(".", "_"))))
    while parts and parts[-1] in _LICENSE_FOLDERS | {"LICENSES"}:
        parts.pop()
    return ("/".join(parts),)


def is_plain(path: str) -> bool:
    """Whether a licence file's name speaks for its whole folder."""
    parts = path.split("/")
    return _PLAIN.match(parts[-1]) is not None or "LICENSES" in parts[:-1]


def governs_everything(path: str) -> bool:
    """Whether a licence file speaks for the whole source."""
    return is_plain(path) and folder_of(path) == ("",)


def vendored_in(path: str) -> str | None:
    """Return the vendor folder a file lies in, or None where it lies in none."""
    parts = path.split("/")[:-1]
    place = next((place for place, part in enumerate(parts) if part.lower() in _VENDOR_FOLDERS), None)
    return None if place is None else "/".join(parts[: place + 1])
