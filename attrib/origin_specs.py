"""What `attrib index add` was given, as an origin of reference code."""

from pathlib import Path

from attrib.errors import UnreadableInput
from index.origins.base import Origin
from index.origins.folder import FolderOrigin
from index.origins.installed import InstalledOrigin

INSTALLED = "installed"


def origin_of(spec: str, purl: str | None, license_expression: str | None) -> Origin:
    """Return the origin that a SPEC names: `installed`, `installed:NAME[,NAME]`, or a folder.

    Raises UnreadableInput where it names neither.
    """
    kind, colon, names = spec.partition(":")
    if kind == INSTALLED:
        if purl or license_expression:
            raise UnreadableInput("--purl and --license name a folder's source: leave them out with `installed`.")
        return InstalledOrigin([name.strip() for name in names.split(",") if name.strip()] if colon else None)
    folder = Path(spec)
    if folder.is_dir():
        return FolderOrigin(folder, purl=purl, license=license_expression)
    if folder.exists():
        raise UnreadableInput(f"{spec}: is a file: give the folder it is in, with --purl and --license.")
    raise UnreadableInput(f"{spec}: there is no such folder: give a folder, or `installed` for this Python's packages.")
