"""Reference code from Parquet files of code rows: every repository in them is a source of its own."""

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from index.errors import UnreadableOrigin
from index.origins.base import SourcePackage
from index.origins.gathered_rows import GatheredRows
from index.origins.stack_rows import rows_of


class ParquetOrigin:
    """The repositories of some Parquet files taken together, in the order of their names.

    Rows of one repository may lie anywhere in the files. They are brought together in a temporary file on disk.
    """

    fetches: ClassVar[bool] = False

    def __init__(self, places: Sequence[str]) -> None:
        """`places` are paths, in which `*` may stand for several."""
        self._places = tuple(places)

    @property
    def name(self) -> str:
        """The paths as they were given."""
        return " ".join(self._places)

    def packages(self) -> Iterator[SourcePackage]:
        """Yield one package per repository.

        Raises UnreadableOrigin where a path is not there or a file cannot be read, before any package is yielded.
        """
        gathered = GatheredRows()
        for place in self._files():
            for row in rows_of(place):
                gathered.add(row)
        for _, package in gathered.packages():
            yield package

    def _files(self) -> Iterator[Path]:
        for place in self._places:
            found = [place] if Path(place).is_file() else sorted(glob.glob(place, recursive=True))
            if not found:
                raise UnreadableOrigin(f"{place}: there is no such file: check the path.")
            yield from map(Path, found)
