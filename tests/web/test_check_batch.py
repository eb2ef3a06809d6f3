"""The batch: each line answered before the next is read, wrong lines on their own, memory bounded."""

import json
import socket
from collections.abc import Iterator

import pytest
from recorded import CODE

URL = "/api/v1/check/batch"


def _lines(client, body):
    response = client.post(URL, data=body, content_type="application/x-ndjson")
    assert response.status_code == 200
    assert response.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in response.data.splitlines()]


def _asked(**fields):
    return json.dumps(fields).encode()


def test_lines_are_answered_in_order_with_their_ids(client, recorded):
    body = b"\n".join([_asked(code="a", id="first"), b"", _asked(code="b", id=2), _asked(code="c")])
    answers = _lines(client, body)
    assert [(one["line"], one["id"]) for one in answers] == [(1, "first"), (3, 2), (4, None)]
    assert all(one["check"] == recorded.check_answer.as_json() and one["problem"] is None for one in answers)
    assert [code for code, *_ in recorded.asked] == [b"a", b"b", b"c"]


def test_a_wrong_line_has_its_own_problem_and_the_others_go_on(client):
    body = b'{"code": 1}\n{\n[]\n{"code": "a", "id": 7}\n\xff\n' + _asked(code="a", id=9, colour="red") + b"\n"
    answers = _lines(client, body)
    assert [one["line"] for one in answers] == [1, 2, 3, 4, 5, 6]
    kinds = [one["problem"] and one["problem"]["type"].rsplit("/", 1)[1] for one in answers]
    assert kinds == ["invalid-fields", "not-json", "invalid-fields", None, "not-json", "invalid-fields"]
    assert answers[0]["problem"]["errors"][0]["pointer"] == "/code"


def test_a_line_that_is_too_long_is_passed_over(client, config):
    longest = 6 * config.max_code_bytes + 256 * 1024
    answers = _lines(client, b"x" * (3 * longest) + b"\n" + _asked(code="a") + b"\n")
    assert [one["problem"] and one["problem"]["type"] for one in answers] == ["/problems/too-large", None]


def test_code_that_is_too_long_is_a_problem_of_its_line(client, config):
    answers = _lines(client, _asked(code="x" * (config.max_code_bytes + 1), id=1) + b"\n" + _asked(code="a"))
    assert [one["problem"] and one["problem"]["type"] for one in answers] == ["/problems/too-large", None]
    assert answers[0]["id"] == 1


def test_an_unexpected_error_tells_nothing_and_ends_only_its_line(client, recorded, caplog):
    recorded.error = KeyError("SECRET")
    (answer,) = _lines(client, _asked(code="SECRET"))
    assert answer["problem"]["status"] == 500
    assert "SECRET" not in json.dumps(answer) + caplog.text


def test_another_content_type_is_refused(client):
    response = client.post(URL, data=b"{}", content_type="application/json")
    assert (response.status_code, response.get_json()["type"]) == (415, "/problems/not-ndjson-type")


@pytest.fixture
def connection(address) -> Iterator[socket.socket]:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        yield connection


def test_a_line_is_answered_before_the_next_is_sent(connection):
    """Over a real connection: the second line is sent only after the first one's answer has come."""
    connection.sendall(
        b"POST /api/v1/check/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    received = b""
    for number in range(3):
        line = _asked(code=CODE.decode(), id=number) + b"\n"
        connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))
        while b'"id": %d' % number not in received:
            more = connection.recv(65_536)
            assert more
            received += more
    connection.sendall(b"0\r\n\r\n")
    assert received.count(b'"matched"') == 3
