"""The JSON API: the contract's shape, and one clear problem for every wrong request."""

import json
from dataclasses import replace

import pytest
from recorded import CODE, checked, match, origin

from attrib.answers import Action, GeneratedChoice, Verdict
from attrib.errors import EmptyIndex, UnreadableInput
from generator.base import GenerationRequest
from generator.errors import MissingWeights, PromptTooLong
from index.collection import Collection

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def _problem(response, status, kind):
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    body = response.get_json()
    assert body["status"] == status
    assert body["type"] == f"/problems/{kind}"
    assert body["request_id"] == response.headers["X-Request-Id"]
    return body


def test_a_check_answers_in_the_shape_of_the_contract(client, recorded):
    response = client.post("/api/v1/check", json={"code": CODE.decode(), "path": "a.py", "exclude": ["pkg:pypi/own"]})
    assert response.status_code == 200
    assert response.get_json() == recorded.check_answer.as_json()
    assert recorded.asked == [(CODE, "a.py", None, ("pkg:pypi/own",))]


def test_a_generation_asks_for_what_was_sent(client, recorded):
    recorded.choices = [GeneratedChoice("x = 1", "x = 1", "stop", checked())]
    sent = {"prompt": "def f(", "suffix": ")", "max_new_tokens": 9, "temperature": 1, "seed": 3, "stop": ["\n\n"]}
    response = client.post("/api/v1/generate", json=sent | {"language": "py"})
    assert response.get_json()["choices"][0]["code"] == "x = 1"
    asked = GenerationRequest(
        "def f(", ")", max_new_tokens=9, temperature=1.0, seed=3, stop=("\n\n",), time_limit=600.0
    )
    assert recorded.asked == [(asked, "Python", ())]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "not-json", 400),
        (b"{", "not-json", 400),
        (b'{"code": "\xff"}', "not-json", 400),
        (b'{"code": "\\ud800"}', "not-json", 400),
        (b"[" * 100_000, "not-json", 400),
        (b"[]", "invalid-fields", 422),
        (b"null", "invalid-fields", 422),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(client, body, kind, status):
    _problem(client.post("/api/v1/check", data=body, content_type="application/json"), status, kind)


@pytest.mark.parametrize(
    ("route", "body", "pointers"),
    [
        ("check", {}, ["/code"]),
        ("check", {"code": 1}, ["/code"]),
        ("check", {"code": "a", "colour": "red"}, ["/colour"]),
        ("check", {"code": "a", "a/b~c": 1}, ["/a~1b~0c"]),
        ("check", {"code": "a", "language": "klingon"}, ["/language"]),
        ("check", {"code": "a", "path": "a\nb"}, ["/path"]),
        ("check", {"code": "a", "exclude": ["pkg:pypi/a", "flask"]}, ["/exclude/1"]),
        ("generate", {"prompt": "a\0"}, ["/prompt"]),
        ("generate", {"prompt": "a", "n": "2"}, ["/n"]),
        ("generate", {"prompt": "a", "n": True}, ["/n"]),
        ("generate", {"prompt": "a", "max_new_tokens": 0, "top_p": 2}, ["/max_new_tokens", "/top_p"]),
        ("generate", {"prompt": "a", "seed": 2**63}, ["/seed"]),
        ("generate", {"prompt": "a", "stop": [""]}, ["/stop/0"]),
        ("generate", {"prompt": "a", "stream": "yes"}, ["/stream"]),
        ("generate", {"prompt": "a", "mode": "chat"}, ["/mode"]),
    ],
)
def test_a_wrong_field_is_named(client, recorded, route, body, pointers):
    problem = _problem(client.post(f"/api/v1/{route}", json=body), 422, "invalid-fields")
    assert [error["pointer"] for error in problem["errors"]] == pointers
    assert all(error["detail"] for error in problem["errors"])
    assert recorded.asked == []


def test_numbers_that_are_none_are_refused(client):
    body = b'{"prompt": "a", "temperature": 1e999}'
    response = client.post("/api/v1/generate", data=body, content_type="application/json")
    assert _problem(response, 422, "invalid-fields")["errors"][0]["field"] == "temperature"


def test_another_content_type_is_refused(client):
    _problem(client.post("/api/v1/check", data=b'{"code": "a"}', content_type="text/plain"), 415, "not-json-type")


