"""Deleting a record: by the API, by its page, and what is said of it afterwards."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest
from bs4 import BeautifulSoup
from recorded import CODE

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def _ask(address: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, str, bytes]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, body, names, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.url, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.url, error.read()


def _checked(address: str) -> str:
    body = json.dumps({"code": CODE.decode()}).encode()
    return str(json.loads(_ask(f"{address}/api/v1/check", "POST", body, Content_Type="application/json")[2])["id"])


def test_a_record_deleted_by_the_api_is_gone_wherever_it_is_asked_for(address: str) -> None:
    record = f"records/{_checked(address)}"
    assert _ask(f"{address}/api/v1/{record}", "DELETE") == (204, f"{address}/api/v1/{record}", b"")
    for method, place in (("GET", ""), ("DELETE", ""), ("GET", "/notice"), ("GET", "/matches/0/origins")):
        status, _, answer = _ask(f"{address}/api/v1/{record}{place}", method)
        assert (status, json.loads(answer)["type"]) == (410, "/problems/gone")
    for place in ("", "/delete", "/1/notice.txt", "/1/code.txt"):
        status, _, page = _ask(f"{address}/{record}{place}")
        assert status == 410
        assert "was deleted on" in BeautifulSoup(page, "html.parser").get_text()


def test_the_page_of_a_record_deletes_it(address: str) -> None:
    page = f"{address}/records/{_checked(address)}"
    link = BeautifulSoup(_ask(page)[2], "html.parser").find("a", string="delete")
    asked = _ask(urllib.parse.urljoin(page, link["href"]))[2]
    form = BeautifulSoup(asked, "html.parser").find("form", method="post")
    place = urllib.parse.urljoin(page, form["action"])
    assert _ask(place, "POST", b"", Origin="http://evil.example")[0] == 403
    assert _ask(page)[0] == 200
    assert _ask(place, "POST", b"", Origin=address)[:2] == (200, f"{address}/")
    assert _ask(page)[0] == 410


def test_a_record_that_never_was_is_no_deleted_one(address: str) -> None:
    status, _, answer = _ask(f"{address}/api/v1/records/nowhere", "DELETE")
    assert (status, json.loads(answer)["type"]) == (404, "/problems/no-such-record")
