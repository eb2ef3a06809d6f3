"""The reference as a page: complete, without scripts and strangers, with examples that a real server gives again."""

import json
import re
from importlib.resources import files

import httpx2
import pytest
from bs4 import BeautifulSoup
from described import validator_of

from benchmarks.api_examples import ASKED, asked, made, two_audits
from benchmarks.api_fuzz import served

pytestmark = pytest.mark.databases("sqlite", "postgresql")

KEPT = json.loads(files("web").joinpath("examples.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def own_address(tmp_path_factory):
    """A server over the index that the examples were made with."""
    with served(tmp_path_factory.mktemp("examples")) as address:
        two_audits(address)
        yield address


@pytest.fixture
def page(client):
    response = client.get("/docs")
    assert response.status_code == 200
    return BeautifulSoup(response.data, "html.parser")


def test_every_operation_has_its_place_its_link_and_an_example(client, page):
    document = client.get("/openapi.json").get_json()
    told = {one["operationId"]: one for path in document["paths"].values() for one in path.values()}
    linked = {link["href"].removeprefix("#") for link in page.select(".ref-routes a")}
    assert linked == {section["id"] for section in page.select(".ref-route")} == set(told)
    without = {section["id"] for section in page.select(".ref-route") if not section.select(".ref-examples pre")}
    assert without <= {"reference_openapi"}


def test_fields_are_told_with_what_they_mean(page):
    section = page.find(id="check")
    words = " ".join(section.text.split())
    assert "code text · must be given" in words
    assert "The strictest of the matches." in words
    assert 'one of "matched", "clean", "too_short", "not_code", "incomplete"' in words
    assert "swhid" in words, "fields inside fields too"
    assert "max_new_tokens whole number, 1 to 4,096, 256 where left out" in " ".join(
        page.find(id="generate").text.split()
    )


def test_it_works_offline_under_the_policy_of_the_site(client, page):
    assert not page.select("main script, main style, main [style], main iframe, main img")
    assert all(
        link["href"].startswith(("/static/", "/code-colours")) or link.find_parent("head") for link in page("link")
    )
    assert "default-src 'none'" in client.get("/docs").headers["Content-Security-Policy"]
    for link in page.select("main a"):
        if link["href"].startswith("/"):
            assert client.get(link["href"]).status_code == 200


@pytest.mark.parametrize("example", KEPT, ids=lambda one: f"{one['operation']}: {one['title']}")
def test_an_example_is_what_a_real_server_answers_and_the_document_says(own_address, example):
    request, told = json.loads(json.dumps(example["request"])), example["answer"]
    if "/records/0" in request["path"]:
        # The record of the day on which the examples were made.
        first = {"method": "POST", "path": "/api/v1/check", "headers": {}, "body": KEPT[0]["request"]["body"]}
        id = asked(own_address, first)["body"]["id"]
        request["path"] = re.sub(r"/records/0[\w-]+", f"/records/{id}", request["path"])
        if told["status"] == 410:
            asked(own_address, request | {"method": "DELETE"})
    if "/audits/0" in request["path"]:
        # Audits of a project that nothing is decided about.
        known = two_audits(own_address)
        (path,) = (path for operation, _, _, path, _, _ in ASKED if operation == example["operation"])
        if example["operation"] in ("decisions_finding", "decisions_withdraw"):
            decided = next(one for one in KEPT if one["operation"] == "decisions_decide")["request"]
            address = f"/api/v1/audits/{known['{audit}']}/findings/{known['{fingerprint}']}/decision"
            asked(own_address, {**decided, "headers": {}, "path": address})
        request["path"] = re.sub(r"\{\w+\}", lambda name: known[name[0]], path)
    request["headers"].pop("Idempotency-Key", None)
    answer = asked(own_address, request)
    assert (answer["status"], answer["type"]) == (told["status"], told["type"])
    assert _kinds(answer["body"]) == _kinds(told["body"])


def test_the_examples_are_in_the_schema(own_address):
    document = httpx2.get(f"{own_address}/openapi.json").json()
    routes = {
        one["operationId"]: (path, method) for path, on in document["paths"].items() for method, one in on.items()
    }
    assert {example["operation"] for example in KEPT} == set(routes) - {"reference_openapi"}
    for example in KEPT:
        answer = example["answer"]
        if answer["type"] in ("application/json", "application/problem+json"):
            path, method = routes[example["operation"]]
            validator = validator_of(document, path, method, answer["status"], answer["type"])
            assert list(validator.iter_errors(answer["body"])) == [], example["title"]


def _kinds(body):
    """Return what an answer is made of: names and types, not values that change from run to run."""
    if isinstance(body, dict):
        return {name: _kinds(part) for name, part in body.items()}
    if isinstance(body, list):
        return [_kinds(part) for part in body]
    return type(body).__name__ if isinstance(body, (str, int, float)) and not isinstance(body, bool) else body


def test_all_examples_can_be_made_anew(own_address):
    assert [one["operation"] for one in made(own_address)] == [one["operation"] for one in KEPT]
