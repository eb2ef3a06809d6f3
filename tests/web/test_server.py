"""A real server on loopback over a real index and a real database, asked as a browser and as curl ask."""

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from recorded import CODE

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def _ask(address, data=None, content_type=None, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, data, names | ({"Content-Type": content_type} if content_type else {}))
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.url, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.url, error.read()


def _json(address, body=None):
    data = None if body is None else json.dumps(body).encode()
    status, _, answer = _ask(address, data, "application/json" if data else None)
    return status, json.loads(answer)


def test_the_form_leads_to_a_permanent_record_of_the_match(address):
    form = urllib.parse.urlencode({"code": CODE.decode().replace("\n", "\r\n"), "path": "finder.py"}).encode()
    status, record, page = _ask(f"{address}/check", form, "application/x-www-form-urlencoded", Origin=address)
    assert status == 200
    assert "/records/" in record
    soup = BeautifulSoup(page, "html.parser")
    marked = [int(row.select_one(".number").text) for row in soup.select("tr.marked")]
    assert set(range(4, 12)) <= set(marked) <= set(range(2, 12))
    beside = {
        row.select("td")[1].text.strip(): row.select("td")[4].text.strip() for row in soup.select(".compare tbody tr")
    }
    assert beside["return candidate"] == "return candidate"
    assert "pkg:pypi/upward@2.1.0" in soup.select_one("details.match").text
    assert "The Upward Authors" in soup.find("textarea", id="c1-notice").text
    assert "SPDX-License-Identifier: MIT" in soup.find("textarea", id="c1-attributed").text
    assert _ask(record)[2] == page


def test_the_api_finds_the_same_and_stores_it(address):
    status, answer = _json(f"{address}/api/v1/check", {"code": CODE.decode(), "path": "finder.py"})
    assert status == 200
    (match,) = answer["matches"]
    best = match["origins"][0]
    assert (answer["status"], answer["verdict"]) == ("matched", "attribute")
    assert (best["purl"], best["path"], best["license"]) == ("pkg:pypi/upward@2.1.0", "upward/walk.py", "MIT")
    status, record = _json(f"{address}/api/v1/records/{answer['id']}")
    assert record["answer"] == answer
    assert record["code"] == CODE.decode()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", "too_short"),
        ("x = 1\n", "too_short"),
        ("a\0b" * 50, "not_code"),
        ("w%d = " * 60 % tuple(range(60)), "clean"),
    ],
)
def test_what_is_not_known_is_never_called_a_match(address, code, status):
    assert _json(f"{address}/api/v1/check", {"code": code})[1]["status"] == status


def test_own_code_is_left_out_on_request(address):
    body = {"code": CODE.decode(), "exclude": ["pkg:pypi/upward"]}
    assert _json(f"{address}/api/v1/check", body)[1]["matches"] == []


def test_sources_and_health_answer(address):
    assert _json(f"{address}/readyz")[1]["index"]["sources"] == 1
    (source,) = _json(f"{address}/api/v1/sources?q=upward")[1]["sources"]
    quoted = urllib.parse.quote(source["purl"])
    assert _json(f"{address}/api/v1/sources/{quoted}")[1] == source
    assert source["purl"].encode() in _ask(f"{address}/sources/{quoted}")[2]


def test_a_foreign_host_name_is_refused(address):
    assert _ask(f"{address}/", Host="evil.example")[0] == 400


def _examples():
    """The shell blocks of docs/api.md that need no model."""
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if "curl" in block and "/generate" not in block]


@pytest.mark.parametrize("example", _examples(), ids=lambda example: example.split("/", 3)[-1][:40])
def test_the_examples_of_the_documentation_run(address, tmp_path, example):
    (tmp_path / "finder.py").write_bytes(CODE)
    script = example.replace("http://127.0.0.1:8000", address)
    command = ["bash", "-euo", "pipefail", "-c", script]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(answer.stdout)
