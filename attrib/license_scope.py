"""Which files of a source a licence file speaks for, told by where it lies and what it is called."""

import re
from collections.abc import Iterable
from functools import lru_cache

from index.origins.base import LegalFile, LegalKind

_LICENSE_FOLDERS = frozenset({"licenses", "license", "license_files", "legal", "licences"})
_METADATA_FOLDER = re.compile(r"^(?P<name>[A-Za-z0-9_.]+?)(?:-[^/]*)?\.(?:dist-info|egg-info)$")
# A plain name speaks for its whole folder, a suffix may name the licence; 'ICON_LICENSE.md' speaks for the icons only.
_PLAIN = re.compile(
    r"^(?:(?:un)?licen[cs]es?|copying|copyright)(?:[._-]?(?:mit|apache|asf|asl|bsd|gpl|lgpl|agpl|mpl|isc"
    r"|psf|zlib|boost|lesser|unlicense|epl|v?\d)[\w.-]*)?(?:\.(?:md|rst|txt|html))?$"
    r"|^(?:apache|mit|bsd|gpl|mpl)[\w.-]*[._-]licen[cs]e(?:\.(?:md|rst|txt))?$",
    re.IGNORECASE,
)


# Asked of every legal file for each file of a source.
@lru_cache(maxsize=65_536)
def folder_of(path: str) -> tuple[str, ...]:
    """Return the folders a legal file stands for, '' being the whole source; several for vendored metadata."""
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
        return tuple(
            dict.fromkeys(
                f"{prefix}/{spelling}"
                for spelling in (
                    name,
                    name.lower(),
                    name.replace(".", "/"),
                    name.replace("_", "/"),
                    name.replace(".", "_"),
                )
            )
        )
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


def governed_folders(legal: Iterable[LegalFile]) -> dict[str, list[LegalFile]]:
    """Return the folders that have a licence of their own, each with its licence files; not the whole source."""
    folders: dict[str, list[LegalFile]] = {}
    for file in legal:
        if file.kind is LegalKind.LICENSE and is_plain(file.path) and not governs_everything(file.path):
            for folder in folder_of(file.path):
                folders.setdefault(folder, []).append(file)
    return folders


def nearest_folder(folders: dict[str, list[LegalFile]], path: str) -> str | None:
    """Return the innermost governed folder a file lies in, or the one named like the file; None for neither."""
    stem = path.rsplit(".", 1)[0]
    if stem in folders:
        return stem
    folder = path.rpartition("/")[0]
    while folder and folder not in folders:
        folder = folder.rpartition("/")[0]
    return folder or None


def legal_files_for(legal: Iterable[LegalFile], path: str) -> tuple[LegalFile, ...]:
    """Return the legal files that go with one file: its folder's where that has a licence, else the source's."""
    files = tuple(legal)
    folders = governed_folders(files)
    folder = nearest_folder(folders, path)
    if folder is None:
        return tuple(file for file in files if folder_of(file.path) == ("",) and file.kind is not LegalKind.AUTHORS)
    notices = [file for file in files if file.kind is LegalKind.NOTICE and folder in folder_of(file.path)]
    return tuple(dict.fromkeys((*folders[folder], *notices)))
