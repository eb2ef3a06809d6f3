"""Audits and lists over HTTP, on a real server with a real index and a real database."""

import json
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from email.message import Message

import pytest
from bs4 import BeautifulSoup
from recorded import CODE

from attrib.reports.formats import FORMATS
from tests.index.packing import tarball, zipped

pytestmark = pytest.mark.databases("sqlite", "postgresql")

FILES = {"mine-1/finder.py": CODE, "mine-1/own.py": "x = 1\n", "mine-1/notes.md": "# Notes\n"}


def ask(address: str, data: bytes | None = None, **headers: str) -> tuple[int, Message, bytes]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, names), timeout=30) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def send(address: str, name: str, packed: bytes, *exclude: str, **headers: str) -> tuple[int, Message, dict]:
    edge = f"----edge{uuid.uuid4().hex}"
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="exclude"\r\n\r\n{one}\r\n' for one in exclude]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="archive"; filename="{name}"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + packed + f"\r\n--{edge}--\r\n".encode()
    status, given, answer = ask(
        address + "/api/v1/audits", body, Content_Type=f"multipart/form-data; boundary={edge}", **headers
    )
    return status, given, json.loads(answer)


def done(address: str, id: str) -> dict:
    until = time.monotonic() + 30
    while True:
        audit = json.loads(ask(f"{address}/api/v1/audits/{id}")[2])
        if audit["state"] not in ("queued", "running"):
            return audit
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("packed", [zipped(FILES), tarball(FILES)])
def test_an_archive_is_audited_and_its_report_is_given(address, packed):
    status, headers, sent = send(address, "mine.zip", packed)
    assert status == 202
    assert headers["Location"] == f"/api/v1/audits/{sent['id']}"
    audit = done(address, sent["id"])
    assert (audit["state"], audit["verdict"], audit["name"]) == ("done", "attribute", "mine.zip")
    assert audit["progress"] == {"files_done": 3, "files": 3}
    _, headers, report = ask(f"{address}/api/v1/audits/{audit['id']}/report?format=json")
    told = json.loads(report)
    assert (told["id"], told["root"], told["totals"]) == (audit["id"], "mine.zip", audit["totals"])
    assert [finding["path"] for finding in told["findings"]] == ["finder.py"]
    assert "attachment" in headers["Content-Disposition"]
    for form in FORMATS:
        assert ask(f"{address}/api/v1/audits/{audit['id']}/report?format={form}")[0] == 200
    record = json.loads(ask(f"{address}/api/v1/records/{audit['id']}")[2])
    assert record["kind"] == "audit"
    assert b"The Upward Authors" in ask(f"{address}/api/v1/records/{audit['id']}/notice")[2]
    page = BeautifulSoup(ask(f"{address}/audits/{audit['id']}")[2], "html.parser")
    (link,) = page.select("td a[href*='/files/']")
    evidence = BeautifulSoup(ask(address + link["href"])[2], "html.parser")
    assert evidence.select_one("#" + link["href"].partition("#")[2]) is not None
    assert evidence.select_one(".compare").text.count("candidate = os.path.join(current, name)") == 2


def test_an_archive_that_is_sent_again_with_its_key_is_audited_once(address):
    key, packed = uuid.uuid4().hex, zipped(FILES)
    _, first_headers, first = send(address, "mine.zip", packed, Idempotency_Key=key)
    audit = done(address, first["id"])
    status, headers, again = send(address, "mine.zip", packed, Idempotency_Key=key)
    assert (status, headers["Idempotency-Replayed"], headers["Location"]) == (202, "true", first_headers["Location"])
    assert (again, "Idempotency-Replayed" in first_headers) == (audit, False)
    for name, other, *exclude in (
        ("other.zip", packed),
        ("mine.zip", zipped(FILES | {"mine-1/own.py": "x = 2\n"})),
        ("mine.zip", packed, "pkg:pypi/upward"),
    ):
        status, _, refused = send(address, name, other, *exclude, Idempotency_Key=key)
        assert (status, refused["type"]) == (422, "/problems/idempotency-key-reused")
    assert send(address, "mine.zip", packed)[2]["id"] != first["id"]


def test_a_key_is_free_again_where_the_archive_was_refused(address):
    key = uuid.uuid4().hex
    assert send(address, "mine.zip", b"no archive", Idempotency_Key=key)[0] == 422
    assert send(address, "mine.zip", zipped(FILES), Idempotency_Key=key)[0] == 202


def test_own_packages_are_left_out_of_an_audit(address):
    _, _, sent = send(address, "mine.zip", zipped(FILES), "pkg:pypi/upward", "pkg:pypi/other")
    audit = done(address, sent["id"])
    assert audit["totals"]["findings"] == {}
    assert audit["exclude"] == ["pkg:pypi/upward", "pkg:pypi/other"]


def test_audits_are_listed_newest_first_and_cut_into_pages(address):
    ids = [send(address, f"{number}.zip", zipped(FILES))[2]["id"] for number in range(3)]
    for id in ids:
        done(address, id)
    seen, cursor = [], ""
    while cursor is not None:
        page = json.loads(ask(f"{address}/api/v1/audits?limit=2" + (f"&cursor={cursor}" if cursor else ""))[2])
        seen += [audit["id"] for audit in page["audits"]]
        cursor = page["cursor"]
    assert seen[:3] == ids[::-1]
    assert len(seen) == len(set(seen))
    assert json.loads(ask(f"{address}/api/v1/audits?state=failed")[2])["audits"] == []


