"""Under retention "hashes" nothing that was sent or written is anywhere on the disk or in a log; logs never have it.

Every route and every command has a row here of what it is sent; one that is new and has none fails the test.
"""

import base64
import gzip
import io
import json
import socket
import sqlite3
import urllib.parse
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from markers import MARKER, found_below, found_in
from served import Answer, Served, SlowModel

from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import load_config
from tests.web.recorded import CODE, REFERENCE
from web.app import create_app

# A verbatim copy, with the marker beside it, and one under other names, which are names of the marker.
COPY = f"{CODE.decode()}\n# {MARKER}\n{MARKER} = '{MARKER}'\n"
RENAMED = (
    REFERENCE.decode()
    .replace("current", f"{MARKER}_a")
    .replace("candidate", f"{MARKER}_b")
    .replace("parent", f"{MARKER}_c")
    .replace("name", f"{MARKER}_d")
    .replace("path", f"{MARKER}_e")
    .replace(f"os.{MARKER}_e", "os.path")
)
OWN = f"def {MARKER}(a):\n    return a + '{MARKER}'\n" * 30
WORDS = COPY.splitlines(keepends=True)
TOO_LONG = f"{MARKER}\n" * 30_000
SETTINGS = {"ATTRIB_MAX_CODE_BYTES": "200000"}
ID = "01900000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request; `path` has {id} where the id of the newest record goes."""

    path: str
    body: bytes | None = None
    content_type: str = ""


def _json(path: str, /, **fields: object) -> Sent:
    return Sent(path, json.dumps(fields).encode(), "application/json")


