"""Rows shaped as The Stack's first version, of packages that are installed here."""

from collections.abc import Sequence
from pathlib import Path

from attrib.detection import detect_package_license
from index.origins.base import SourceFile
from index.origins.installed import InstalledOrigin

COLUMNS = ("content", "max_stars_repo_name", "max_stars_repo_path", "max_stars_repo_licenses")
CodeRow = tuple[str, str, str, Sequence[str] | None]


def installed_rows(names: Sequence[str] | None = None) -> list[CodeRow]:
    """Return the files of code and the legal files of installed packages, each package a repository of its own."""
    rows: list[CodeRow] = []
    for package in InstalledOrigin(names).packages():
        licenses = [detect_package_license(package).expression]
        repository = "installed/" + package.purl.rpartition("/")[2].partition("@")[0]
        rows += [(legal.text, repository, legal.path, licenses) for legal in package.legal]
        for file in package.files():
            if isinstance(file, SourceFile):
                rows.append((file.read().decode(errors="replace"), repository, file.path, licenses))
    return rows


def write_rows(place: Path, rows: Sequence[CodeRow]) -> str:
    """Write rows as one Parquet file and return its path."""
    import pyarrow
    from pyarrow.parquet import write_table

    columns = {name: [row[number] for row in rows] for number, name in enumerate(COLUMNS)}
    write_table(pyarrow.table(columns), place, row_group_size=100)
    return str(place)
