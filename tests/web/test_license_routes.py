"""Licences over HTTP: what they are, what they ask for, and which one a text is."""

import json

from bs4 import BeautifulSoup
from click.testing import CliRunner

from attrib.cli.main import cli
from attrib.license_texts import canonical_text


def test_the_route_and_the_command_give_the_same_document(client):
    body = client.get("/api/v1/licenses/GPL-2.0 OR MIT").get_json()
    assert body == json.loads(CliRunner().invoke(cli, ["license", "GPL-2.0 OR MIT", "--json"]).stdout)
    assert body["license"] == "GPL-2.0-only OR MIT"
    assert body["asks"] == ["include_copyright", "include_text"]


def test_a_text_is_recognised_with_its_lines(client):
    body = client.post("/api/v1/licenses/detect", json={"text": canonical_text("Zlib"), "path": "LICENSE"}).get_json()
    assert body["license"] == "Zlib"
    assert body["found"][0]["start_line"] >= 1


def test_a_text_of_no_licence_is_answered_and_not_refused(client):
    response = client.post("/api/v1/licenses/detect", json={"text": "hello"})
    assert (response.status_code, response.get_json()["license"]) == (200, "NOASSERTION")


def test_wrong_fields_and_too_much_text_are_refused(client):
    assert client.post("/api/v1/licenses/detect", json={"code": "x"}).status_code == 422
    assert client.post("/api/v1/licenses/detect", json={"text": "x" * 2_000_001}).status_code == 413


def test_the_page_says_what_it_is_who_approves_it_and_what_it_asks(client):
    page = BeautifulSoup(client.get("/licenses/GPL-2.0 OR MIT").data, "html.parser").get_text(" ", strip=True)
    for said in ("GPL-2.0-only OR MIT", "OSI approved: yes", "It offers a choice", "second paragraph", "read as"):
        assert said in page