@pytest.mark.parametrize(
    ("path", "data", "headers", "status", "kind"),
    [
        ("/api/v1/audits/nothing", None, {}, 404, "no-such-audit"),
        ("/api/v1/audits/nothing/report", None, {}, 404, "no-such-record"),
        ("/api/v1/audits/nothing/cancel", b"", {}, 404, "no-such-audit"),
        ("/api/v1/audits", b"{}", {"Content_Type": "application/json"}, 415, "not-multipart"),
        ("/api/v1/audits?state=asleep", None, {}, 422, "invalid-fields"),
        ("/api/v1/audits/nothing/report?format=docx", None, {}, 422, "invalid-fields"),
        ("/api/v1/records?since=2026-11-02&until=2026-11-01", None, {}, 422, "invalid-fields"),
        ("/api/v1/records?until=0", None, {}, 422, "invalid-fields"),
        ("/api/v1/records?verdict=", None, {}, 422, "invalid-fields"),
        ("/api/v1/sources?category=free", None, {}, 422, "invalid-fields"),
    ],
)
def test_what_is_wrong_is_said_with_its_own_type(address, path, data, headers, status, kind):
    answered, _, body = ask(address + path, data, **headers)
    assert (answered, json.loads(body)["type"]) == (status, f"/problems/{kind}")


def test_what_is_no_archive_is_refused_at_once(address):
    status, _, problem = send(address, "a.zip", b"print('no archive')\n" * 99)
    assert (status, problem["type"]) == (422, "/problems/unusable-input")
    assert "a.zip is no archive" in problem["detail"]


def test_an_audit_that_failed_has_a_reason_and_no_report(address):
    _, _, sent = send(address, "evil.zip", zipped({"fine.py": "x = 1\n", "../evil.py": "x = 1\n"}))
    audit = done(address, sent["id"])
    assert audit["state"] == "failed"
    assert "would lie outside it" in audit["reason"]
    status, _, body = ask(f"{address}/api/v1/audits/{audit['id']}/report")
    assert (status, json.loads(body)["type"]) == (409, "/problems/audit-not-done")
    assert b"would lie outside it" in ask(f"{address}/audits/{audit['id']}")[2]


def test_records_are_found_by_each_of_their_filters(address):
    body = json.dumps({"code": CODE.decode(), "path": "lists/finder.py"}).encode()
    id = json.loads(ask(f"{address}/api/v1/check", body, Content_Type="application/json")[2])["id"]
    today = time.strftime("%Y-%m-%d", time.gmtime())
    for asked in (
        "q=lists/finder", "q=LISTS", f"q={id}", "kind=check&q=lists", "status=matched&q=lists",
        "verdict=attribute&q=lists", "license=MIT&q=lists", "source=pkg:pypi/upward&q=lists",
        "source=pkg:pypi/upward@2.1.0&q=lists", "source=pkg:pypi/up*&q=lists", f"since={today}&until={today}&q=lists",
    ):  # fmt: skip
        page = json.loads(ask(f"{address}/api/v1/records?{asked}")[2])
        assert [record["id"] for record in page["records"]] == [id], asked
        assert page["total"] == 1
    for asked in ("verdict=block", "license=mit", "source=pkg:pypi/upwar", "until=2020-01-01", "q=%25"):
        assert json.loads(ask(f"{address}/api/v1/records?{asked}&limit=5")[2])["records"] == [], asked
    record = json.loads(ask(f"{address}/api/v1/records?q=lists")[2])["records"][0]
    assert (record["path"], record["sources"], record["licenses"]) == (
        "lists/finder.py", ["pkg:pypi/upward@2.1.0"], ["MIT"],
    )  # fmt: skip


def test_sources_are_found_by_ecosystem_and_kind_of_licence(address):
    for asked in ("ecosystem=pypi", "category=permissive", "ecosystem=pypi&category=permissive&q=upw"):
        assert len(json.loads(ask(f"{address}/api/v1/sources?{asked}")[2])["sources"]) == 1, asked
    for asked in ("ecosystem=npm", "category=copyleft", "ecosystem=pyp"):
        assert json.loads(ask(f"{address}/api/v1/sources?{asked}")[2])["sources"] == [], asked


def test_the_page_of_a_source_tells_files_legal_files_and_how_often_it_was_found(address):
    body = json.dumps({"code": CODE.decode()}).encode()
    ask(f"{address}/api/v1/check", body, Content_Type="application/json")
    soup = BeautifulSoup(ask(f"{address}/sources/pkg:pypi/upward@2.1.0")[2], "html.parser")
    assert "upward/walk.py" in soup.select_one("[aria-labelledby=files]").text
    assert "The Upward Authors" in soup.select_one("details pre").text
    found = soup.find("dt", string="Found").find_next("dd").a
    listed = BeautifulSoup(ask(address + found["href"])[2], "html.parser")
    assert found.text.split()[1] == listed.select_one("[role=status]").text.split()[0]


def test_curl_sends_an_archive(address, tmp_path):
    (tmp_path / "mine.zip").write_bytes(zipped(FILES))
    command = ["curl", "-sS", f"{address}/api/v1/audits", "-F", "archive=@mine.zip", "-F", "exclude=pkg:pypi/upward"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=30, check=True)
    assert done(address, json.loads(answer.stdout)["id"])["state"] == "done"