def test_too_much_code_and_too_large_a_body_are_refused(client, config, recorded):
    code = "x" * (config.max_code_bytes + 1)
    _problem(client.post("/api/v1/check", json={"code": code}), 413, "too-large")
    body = b'{"code": "' + b"x" * (7 * config.max_code_bytes) + b'"}'
    _problem(client.post("/api/v1/check", data=body, content_type="application/json"), 413, "too-large")
    assert recorded.asked == []


def test_code_of_the_largest_size_is_taken_however_it_is_escaped(client, config, recorded):
    body = b'{"code": "' + b"\\u0001" * config.max_code_bytes + b'"}'
    assert client.post("/api/v1/check", data=body, content_type="application/json").status_code == 200
    assert len(recorded.asked[0][0]) == config.max_code_bytes


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (UnreadableInput("the code cannot be read."), 422, "unusable-input"),
        (EmptyIndex("the index has nothing in it yet."), 503, "not-ready"),
        (PromptTooLong("the prompt is too long."), 422, "not-generated"),
        (MissingWeights("the weights are not there."), 503, "generator-unavailable"),
    ],
)
def test_what_the_service_refuses_is_a_problem_with_its_sentence(client, recorded, error, status, kind):
    recorded.error = error
    response = client.post("/api/v1/generate", json={"prompt": "a"})
    assert _problem(response, status, kind)["detail"] == str(error)


def test_an_unexpected_error_tells_nothing_and_logs_no_code(client, recorded, caplog):
    recorded.error = KeyError("SECRET CODE")
    response = client.post("/api/v1/check", json={"code": "SECRET CODE"})
    _problem(response, 500, "internal")
    assert b"SECRET" not in response.data
    assert "KeyError" in caplog.text
    assert "SECRET CODE" not in caplog.text


def test_unknown_routes_methods_and_records_are_problems(client):
    _problem(client.get("/api/v1/nothing"), 404, "not-found")
    _problem(client.get("/api/v1/records/none"), 404, "no-such-record")
    _problem(client.get("/api/v1/sources/pkg:pypi/none@1"), 404, "no-such-source")
    _problem(client.get("/api/v1/licenses/No-Such-License"), 404, "no-such-license")
    response = client.get("/api/v1/check")
    _problem(response, 405, "method-not-allowed")
    assert "POST" in response.headers["Allow"]


def test_every_problem_type_has_its_page(client):
    kinds = ["invalid-fields", "not-json", "too-large", "not-ready"]
    assert {client.get(f"/problems/{kind}").status_code for kind in kinds} == {200}


def test_the_callers_request_id_is_kept_where_it_is_one(client):
    assert client.get("/healthz", headers={"X-Request-Id": "job-17.a"}).headers["X-Request-Id"] == "job-17.a"
    assert client.get("/healthz", headers={"X-Request-Id": "a b<script>"}).headers["X-Request-Id"].isalnum()


def test_sources_are_cut_into_pages_that_miss_and_repeat_nothing(client, recorded):
    seen, cursor = [], ""
    while cursor is not None:
        query = {"limit": 50} | ({"cursor": cursor} if cursor else {})
        body = client.get("/api/v1/sources", query_string=query).get_json()
        seen += [source["purl"] for source in body["sources"]]
        cursor = body["cursor"]
    assert seen == [source.purl for source in recorded.summaries]
    _problem(client.get("/api/v1/sources?limit=0"), 422, "invalid-fields")


def test_a_source_is_told_with_its_collection_and_asked_for_by_it(client, recorded):
    twin = replace(recorded.summaries[3], collection=Collection.RESTRICTED, license_expression="GPL-3.0-only")
    recorded.summaries.insert(4, twin)
    first = client.get("/api/v1/sources?limit=4").get_json()
    assert [one["collection"] for one in first["sources"]] == ["permissive"] * 4
    following = client.get("/api/v1/sources", query_string={"limit": 1, "cursor": first["cursor"]}).get_json()
    assert [(one["purl"], one["collection"]) for one in following["sources"]] == [(twin.purl, "restricted")]
    only = client.get("/api/v1/sources?collection=restricted").get_json()
    assert [one["license"] for one in only["sources"]] == ["GPL-3.0-only"]
    assert client.get(f"/api/v1/sources/{twin.purl}").get_json()["collection"] == "permissive"
    assert client.get(f"/api/v1/sources/{twin.purl}?collection=restricted").get_json()["license"] == "GPL-3.0-only"
    assert _problem(client.get("/api/v1/sources?collection=secret"), 422, "invalid-fields")["errors"]
    _problem(client.get(f"/api/v1/sources/{twin.purl}?what=1"), 422, "invalid-fields")


