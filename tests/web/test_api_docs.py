"""docs/api.md: every example runs against a real server, every problem and every route is told."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from web.errors import PROBLEM_TYPES
from web.operations import operations_of

DOCS = Path(__file__).parent.parent.parent / "docs" / "api.md"
TEXT = DOCS.read_text(encoding="utf-8")
SERVED = "http://127.0.0.1:8000"


def _blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


CURLS = [block for block in _blocks("sh") if "curl" in block]
PYTHONS = _blocks("python")


def test_there_are_examples():
    assert len(CURLS) >= 9
    assert len(PYTHONS) >= 2


@pytest.mark.parametrize("example", CURLS, ids=lambda example: example.split("/", 3)[-1][:40])
def test_a_curl_example_runs(address, tmp_path, example):
    (tmp_path / "finder.py").write_text("def find(name):\n    return name\n")
    # Of an answer that is refused curl says nothing by itself.
    script = 'curl() { command curl --fail-with-body "$@"; }\n' + example.replace(SERVED, address)
    command = ["bash", "-uo", "pipefail", "-c", script]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    wrong = '"colour": "red"' in example
    assert (answer.returncode == 0) is not wrong, answer.stdout + answer.stderr
    assert answer.stdout.startswith(("{", "event:"))


@pytest.mark.parametrize("example", PYTHONS, ids=["threads", "asyncio"])
def test_a_python_example_runs(address, example):
    command = [sys.executable, "-c", example.replace(SERVED, address)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout


def test_every_problem_type_is_told():
    table = TEXT[TEXT.index("| type | status |") :]
    rows = re.findall(r"^\| (`.*`) \| (\d+) \|$", table, re.MULTILINE)
    told = {
        name.removeprefix("/problems/"): int(status) for row, status in rows for name in re.findall(r"`([^`]+)`", row)
    }
    assert told == {kind: type_.status for kind, type_ in PROBLEM_TYPES.items()}


def test_every_route_is_told(app):
    told = re.sub(r"\b(ID|N|PURL|SPDX|NAME|FINGERPRINT|EARLIER)\b", "X", TEXT)
    missing = []
    for path, method, _, _ in operations_of(app):
        named = f"{method} {re.sub(r'<[^>]+>', 'X', path)}"
        if not re.search(re.escape(named) + r"(?![\w/])", told):
            missing.append(named)
    assert missing == []
