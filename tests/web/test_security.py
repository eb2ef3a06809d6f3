"""What other sites' pages, and names pointed at this machine, cannot do."""

import pytest

from web.app import create_app


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
    ],
)
@pytest.mark.parametrize("route", ["/check", "/generate", "/api/v1/check", "/api/v1/generate"])
def test_another_sites_page_can_start_nothing(client, recorded, route, headers):
    response = client.post(route, data={"code": "a", "prompt": "a"}, headers=headers)
    assert response.status_code == 403
    assert recorded.asked == []


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}]
)
def test_our_own_form_and_programs_can(client, headers):
    assert client.post("/check", data={"code": "a"}, headers=headers).status_code == 303


def test_a_foreign_name_pointed_at_this_machine_gets_nothing(recorded, config):
    client = create_app(recorded, config, trusted_hosts=("localhost", "127.0.0.1")).test_client()
    for address in ("/", "/records/0198-check", "/api/v1/sources"):
        assert client.get(address, headers={"Host": "evil.example"}).status_code == 400
        assert client.get(address, headers={"Host": "localhost:8000"}).status_code in (200, 404)


def test_every_answer_carries_the_headers(client, recorded):
    recorded.error = KeyError("x")
    answers = [
        client.get("/"),
        client.get("/nothing"),
        client.get("/static/attrib.css"),
        client.get("/healthz"),
        client.post("/api/v1/check", json={"code": "a"}),
        client.post("/check", data={"code": "a"}, headers={"Origin": "https://evil.example"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 200, 200, 500, 403]
    for answer in answers:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Request-Id"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Set-Cookie" not in answer.headers