def test_a_record_never_shows_what_was_withheld(client, recorded, monkeypatch):
    blocked = checked(match(verdict=Verdict(Action.BLOCK, ("GPL-3.0-only is not allowed",))))
    recorded.choices = [GeneratedChoice(None, None, "stop", blocked)]
    recorded.written = b"withheld = 'SECRET'"
    id = client.post("/api/v1/generate", json={"prompt": "a"}).get_json()["id"]
    assert recorded.record(id).code == b"withheld = 'SECRET'"
    response = client.get(f"/api/v1/records/{id}")
    assert b"SECRET" not in response.data
    assert response.get_json()["answer"]["choices"][0]["reasons"] == ["GPL-3.0-only is not allowed"]


def test_an_answer_has_the_first_origins_and_the_others_follow_in_pages(client, recorded):
    origins = tuple(origin(purl=f"pkg:pypi/host{number}@1") for number in range(123))
    recorded.check_answer = checked(match(), match(origins=origins))
    answer = client.post("/api/v1/check", json={"code": CODE.decode()}).get_json()
    assert [len(one["origins"]) for one in answer["matches"]] == [2, 10]
    assert [one["origins_total"] for one in answer["matches"]] == [2, 123]
    assert client.get("/api/v1/records/0198-check").get_json()["answer"] == answer
    seen, cursor = [], None
    while cursor is not None or not seen:
        query = {"limit": 50} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/records/0198-check/matches/1/origins", query_string=query).get_json()
        assert page["origins_total"] == 123
        seen += [one["purl"] for one in page["origins"]]
        cursor = page["cursor"]
    assert seen == [one.purl for one in origins]
    first = client.get("/api/v1/records/0198-check/matches/0/origins").get_json()
    assert first["cursor"] is None
    assert first["origins"] == answer["matches"][0]["origins"]


def test_the_matches_of_a_generation_are_numbered_through_its_choices(client, recorded):
    checks = [checked(match()), checked(), checked(match(), match(origins=(origin(purl="pkg:pypi/last@1"),)))]
    recorded.choices = [GeneratedChoice("x = 1", "x = 1", "stop", check) for check in checks]
    client.post("/api/v1/generate", json={"prompt": "a"})
    page = client.get("/api/v1/records/0198-generation/matches/2/origins").get_json()
    assert [one["purl"] for one in page["origins"]] == ["pkg:pypi/last@1"]


@pytest.mark.parametrize(
    ("address", "status", "kind"),
    [
        ("0198-check/matches/1/origins", 404, "no-such-match"),
        ("0198-check/matches/-1/origins", 404, "no-such-match"),
        ("0198-check/matches/first/origins", 404, "no-such-match"),
        (f"0198-check/matches/{'9' * 5000}/origins", 404, "no-such-match"),
        ("0198-check/matches/٣/origins", 404, "no-such-match"),
        ("nothing/matches/0/origins", 404, "no-such-record"),
        ("0198-check/matches/0/origins?limit=0", 422, "invalid-fields"),
        ("0198-check/matches/0/origins?limit=201", 422, "invalid-fields"),
        ("0198-check/matches/0/origins?cursor=x", 422, "invalid-fields"),
        ("0198-check/matches/0/origins?cursor=-1", 422, "invalid-fields"),
        ("0198-check/matches/0/origins?cursor=2", 404, "no-such-match"),
        ("0198-check/matches/0/origins?page=2", 422, "invalid-fields"),
    ],
)
def test_a_wrong_page_of_origins_is_refused(client, address, status, kind):
    client.post("/api/v1/check", json={"code": CODE.decode()})
    _problem(client.get(f"/api/v1/records/{address}"), status, kind)


def test_a_licence_says_what_it_asks_for(client):
    body = client.get("/api/v1/licenses/MIT").get_json()
    assert body["category"] == "permissive"
    assert "include_text" in body["asks"]


def test_readiness_tells_an_empty_index_from_a_full_one(client, recorded):
    assert client.get("/readyz").get_json()["index"]["sources"] == 120
    recorded.summaries = []
    _problem(client.get("/readyz"), 503, "not-ready")


def test_answers_are_json_with_their_keys_in_the_contracts_order(client):
    body = client.post("/api/v1/check", json={"code": "a"}).get_data(as_text=True)
    assert list(json.loads(body))[:3] == ["id", "status", "verdict"]