def _form(path: str, /, **fields: str) -> Sent:
    return Sent(path, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")


def _upload(path: str, content: str) -> Sent:
    head = 'Content-Disposition: form-data; name="file"; filename="mine.py"\r\nContent-Type: text/plain'
    body = f"--edge\r\n{head}\r\n\r\n{content}\r\n--edge--\r\n"
    return Sent(path, body.encode(), "multipart/form-data; boundary=edge")


def _archive(path: str, content: str) -> Sent:
    """An archive with a file that has the marker in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tree/mine.py", content)
    head = 'Content-Disposition: form-data; name="archive"; filename="tree.zip"\r\nContent-Type: application/zip'
    body = f"--edge\r\n{head}\r\n\r\n".encode() + packed.getvalue() + b"\r\n--edge--\r\n"
    return Sent(path, body, "multipart/form-data; boundary=edge")


def _raw(path: str, text: str, content_type: str = "application/json") -> Sent:
    return Sent(path, text.encode(), content_type)


def _wrong_bodies(path: str) -> list[Sent]:
    """Bodies that are refused, each in another place, with the marker in them."""
    return [
        _raw(path, f'{{"code": "{MARKER}", "prompt": "{MARKER}'),
        _raw(path, f"{MARKER}"),
        _raw(path, f'["{MARKER}"]'),
        _raw(path, f'{{"code": "{MARKER}"}}', "text/plain"),
        _json(path, **{MARKER: MARKER}),
        _json(path, code={MARKER: MARKER}, prompt=[MARKER], messages=MARKER, text=[MARKER], path=[MARKER]),
        _json(path, code=MARKER, prompt=MARKER, language=MARKER, exclude=[MARKER], model=MARKER),
        _json(path, code=TOO_LONG, prompt=TOO_LONG, messages=[{"role": "user", "content": TOO_LONG}]),
        Sent(path, f'{{"code": "{MARKER}'.encode() + b'\xff"}', "application/json"),
    ]


PROMPT = {"prompt": f"# {MARKER}\n", "suffix": f"\n# {MARKER}", "stop": [f"{MARKER} never"], "max_new_tokens": 400}
CHAT = {"messages": [{"role": "user", "content": MARKER}, {"role": "assistant", "content": MARKER}]}
FIM = {"prompt": f"{MARKER}\n", "suffix": MARKER, "stop": f"{MARKER} never"}
QUERY = f"?q={MARKER}&cursor={MARKER}&limit={MARKER}"

ROUTES: Mapping[tuple[str, str], list[Sent]] = {
    ("POST", "/api/v1/check"): [
        *(_json("/api/v1/check", code=code, path="mine.py") for code in (COPY, RENAMED, OWN, MARKER, f"{MARKER}\0")),
        _json("/api/v1/check", code=TOO_LONG),
        *_wrong_bodies("/api/v1/check"),
    ],
    ("POST", "/check"): [
        _form("/check", code=COPY, path="mine.py"),
        _form("/check", code=TOO_LONG),
        _form("/check", code=COPY, language=MARKER, exclude=MARKER),
        _upload("/check", RENAMED),
        # Larger than what is kept in memory by default.
        _upload("/check", TOO_LONG * 3),
        _raw("/check", f"{MARKER}=%%&{MARKER}", "multipart/form-data; boundary=edge"),
    ],
    ("POST", "/api/v1/generate"): [
        _json("/api/v1/generate", **PROMPT),
        _json("/api/v1/generate", **PROMPT, stream=True),
        _json("/api/v1/generate", prompt=MARKER, n=2, logprobs=2),
        _json("/api/v1/generate", prompt=MARKER, mode="chat"),
        *_wrong_bodies("/api/v1/generate"),
    ],
    ("POST", "/generate"): [
        _form("/generate", prompt=MARKER, suffix=MARKER, stop=f"{MARKER} never"),
        _form("/generate", prompt=MARKER, n=MARKER, language=MARKER),
    ],
    ("POST", "/v1/completions"): [
        _json("/v1/completions", model="slow", prompt=MARKER, stream=True, stop=[f"{MARKER} never"]),
        _json("/v1/completions", model="slow", prompt=MARKER, echo=True, user=MARKER),
        _json("/v1/completions", model="slow", prompt=MARKER, suffix=MARKER),
        *_wrong_bodies("/v1/completions"),
    ],
    ("POST", "/v1/chat/completions"): [
        _json("/v1/chat/completions", model="slow", **CHAT),
        _json("/v1/chat/completions", model="slow", **CHAT, stream=True),
        *_wrong_bodies("/v1/chat/completions"),
    ],
    ("POST", "/v1/fim/completions"): [
        _json("/v1/fim/completions", model="slow", **FIM),
        *_wrong_bodies("/v1/fim/completions"),
    ],
    ("POST", "/api/v1/licenses/detect"): [
        _json("/api/v1/licenses/detect", text=f"{MARKER}\nCopyright (c) 2020 {MARKER}\nSPDX-License-Identifier: MIT"),
        *_wrong_bodies("/api/v1/licenses/detect"),
    ],
    ("GET", "/static/<path:filename>"): [Sent(f"/static/{MARKER}")],
    ("GET", "/bootstrap/static/<path:filename>"): [Sent(f"/bootstrap/static/{MARKER}")],
    ("GET", "/"): [Sent(f"/{QUERY}")],
    ("GET", "/about"): [Sent(f"/about{QUERY}")],
    ("GET", "/check"): [Sent(f"/check?code={MARKER}")],
    ("GET", "/generate"): [Sent(f"/generate?prompt={MARKER}")],
    ("GET", "/records/<id>"): [Sent("/records/{id}"), Sent(f"/records/{MARKER}")],
    ("GET", "/records/<id>/<int:number>/notice.txt"): [Sent("/records/{id}/1/notice.txt")],
    ("GET", "/records/<id>/<int:number>/code.txt"): [Sent("/records/{id}/1/code.txt")],
    ("GET", "/records/<id>/<int:number>/side-file.license"): [Sent("/records/{id}/1/side-file.license")],
    ("GET", "/records/<id>/<int:number>/attribution.zip"): [Sent("/records/{id}/1/attribution.zip")],
    ("GET", "/records/<id>/delete"): [Sent("/records/{id}/delete"), Sent(f"/records/{MARKER}/delete")],
    ("POST", "/records/<id>/delete"): [Sent(f"/records/{MARKER}/delete", MARKER.encode(), "text/plain")],
    ("GET", "/sources"): [Sent(f"/sources{QUERY}"), Sent(f"/sources?q={MARKER}")],
    ("GET", "/sources/<path:purl>"): [Sent(f"/sources/{MARKER}")],
    ("GET", "/licenses/<path:expression>"): [Sent(f"/licenses/{MARKER}")],
    ("GET", "/code-colours.css"): [Sent(f"/code-colours.css{QUERY}")],
    ("GET", "/api/v1/records/<id>"): [Sent("/api/v1/records/{id}"), Sent(f"/api/v1/records/{MARKER}")],
    ("DELETE", "/api/v1/records/<id>"): [Sent(f"/api/v1/records/{MARKER}")],
    ("GET", "/api/v1/records/<id>/notice"): [Sent(f"/api/v1/records/{ID}/notice?format={MARKER}")],
    ("GET", "/api/v1/records/<id>/matches/<number>/origins"): [
        Sent("/api/v1/records/{id}/matches/0/origins"),
        Sent(f"/api/v1/records/{ID}/matches/{MARKER}/origins?cursor={MARKER}"),
    ],
    ("GET", "/api/v1/sources"): [Sent(f"/api/v1/sources{QUERY}"), Sent(f"/api/v1/sources?q={MARKER}")],
    ("GET", "/api/v1/sources/<path:purl>"): [Sent(f"/api/v1/sources/{MARKER}")],
    ("GET", "/api/v1/policy"): [Sent(f"/api/v1/policy{QUERY}")],
    ("GET", "/api/v1/licenses/<license:expression>"): [Sent(f"/api/v1/licenses/{MARKER}")],
    ("GET", "/v1/models"): [Sent(f"/v1/models{QUERY}")],
    ("GET", "/v1/models/<path:name>"): [Sent(f"/v1/models/{MARKER}")],
    ("GET", "/healthz"): [Sent(f"/healthz{QUERY}")],
    ("GET", "/readyz"): [Sent(f"/readyz{QUERY}")],
    ("GET", "/metrics"): [Sent(f"/metrics{QUERY}")],
    ("GET", "/problems/<kind>"): [Sent(f"/problems/{MARKER}")],
    ("GET", "/docs"): [Sent(f"/docs{QUERY}")],
    ("GET", "/openapi.json"): [Sent(f"/openapi.json{QUERY}")],
    ("GET", "/records"): [Sent(f"/records{QUERY}"), Sent(f"/records?q={MARKER}")],
    ("GET", "/api/v1/records"): [Sent(f"/api/v1/records{QUERY}"), Sent(f"/api/v1/records?q={MARKER}")],
    ("POST", "/api/v1/check/batch"): [
        _raw("/api/v1/check/batch", json.dumps({"code": COPY}) + f"\n{MARKER}\n", "application/x-ndjson"),
        *_wrong_bodies("/api/v1/check/batch"),
    ],
    ("GET", "/audits"): [Sent(f"/audits{QUERY}")],
    ("GET", "/audits/<id>"): [Sent(f"/audits/{MARKER}")],
    ("GET", "/audits/<id>/files/<int:number>"): [Sent(f"/audits/{MARKER}/files/1")],
    ("GET", "/audits/<id>/report"): [Sent(f"/audits/{MARKER}/report?format={MARKER}")],
    ("POST", "/audits"): [_archive("/audits", COPY), _upload("/audits", COPY)],
    ("POST", "/audits/<id>/cancel"): [Sent(f"/audits/{MARKER}/cancel", MARKER.encode(), "text/plain")],
    ("GET", "/api/v1/audits"): [Sent(f"/api/v1/audits{QUERY}")],
    ("GET", "/api/v1/audits/<id>"): [Sent(f"/api/v1/audits/{MARKER}")],
    ("GET", "/api/v1/audits/<id>/report"): [Sent(f"/api/v1/audits/{MARKER}/report?format={MARKER}")],
    ("GET", "/api/v1/audits/<id>/findings/<fingerprint>"): [Sent(f"/api/v1/audits/{MARKER}/findings/{MARKER}")],
    ("POST", "/api/v1/audits/<id>/findings/<fingerprint>/decision"): [
        _json(f"/api/v1/audits/{MARKER}/findings/{MARKER}/decision", decision="accepted", reason=MARKER, by=MARKER),
        *_wrong_bodies(f"/api/v1/audits/{MARKER}/findings/{MARKER}/decision"),
    ],
    ("DELETE", "/api/v1/audits/<id>/findings/<fingerprint>/decision"): [
        Sent(f"/api/v1/audits/{MARKER}/findings/{MARKER}/decision?reason={MARKER}&by={MARKER}"),
    ],
    ("GET", "/api/v1/audits/<id>/compare/<earlier>"): [Sent(f"/api/v1/audits/{MARKER}/compare/{MARKER}")],
    ("POST", "/api/v1/audits/server-path"): [
        _json("/api/v1/audits/server-path", path=f"/{MARKER}", project=MARKER),
        *_wrong_bodies("/api/v1/audits/server-path"),
    ],
    ("POST", "/audits/server-path"): [_form("/audits/server-path", path=f"/{MARKER}", project=MARKER)],
    ("GET", "/audits/<id>/findings/<fingerprint>"): [Sent(f"/audits/{MARKER}/findings/{MARKER}?by={MARKER}")],
    ("POST", "/audits/<id>/findings/<fingerprint>"): [
        _form(f"/audits/{MARKER}/findings/{MARKER}", decision="accepted", reason=MARKER, by=MARKER),
    ],
    ("POST", "/audits/<id>/findings/<fingerprint>/withdraw"): [
        _form(f"/audits/{MARKER}/findings/{MARKER}/withdraw", why=MARKER, by=MARKER),
    ],
    ("GET", "/audits/<id>/compare"): [Sent(f"/audits/{MARKER}/compare?earlier={MARKER}")],
    ("POST", "/api/v1/audits"): [_archive("/api/v1/audits", COPY), _upload("/api/v1/audits", COPY)],
    ("POST", "/api/v1/audits/<id>/cancel"): [Sent(f"/api/v1/audits/{MARKER}/cancel", MARKER.encode(), "text/plain")],
    ("GET", "/login"): [Sent(f"/login?next=/{MARKER}")],
    ("POST", "/login"): [_form("/login", key=MARKER, next=f"/{MARKER}")],
    ("POST", "/login/out"): [_form("/login/out", token=MARKER)],
    ("GET", "/login/provider"): [Sent(f"/login/provider?next=/{MARKER}")],
    ("GET", "/login/provider/back"): [Sent(f"/login/provider/back?code={MARKER}&state={MARKER}")],
}

NO_HTTP = (
    f"{MARKER}\r\n\r\n",
    f"GET /{MARKER} {MARKER}\r\n\r\n",
    f"GET / HTTP/1.1\r\n{MARKER} {MARKER}: {MARKER}\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: {MARKER}.example\r\nCookie: {MARKER}\r\n\r\n",
    f"GET /?{MARKER * 1000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    f"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"Transfer-Encoding: chunked\r\n\r\n{MARKER}\r\n{MARKER}\r\n0\r\n\r\n",
    f"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nExpect: {MARKER}\r\nContent-Length: 5\r\n\r\n{MARKER}",
)


def test_every_route_has_its_row(tmp_path: Path) -> None:
    config = load_config({"home": tmp_path / "home"}, {}, tmp_path)
    with build_service(config) as service:
        rules = create_app(service, config).url_map.iter_rules()
        routes = {(method, rule.rule) for rule in rules for method in rule.methods or () if method in _SENDING}
    assert routes - set(ROUTES) == set(), "send these routes the marker, too"
    assert set(ROUTES) - routes == set()


_SENDING = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("retention", ["hashes", "full"])
def test_no_route_leaves_code_on_the_disk_or_in_a_log(home: Path, retention: str) -> None:
    settings = SETTINGS | {"ATTRIB_RETENTION": retention, "ATTRIB_LOG_FORMAT": "json", "TMPDIR": str(home.parent)}
    with SlowModel(WORDS) as model:
        with Served(home, ["--access-log"], settings | {"ATTRIB_MODEL": model.name}) as served:
            answers = {route: [_sent(served, route[0], one) for one in sent] for route, sent in ROUTES.items()}
            for text in NO_HTTP:
                _shout(served.port, text)
            _leave_in_the_middle(served)
            _break_the_database(home, lambda: [_sent(served, *one) for one in _WRITING])
        assert [line for line in served.said.splitlines() if found_in(line.encode())] == []
        # That all this was nothing to find would prove nothing.
        assert {answer.status for answer in answers["POST", "/api/v1/check"]} >= {200, 400, 413, 415, 422}
        checked = answers["POST", "/api/v1/check"][1].json
        assert MARKER in json.dumps(checked["matches"][0]["names"])
        assert MARKER in answers["POST", "/api/v1/generate"][0].json["choices"][0]["code"]
        assert b"event: done" in answers["POST", "/api/v1/generate"][1].body
        assert [answer.status for answer in answers["POST", "/v1/completions"][:3]] == [200, 200, 200]
        assert served.said.count("the request failed with") >= len(_WRITING)
        if retention == "hashes":
            assert found_below(home.parent) == []
        else:
            assert "attrib.db: records.code" in found_below(home.parent)


_STORING = {
    *("/api/v1/check", "/check", "/api/v1/generate", "/generate"),
    *("/v1/completions", "/v1/chat/completions", "/v1/fim/completions"),
}
_WRITING = [
    (method, next(one for one in sent if one.body and b"stream" not in one.body))
    for (method, rule), sent in ROUTES.items()
    if method == "POST" and rule in _STORING
]


def _sent(served: Served, method: str, sent: Sent) -> Answer:
    headers = {"Content_Type": sent.content_type} if sent.content_type else {}
    path = sent.path
    if "{id}" in path:
        newest = served.send("/api/v1/check", {"code": COPY, "path": "mine.py"}).json["id"]
        path = path.replace("{id}", newest)
    return served.ask(method, path, sent.body, **headers)


def _shout(port: int, text: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_WR)
        try:
            while connection.recv(65536):
                pass
        except ConnectionError:
            pass


def _leave_in_the_middle(served: Served) -> None:
    body = json.dumps({"prompt": MARKER, "stream": True})
    head = "POST /api/v1/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        connection.recv(10)
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(f"{head}Content-Length: 100000\r\n\r\n{body}".encode())


def _break_the_database(home: Path, meanwhile: Callable[[], object]) -> None:
    """Take the table of records away, so that whoever writes one fails in the middle."""
    database = sqlite3.connect(home / "attrib.db")
    database.execute("ALTER TABLE records RENAME TO elsewhere")
    meanwhile()
    database.execute("ALTER TABLE elsewhere RENAME TO records")
    database.close()


COMMANDS: Mapping[str, list[list[str]]] = {
    "check": [["mine.py"], ["renamed.py", "--json"], ["-"], ["own.py"], ["long.py"], ["mine.py", "--language", MARKER]],
    "generate": [
        [MARKER, "--suffix-file", "own.py", "--stop", f"{MARKER} never", "--json"],
        ["--prompt-file", "mine.py", "--stream"],
        ["--batch", "prompts.jsonl", "-o", "../outside/answers.jsonl"],
        ["--batch", "own.py", "-o", "../outside/none.jsonl"],
        [MARKER, "--n", MARKER],
    ],
    "audit": [["."], [".", "--format", "json", "--no-cache"], ["-"]],
    "notice": [["."]],
    "license": [["mine.py"], [MARKER]],
    "policy test": [[], ["mine.py"]],
    "policy explain": [[MARKER]],
    "records list": [[], [MARKER, "--json"]],
    "records show": [["{id}"], ["{id}", "--json"], [MARKER]],
    "records delete": [["{id}"], [MARKER]],
    "records expire": [["--older-than", "1d"], ["--older-than", MARKER]],
    "records compare": [["{id}"], [MARKER, MARKER, "--json"]],
    "records verify": [[], ["--head", f"1:{MARKER}"]],
    "decide": [["--list"], [MARKER, "--as", "accepted", "--reason", "ours"]],
    "index list": [[MARKER]],
    "index show": [[MARKER]],
    "doctor": [[]],
    "db backup": [["../outside/backup"], ["mine.py"]],
    "db restore": [["mine.py", "--overwrite"], ["../outside/backup", "--overwrite"]],
}
# These are given reference code, which is nobody's secret, or nothing; the server has a test of its own.
GIVEN_NO_CODE = {
    *(
        "index add",
        "index remove",
        "index opt-out",
        "index merge",
        "index publish",
        "index pull",
        "index verify",
        "index stats",
        "index load-postings",
        "db upgrade",
        "serve",
    ),
    *("keys create", "keys list", "keys revoke"),
}


def _leaves(group: click.Group, above: str = "") -> set[str]:
    found: set[str] = set()
    for name, command in group.commands.items():
        path = f"{above} {name}".strip()
        found |= _leaves(command, path) if isinstance(command, click.Group) else {path}
    return found


def test_every_command_has_its_row() -> None:
    assert _leaves(cli) - set(COMMANDS) - GIVEN_NO_CODE == set(), "give these commands the marker, too"
    assert (set(COMMANDS) | GIVEN_NO_CODE) - _leaves(cli) == set()


def test_no_command_leaves_code_in_the_data_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = home.parent / "work"
    work.mkdir()
    (home.parent / "outside").mkdir()
    for name, text in (("mine.py", COPY), ("renamed.py", RENAMED), ("own.py", OWN), ("long.py", TOO_LONG)):
        (work / name).write_text(text, encoding="utf-8")
    (work / "prompts.jsonl").write_text(json.dumps({"prompt": MARKER}) + "\n", encoding="utf-8")
    monkeypatch.chdir(work)
    said: list[str] = []
    with SlowModel(WORDS) as model:
        settings = {"ATTRIB_HOME": str(home), "ATTRIB_RETENTION": "hashes", "ATTRIB_MODEL": model.name} | SETTINGS
        for command, rows in COMMANDS.items():
            for row in rows:
                ids = [_newest(settings) if word == "{id}" else word for word in row]
                ran = CliRunner().invoke(cli, [*command.split(), *ids], input=COPY, env=settings)
                assert ran.exit_code in (0, 1, 2), (command, row, ran.stderr)
                if MARKER not in row:
                    said.append(ran.stderr)
        _break_the_database(
            home, lambda: said.append(CliRunner().invoke(cli, ["check", "mine.py"], env=settings).stderr)
        )
    assert "the database cannot be used" in said[-1]
    assert [line for line in said if MARKER in line] == []
    assert found_below(home) == []


def _newest(settings: dict[str, str]) -> str:
    answer = CliRunner().invoke(cli, ["check", "mine.py", "--json", "--fail-on", "never"], env=settings)
    return str(json.loads(answer.stdout)["id"])


def test_the_search_finds_the_marker_in_every_form(tmp_path: Path) -> None:
    for number in range(6):
        text = "x" * number + MARKER + "y"
        assert found_in(base64.b64encode(text.encode()))
        assert found_in(json.dumps(text).encode())
        assert found_in(text.encode("utf-16"))
    assert not found_in(json.dumps(REFERENCE.decode()).encode())
    database = sqlite3.connect(tmp_path / "a.db")
    database.execute("CREATE TABLE t (b)")
    database.execute("INSERT INTO t VALUES (?)", (gzip.compress(MARKER.encode()),))
    database.commit()
    database.close()
    assert found_below(tmp_path) == ["a.db: t.b"]
