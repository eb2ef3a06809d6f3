"""Rows of code in a Parquet file are audited as the folder of the same files is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from attrib.bootstrap import build_service
from attrib.config import Config
from attrib.service import Service
from benchmarks.code_rows import write_rows
from index.errors import UnreadableOrigin
from tests.attrib.audited import COPIED, OWN, PURL, add_reference, write

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'attrib[parquet]'")


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Iterator[Service]:
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference")
        yield service


def test_rows_are_audited_as_their_files_are(service: Service, tmp_path: Path) -> None:
    files = {"o/one/notes.md": "# Notes\n", "o/one/src/copied.py": COPIED, "o/two/a.py": COPIED, "o/two/own.py": OWN}
    rows = [(text, *_split(path), None) for path, text in files.items()]
    place = Path(write_rows(tmp_path / "rows.parquet", [*rows, (OWN, "o/two", "a.py", None)]))
    report, of_folder = service.audit(place), service.audit(write(tmp_path / "folder", files))
    found = [(finding.path, finding.match.origins[0].purl) for finding in report.findings]
    assert found == [("o/one/src/copied.py", PURL), ("o/two/a.py", PURL)]
    assert found == [(one.path, one.match.origins[0].purl) for one in of_folder.findings]
    said = dict(report.left_out)
    assert said["o/one/notes.md"] == dict(of_folder.left_out)["o/one/notes.md"]
    assert said["o/two/a.py"] == "another row of the same repository and path"
    assert report.files == of_folder.files


def test_a_file_that_is_none_is_refused(service: Service, tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no table")
    with pytest.raises(UnreadableOrigin, match="no Parquet file"):
        service.audit(tmp_path / "text.parquet")


def _split(path: str) -> tuple[str, str]:
    owner, name, below = path.split("/", 2)
    return f"{owner}/{name}", below
