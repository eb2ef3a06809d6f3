"""Golden cases: what is answered to code that was copied, case by case, through the real service on a real index.

A case is a folder `golden/NN-name`: `case.json` says what it shows and under which purls its origins are indexed;
`input.*` is the code that is checked; `origin/` and its like are the sources (long licence texts come from the
installed package of SPDX texts, as `texts` in `case.json` says). What is expected stands beside: `expected.json` the
verdict and what leads to it, `notice.txt` the notice, `tagged.*` or `input.*.license` the code with its credit. A long
text stands in `notice.txt` as one line that says how many lines it has: that is only written where it is there whole.

After a change that is meant, look at what it does to the cases, and say why in the commit:

    python -m tests.attrib.test_golden --update
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attrib.answers import CheckAnswer
from attrib.bootstrap import build_service, open_index
from attrib.config import load_config
from attrib.ingest import ingest
from attrib.license_texts import canonical_text
from attrib.licenses import base_id
from attrib.notices.document import plain
from attrib.origin_specs import opened_origins
from attrib.policy import Policy
from attrib.service import Service
from attrib.snippet_tags import read_snippets, strip_snippets
from web.attributed import attributed_code

GOLDEN = Path(__file__).with_name("golden")
CASES = sorted(folder for folder in GOLDEN.iterdir() if folder.is_dir())
LONG = 60
SIDE_FILE = ".license"


class _AdmitsAll(Policy):
    """So that restricted code is in the index, too: what is answered to it is to be seen."""

    def admits(self, expression: str) -> bool:
        """Admit anything."""
        return True


def built(home: Path) -> Service:
    """Return a service over an index of every origin of every case."""
    config = load_config({"home": home / "home"}, {}, home)
    index = open_index(config)
    for case in CASES:
        for origin in settings_of(case)["origins"]:
            folder = home / "origins" / case.name / origin["folder"]
            shutil.copytree(case / origin["folder"], folder)
            for name, license_id in origin.get("texts", {}).items():
                (folder / name).write_text(canonical_text(license_id) or "", encoding="utf-8")
            with opened_origins(
                [str(folder)], purl=origin["purl"], license=origin["license"], fetched=home / "fetched"
            ) as origins:
                report = ingest(index, origins, _AdmitsAll())
            assert report.added, (case.name, report)
    return build_service(config)


def settings_of(case: Path) -> dict[str, Any]:
    """Return what `case.json` says."""
    return json.loads((case / "case.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def input_of(case: Path) -> Path:
    """Return the code that is checked."""
    (found,) = (place for place in case.glob("input.*") if place.suffix != SIDE_FILE)
    return found


def answer_of(service: Service, case: Path) -> dict[str, bytes]:
    """Return the files that are expected beside a case, as the service answers now."""
    given = input_of(case)
    code = given.read_bytes()
    checked = service.check(code, path=given.name)
    tagged, side_file = attributed_code(code, given.name, checked.as_json())
    files = {"expected.json": _expected(service, case, checked, tagged)}
    if checked.attribution.notice:
        files["notice.txt"] = shortened(checked.attribution.notice, service, checked)
    if tagged is not None:
        files[f"tagged{given.suffix}"] = tagged
    if side_file is not None:
        files[f"{given.name}{SIDE_FILE}"] = side_file
    return {name: text.encode() for name, text in files.items()}


def _expected(service: Service, case: Path, checked: CheckAnswer, tagged: str | None) -> str:
    answer = checked.as_json()
    told = {
        "shows": settings_of(case)["shows"],
        "status": answer["status"],
        "verdict": answer["verdict"],
        "spdx": answer["attribution"]["spdx"],
        "matches": [
            {
                "kind": match["kind"],
                "lines": "{start_line}-{end_line}".format(**match["output"]),
                "common": match["common"],
                "verdict": match["verdict"],
                "reasons": match["reasons"],
                "attributed": match["attributed"],
                "names": {pair["origin"]: pair["output"] for pair in match["names"]},
                "origins": [
                    {
                        "where": "{purl} {path} {start_line}-{end_line}".format(**origin),
                        "license": origin["license"],
                        "evidence": origin["license_evidence"],
                        "copyright": origin["copyright"],
                    }
                    for origin in match["origins"]
                ],
            }
            for match in answer["matches"]
        ],
        "verdict when tagged": None
        if tagged is None
        else service.check(tagged.encode(), path=input_of(case).name).verdict.value,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def shortened(notice: str, service: Service, checked: CheckAnswer) -> str:
    """Return a notice with each long text, which stands in it whole, as one line."""
    origins = [match.origins[0] for match in checked.matches]
    texts = {plain(file.text) for origin in origins for file in service.legal_files(origin.purl)}
    texts |= {canonical_text(base_id(license_id)) or "" for license_id in checked.attribution.spdx}
    for text in sorted((text.strip("\n").rstrip() for text in texts), key=len, reverse=True):
        lines = text.count("\n") + 1
        if lines > LONG and text in notice:
            title = next(line.strip() for line in text.split("\n") if line.strip())
            notice = notice.replace(text, f"[all {lines} lines of '{title}']")
    return notice


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with built(tmp_path_factory.mktemp("golden")) as service:
        yield service


def test_there_are_forty_cases() -> None:
    assert len(CASES) >= 40


@pytest.mark.xdist_group("golden")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_answer_is_the_expected_one(golden: Service, case: Path) -> None:
    answered = {name: text.decode() for name, text in answer_of(golden, case).items()}
    assert answered == _kept(case)
    for name, text in answered.items():
        if name.startswith("tagged."):
            assert strip_snippets(text) == strip_snippets(input_of(case).read_bytes().decode())
            assert read_snippets(text)


def _kept(case: Path) -> dict[str, str]:
    places = [*case.glob("expected.json"), *case.glob("notice.txt"), *case.glob("tagged.*"), *case.glob("*.license")]
    return {place.name: place.read_bytes().decode() for place in places}


def _update() -> None:
    with tempfile.TemporaryDirectory() as home, built(Path(home)) as service:
        for case in CASES:
            for name in _kept(case):
                (case / name).unlink()
            for name, text in answer_of(service, case).items():
                (case / name).write_bytes(text)


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("usage: python -m tests.attrib.test_golden --update")
    _update()
