"""`attrib serve` as it runs: to whom it opens, and requests that two servers could read differently."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import openai
import pytest
from click.testing import CliRunner

from attrib.cli.main import cli

ROOT = Path(__file__).parents[2]
BODY = b'{"code": "a"}'


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("serving") / "home"


@pytest.fixture(scope="module")
def key(home):
    args = ["--home", str(home), "keys", "create", "--name", "ci", "--scope", "check"]
    return CliRunner().invoke(cli, args).stdout.strip()


@pytest.fixture(scope="module")
def port(home, key, tmp_path_factory):
    """The port of a real server that asks for a key, on every address of this machine."""
    port = _free_port()
    command = [sys.executable, "-m", "attrib", "serve", "--host", "0.0.0.0", "--port", str(port), "--workers", "2"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATTRIB_")}
    environment |= {"ATTRIB_HOME": str(home), "PYTHONPATH": str(ROOT)}
    folder = tmp_path_factory.mktemp("work")
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stderr=log)
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
            break
        except OSError:
            time.sleep(0.1)
    yield port
    server.terminate()
    server.wait(40)
    said = (folder / "log").read_text()
    assert "rate_limit_storage" in said
    assert key not in said


def _ask(port, path, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_server_with_a_key_may_be_reached_and_asks_for_it(port, key):
    assert _ask(port, "/api/v1/policy") == 401
    assert _ask(port, "/api/v1/policy", Authorization=f"Bearer {key}") == 200
    assert _ask(port, "/healthz") == 200


def test_openais_own_client_shows_a_key(port, key):
    def client(shown):
        return openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key=shown, max_retries=0)

    with pytest.raises(openai.AuthenticationError, match="this is no key of Attrib") as refused:
        client("sk-of-another-service").models.list()
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.PermissionDeniedError, match="lacks the scope 'generate'"):
        client(key).completions.create(model="embedded", prompt="a")


def test_a_server_without_a_key_refuses_to_be_reached(tmp_path):
    runner, home = CliRunner(), ["--home", str(tmp_path / "home")]
    refused = runner.invoke(cli, [*home, "serve", "--host", "0.0.0.0", "--port", str(_free_port())])
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "make one with `attrib keys create`, or give --open-to-all" in refused.stderr


def _raw(port, sent):
    """Send bytes and return all that comes back before the server closes, or says no more."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent)
        connection.settimeout(3)
        got = b""
        try:
            while piece := connection.recv(65536):
                got += piece
        except TimeoutError:
            pass
    return got


SMUGGLED = b"GET /api/v1/policy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 0\r\n",
        b"Content-Length: 0, 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length : 5\r\n",
        b"Content-Length: 5_0\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"X: a\r\n Transfer-Encoding: chunked\r\n",
        b"Transfer_Encoding: chunked\r\nX\x00: a\r\n",
    ],
)
def test_a_request_with_two_readings_is_refused_and_nothing_after_it_is_read(port, headers):
    request = b"POST /api/v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + b"\r\n0\r\n\r\n" + SMUGGLED
    answers = re.findall(rb"HTTP/1\.1 (\d+)", _raw(port, request))
    assert len(answers) == 1
    assert answers[0] in (b"400", b"501")


@pytest.mark.parametrize(
    "chunk", [b"0x5\r\nhello\r\n", b"-5\r\nhello\r\n", b"5;\nhello\r\n", b"5 \r\nhello\r\n", b"\r\n"]
)
def test_a_chunk_of_no_certain_size_is_not_read(port, chunk):
    head = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
    form = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    answers = re.findall(rb"HTTP/1\.1 (\d+)", _raw(port, head + form + chunk + b"0\r\n\r\n" + SMUGGLED))
    assert b"200" not in answers
    assert len(answers) <= 1


def test_a_request_whose_body_nobody_read_leaves_nothing_for_the_next(port):
    body = SMUGGLED
    head = b"POST /api/v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    after = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    answers = re.findall(rb"HTTP/1\.1 (\d+)", _raw(port, head + body + after))
    assert answers in ([b"401"], [b"401", b"200"])


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../../../etc/passwd",
        "/static/..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static/....//....//app.py",
        "/static//etc/passwd",
        "/static/..\\..\\app.py",
        "/static/%5c..%5c..%5capp.py",
        "/bootstrap/static/../../../app.py",
        "/static/attrib.css%00.py",
        "/static/%c0%ae%c0%ae/app.py",
        "/records/../../etc/passwd",
        "/records/..%2f..%2fattrib.db/1/code.txt",
        "/problems/..%2f..%2fetc%2fpasswd",
        "/api/v1/records/..%2f..%2fattrib.db",
        "/api/v1/licenses/..%2f..%2fetc%2fpasswd",
        "/api/v1/sources/..%2f..%2fetc%2fpasswd",
    ],
)
def test_no_path_leads_out_of_what_is_served(port, key, path):
    """Sent as it is: a client would tidy the path up first."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    answer = _raw(port, request.encode())
    assert re.match(rb"HTTP/1\.1 (400|404|422|308)", answer), answer[:80]
    assert b"root:" not in answer
    assert b"create_app" not in answer
    assert b"SQLite format" not in answer


def test_a_line_end_in_a_header_of_ours_is_not_possible(port, key):
    for path in ("/login?next=/%0d%0aSet-Cookie:%20a=b", "/records/%0d%0aX-Evil:%20b", "/%0d%0aX-Evil:%20b"):
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id: a%0d%0a\r\nConnection: close\r\n\r\n"
        head = _raw(port, request.encode()).partition(b"\r\n\r\n")[0]
        assert b"X-Evil" not in head
        assert b"\r\nSet-Cookie: a=b" not in head
