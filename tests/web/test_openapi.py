"""The OpenAPI document: valid, complete, and true of every real answer."""

import json
import re
from typing import Any

import httpx2
import pytest
from described import validator_of
from openapi_spec_validator import OpenAPIV31SpecValidator
from recorded import CODE

from web.operations import operation_of

API = ("/api/", "/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json")


@pytest.fixture(scope="module")
def document(address) -> dict[str, Any]:
    return httpx2.get(f"{address}/openapi.json").json()


def test_an_independent_validator_finds_no_mistake(document):
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_route_of_the_api_is_described(app):
    without = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(API) and operation_of(app.view_functions[rule.endpoint]) is None
    ]
    assert without == [], "put @operation(...) of web.operations below the route of each"


def test_every_operation_is_told_in_words(document):
    told = [one for path in document["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in told}) == len(told) >= 19
    assert [one["operationId"] for one in told if not (one["summary"] and one["description"])] == []


def _asked(address, method, url, **sent):
    return httpx2.request(method, address + url, timeout=60, **sent)


REAL = [
    ("POST", "/api/v1/check", "/api/v1/check", {"code": CODE.decode(), "path": "finder.py"}, 200),
    ("POST", "/api/v1/check", "/api/v1/check", {"code": "x"}, 200),
    ("POST", "/api/v1/check", "/api/v1/check", {"code": 1, "colour": 2}, 422),
    ("POST", "/api/v1/generate", "/api/v1/generate", {"prompt": "def f(", "max_new_tokens": 9, "logprobs": 2}, 200),
    ("POST", "/api/v1/generate", "/api/v1/generate", {"prompt": "f", "mode": "instruct", "max_new_tokens": 9}, 200),
    ("POST", "/api/v1/licenses/detect", "/api/v1/licenses/detect", {"text": "SPDX-License-Identifier: MIT"}, 200),
    ("POST", "/api/v1/licenses/detect", "/api/v1/licenses/detect", {"text": "nothing"}, 200),
    ("POST", "/v1/completions", "/v1/completions", {"model": "embedded", "prompt": "x", "logprobs": 1}, 200),
    ("POST", "/v1/completions", "/v1/completions", {"model": "gpt"}, 404),
    (
        "POST",
        "/v1/chat/completions",
        "/v1/chat/completions",
        {"model": "embedded", "messages": [{"role": "user", "content": "x"}], "max_tokens": 4, "logprobs": True},
        200,
    ),
    ("POST", "/v1/fim/completions", "/v1/fim/completions", {"model": "embedded", "prompt": "x", "max_tokens": 4}, 200),
    ("GET", "/v1/models", "/v1/models", None, 200),
    ("GET", "/v1/models/{name}", "/v1/models/embedded", None, 200),
    ("GET", "/api/v1/sources", "/api/v1/sources?limit=1", None, 200),
    ("GET", "/api/v1/sources", "/api/v1/sources?limit=1&limit=2", None, 422),
    ("GET", "/api/v1/sources/{purl}", "/api/v1/sources/pkg:pypi/upward@2.1.0", None, 200),
    ("GET", "/api/v1/sources/{purl}", "/api/v1/sources/pkg:pypi/none@2", None, 404),
    ("GET", "/api/v1/policy", "/api/v1/policy", None, 200),
    ("GET", "/api/v1/licenses/{expression}", "/api/v1/licenses/GPL-2.0 OR MIT", None, 200),
    ("GET", "/api/v1/records/{id}", "/api/v1/records/none", None, 404),
    ("GET", "/healthz", "/healthz", None, 200),
    ("GET", "/readyz", "/readyz", None, 200),
]


@pytest.mark.parametrize(("method", "path", "url", "body", "status"), REAL)
def test_a_real_answer_is_what_the_document_says(address, document, method, path, url, body, status):
    response = _asked(address, method, url, **({} if body is None else {"json": body}))
    assert response.status_code == status
    media = response.headers["Content-Type"].split(";")[0]
    errors = list(validator_of(document, path, method.lower(), status, media).iter_errors(response.json()))
    assert errors == []


def test_what_is_kept_of_a_check_is_what_the_document_says(address, document):
    id = _asked(address, "POST", "/api/v1/check", json={"code": CODE.decode()}).json()["id"]
    for path, url in (
        ("/api/v1/records/{id}", f"/api/v1/records/{id}"),
        ("/api/v1/records/{id}/matches/{number}/origins", f"/api/v1/records/{id}/matches/0/origins"),
    ):
        answer = _asked(address, "GET", url).json()
        assert list(validator_of(document, path, "get", 200).iter_errors(answer)) == []


def test_every_line_of_a_batch_and_every_event_of_a_stream_is_what_the_document_says(address, document):
    lines = json.dumps({"code": CODE.decode(), "id": "a"}) + "\n{\n"
    sent = {"content": lines.encode(), "headers": {"Content-Type": "application/x-ndjson"}}
    answered = _asked(address, "POST", "/api/v1/check/batch", **sent).text.splitlines()
    validator = validator_of(document, "/api/v1/check/batch", "post", 200, "application/x-ndjson", "x-itemSchema")
    assert [list(validator.iter_errors(json.loads(line))) for line in answered] == [[], []]
    asked = {"prompt": "def walk_up(path, name):\n", "max_new_tokens": 40, "stream": True}
    stream = _asked(address, "POST", "/api/v1/generate", json=asked).text
    events = re.findall(r"event: (\w+)\ndata: (.*)\n\n", stream)
    assert [name for name, _ in events][-2:] == ["choice", "done"]
    validator = validator_of(document, "/api/v1/generate", "post", 200, "text/event-stream", "x-itemSchema")
    for name, data in events:
        assert list(validator.iter_errors({"event": name, "data": json.loads(data)})) == []


def test_a_schema_that_is_wrong_would_be_noticed(document):
    validator = validator_of(document, "/healthz", "get", 200)
    assert [error.validator for error in validator.iter_errors({"status": "ok"})] == ["required"]
    assert [error.validator for error in validator.iter_errors({"status": "ok", "version": "1", "more": 1})] == [
        "additionalProperties"
    ]


def test_what_is_sent_in_the_wrong_way_is_said(address):
    refused = _asked(address, "PATCH", "/api/v1/check")
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


@pytest.mark.parametrize(
    "path", ["/openapi.json", "/api/v1/policy", "/api/v1/licenses/MIT", "/api/v1/sources", "/static/attrib.css"]
)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_what_has_not_changed_is_not_sent_again(address, path, encoding):
    first = _asked(address, "GET", path, headers={"Accept-Encoding": encoding})
    known = {"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]}
    again = _asked(address, "GET", path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert _asked(address, "GET", path, headers=known | {"If-None-Match": '"other"'}).content == first.content


def test_large_answers_are_compressed_and_streams_are_not(address):
    large = _asked(address, "GET", "/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert large.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in _asked(address, "GET", "/healthz", headers={"Accept-Encoding": "gzip"}).headers
    asked = {"prompt": "def f(", "max_new_tokens": 9, "stream": True}
    stream = _asked(address, "POST", "/api/v1/generate", json=asked, headers={"Accept-Encoding": "gzip, br, deflate"})
    assert "Content-Encoding" not in stream.headers
