"""Findings decided about over HTTP and from forms: who may, who has, what it makes of them, and what is refused."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import httpx2
import pytest
from bs4 import BeautifulSoup
from recorded import CODE
from test_audits import ask, done
from werkzeug.serving import make_server

from attrib.bootstrap import build_service, open_access
from attrib.client import ApiError, Client
from attrib.config import load_config
from attrib.policy_exceptions import today
from attrib.reports.formats import FORMATS
from attrib.scopes import Scope
from tests.index.packing import zipped
from web.app import create_app

FILES = {"shop/finder.py": CODE, "shop/own.py": "x = 1\n"}


@pytest.fixture
def project() -> str:
    return f"shop {uuid.uuid4()}"


def send(address: str, project: str, files=FILES, name: str = "shop.zip") -> str:
    edge = "----edge"
    fields = f'--{edge}\r\nContent-Disposition: form-data; name="project"\r\n\r\n{project}\r\n' if project else ""
    head = f'--{edge}\r\nContent-Disposition: form-data; name="archive"; filename="{name}"\r\n\r\n'
    body = (fields + head).encode() + zipped(files) + f"\r\n--{edge}--\r\n".encode()
    answer = ask(address + "/api/v1/audits", body, Content_Type=f"multipart/form-data; boundary={edge}")
    audit = done(address, json.loads(answer[2])["id"])
    assert audit["state"] == "done", audit
    return audit["id"]


def finding_of(address: str, audit: str) -> str:
    return json.loads(ask(f"{address}/api/v1/audits/{audit}/report")[2])["findings"][0]["fingerprint"]


def decide(address: str, audit: str, finding: str, **fields: object) -> tuple[int, dict]:
    path = f"{address}/api/v1/audits/{audit}/findings/{finding}/decision"
    status, _, body = ask(path, json.dumps(fields).encode(), Content_Type="application/json")
    return status, json.loads(body)


def test_a_decision_counts_at_once_and_for_the_next_archive_of_the_project(address, project):
    first = send(address, project)
    finding = finding_of(address, first)
    status, now = decide(address, first, finding, decision="accepted", reason="ours", by="Ben")
    assert (status, now["verdict"], now["verdict_now"], now["open"]) == (200, "attribute", "allow", False)
    assert (now["decision"]["by"], now["project"], now["decided_since"]) == ("Ben", project, True)
    second = send(address, project, {"other/moved.py": b"\n\n\n" + CODE, "other/finder.py": CODE}, "shop-2.zip")
    report = json.loads(ask(f"{address}/api/v1/audits/{second}/report")[2])
    found = {one["path"]: one for one in report["findings"]}
    # The file that the decision was about has the same name; the second copy is news.
    assert {path: one["verdict"] for path, one in found.items()} == {"finder.py": "allow", "moved.py": "attribute"}
    assert found["finder.py"]["decision"]["by"] == "Ben"
    other = send(address, f"{project} beside")
    assert json.loads(ask(f"{address}/api/v1/audits/{other}")[2])["verdict"] == "attribute"


def test_archives_of_one_name_are_one_project_where_none_is_named(address):
    name = f"{uuid.uuid4()}.zip"
    first = send(address, "", name=name)
    decide(address, first, finding_of(address, first), decision="accepted", reason="ours", by="Ben")
    again = json.loads(ask(f"{address}/api/v1/audits/{send(address, '', name=name)}")[2])
    assert (again["verdict"], again["project"]) == ("allow", name)


def test_the_client_waives_looks_withdraws_and_compares(address, project):
    first = send(address, project, {"shop/own.py": "x = 1\n"})
    second = send(address, project)
    finding = finding_of(address, second)
    day = (today() + timedelta(days=3)).isoformat()
    with Client(address) as client:
        waived = client.decide(second, finding, "waived", reason="soon", until=day, by="Ada")
        assert (waived.verdict_now, waived.decision.until) == ("allow", day)
        back = client.withdraw(second, finding, reason="no longer", by="Ben")
        assert (back.verdict_now, back.decision, back.open) == ("attribute", None, True)
        assert [(one.by, one.withdrawn) for one in back.history] == [("Ada", False), ("Ben", True)]
        assert client.finding(second, finding) == back
        compared = client.compare(second, first)
        assert (compared.totals.new, compared.totals.gone, compared.totals.unchanged) == (1, 0, 0)
        assert compared.new[0].fingerprint == finding
        with pytest.raises(ApiError) as refused:
            client.withdraw(second, finding, reason="again", by="Ben")
        assert refused.value.problem.type == "/problems/no-such-record"


@pytest.mark.parametrize("form", FORMATS)
def test_every_report_can_be_taken_with_what_was_decided_since(address, project, form):
    audit = send(address, project)
    finding = finding_of(address, audit)
    before = ask(f"{address}/api/v1/audits/{audit}/report?format={form}")
    decide(address, audit, finding, decision="accepted", reason="ours", by="Ben")
    assert ask(f"{address}/api/v1/audits/{audit}/report?format={form}")[2] == before[2]
    status, headers, now = ask(f"{address}/audits/{audit}/report?format={form}&decisions=now")
    assert (status, headers["Content-Disposition"]) == (200, before[1]["Content-Disposition"])
    assert now != before[2]
    page = BeautifulSoup(ask(f"{address}/audits/{audit}")[2], "html.parser")
    assert len(page.select(f"a[download][href*='format={form}']")) >= 2
    if form == "notice":
        assert (b"The Upward Authors" in before[2], now) == (True, b"")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"decision": "waived", "reason": "why", "by": "Ben"}, "until"),
        ({"decision": "waived", "reason": "why", "by": "Ben", "until": "2020-01-01"}, "until"),
        ({"decision": "waived", "reason": "why", "by": "Ben", "until": 9}, "until"),
        ({"decision": "accepted", "reason": "why", "by": "Ben", "until": "2099-01-01"}, "until"),
        ({"decision": "accepted", "reason": "why"}, "by"),
        ({"decision": "accepted", "by": "Ben"}, "reason"),
        ({"decision": "fine", "reason": "why", "by": "Ben"}, "decision"),
    ],
)
def test_a_decision_that_is_not_whole_names_its_field_and_is_not_kept(address, project, fields, field):
    audit = send(address, project)
    finding = finding_of(address, audit)
    status, problem = decide(address, audit, finding, **fields)
    assert (status, [one["field"] for one in problem["errors"]]) == (422, [field])
    assert json.loads(ask(f"{address}/api/v1/audits/{audit}/findings/{finding}")[2])["history"] == []


def test_what_there_is_not_has_its_own_problem(address, project):
    audit = send(address, project)
    for path, kind in (
        (f"{audit}/findings/{'0' * 32}", "no-such-finding"),
        ("none/findings/0", "no-such-audit"),
        (f"{audit}/compare/none", "no-such-audit"),
    ):
        status, _, body = ask(f"{address}/api/v1/audits/{path}")
        assert (status, json.loads(body)["type"]) == (404, f"/problems/{kind}")
        assert ask(f"{address}/audits/{path}".replace("/compare/", "/compare?earlier="))[0] == 404
    failed = json.loads(ask_archive(address))["id"]
    done(address, failed)
    assert ask(f"{address}/audits/{failed}/compare")[0] == 409
    assert ask(f"{address}/api/v1/audits/{failed}/findings/0")[0] == 409


def ask_archive(address: str) -> bytes:
    packed = zipped({"fine.py": "x = 1\n", "../evil.py": "x = 1\n"})
    head = '------edge\r\nContent-Disposition: form-data; name="archive"; filename="evil.zip"\r\n\r\n'
    body = head.encode() + packed + b"\r\n------edge--\r\n"
    return ask(address + "/api/v1/audits", body, Content_Type="multipart/form-data; boundary=----edge")[2]


def test_an_audit_of_a_command_line_is_reviewed_by_the_lines_it_kept(address, service, tmp_path):
    (tmp_path / "finder.py").write_bytes(CODE.replace(b"parent", b"above"))
    audit = service.audit(tmp_path)
    page = BeautifulSoup(ask(f"{address}/audits/{audit.id}/findings/{audit.findings[0].fingerprint}")[2], "html.parser")
    assert page.select_one(".compare").text.count("candidate = os.path.join(current, name)") == 2
    assert "above" in [mark.text for mark in page.select(".compare em, .compare [title]")]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[str, Callable[..., str], Path]]:
    """A server that asks for keys and may audit what lies below one folder: its address, its keys, the folder."""
    root = tmp_path / "trees"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "finder.py").write_bytes(CODE)
    (tmp_path / "source" / "upward").mkdir(parents=True)
    (tmp_path / "source" / "upward" / "walk.py").write_bytes(CODE)
    config = load_config({"home": tmp_path / "home", "audit_roots": [str(root)]}, {}, tmp_path)
    access = open_access(config, always=True)
    with build_service(config) as service, access:
        service.add([str(tmp_path / "source")], purl="pkg:pypi/upward@2.1.0", license="MIT")
        server = make_server("127.0.0.1", 0, create_app(service, config, access=access), threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        key = lambda name, *scopes: access.keys.create(name, frozenset(scopes))[1].text  # noqa: E731
        yield f"http://127.0.0.1:{server.server_port}", key, root
        server.shutdown()
        thread.join()


def test_whose_key_it_is_has_decided_and_nobody_in_another_name(guarded):
    address, key, root = guarded
    with Client(address, key=key("admin", Scope.ADMIN)) as admin:
        audit = admin._http.post("/api/v1/audits/server-path", json={"path": f"{root}/shop"}).json()["id"]
        while admin._http.get(f"/api/v1/audits/{audit}").json()["state"] in ("queued", "running"):
            pass
        finding = admin._http.get(f"/api/v1/audits/{audit}/report").json()["findings"][0]["fingerprint"]
    with Client(address, key=key("ben", Scope.AUDIT)) as ben:
        assert ben.decide(audit, finding, "accepted", reason="ours").decision.by == "ben"
        with pytest.raises(ApiError) as refused:
            ben.decide(audit, finding, "accepted", reason="ours", by="Ada")
        assert refused.value.problem.errors[0].field == "by"
    with Client(address, key=key("checker", Scope.CHECK)) as checker, pytest.raises(ApiError) as refused:
        checker.decide(audit, finding, "accepted", reason="mine")
    assert refused.value.problem.status == 403


def test_paths_of_the_server_are_for_those_who_administer(guarded):
    address, key, root = guarded
    asked = {"path": f"{root}/shop"}
    with Client(address, key=key("ben", Scope.AUDIT)) as ben:
        answer = ben._http.post("/api/v1/audits/server-path", json=asked)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/missing-scope")
        assert "A folder of this server" not in ben._http.get("/audits").text
        assert ben._http.post("/audits/server-path", data=asked).status_code == 403
    with Client(address, key=key("root", Scope.ADMIN)) as admin:
        assert "A folder of this server" in admin._http.get("/audits").text
        answer = admin._http.post("/api/v1/audits/server-path", json=asked)
        assert (answer.status_code, answer.json()["path"]) == (202, f"{root}/shop")
        assert answer.headers["Location"] == f"/api/v1/audits/{answer.json()['id']}"
        refused = admin._http.post("/api/v1/audits/server-path", json={"path": "/etc"})
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/path-not-allowed")


def test_a_form_without_the_token_of_its_page_decides_nothing(guarded):
    address, key, root = guarded
    with httpx2.Client(base_url=address) as browser:
        entered = browser.post("/login", data={"key": key("ben", Scope.ADMIN)}, headers={"Origin": address})
        assert entered.status_code == 303
        shown = BeautifulSoup(browser.get("/audits").text, "html.parser")
        assert len(shown.select("main form[method=post] input[name=form_token]")) == 2
        assert browser.post("/audits/server-path", data={"path": f"{root}/shop"}).status_code == 403
        token = shown.select_one("main input[name=form_token]")["value"]
        sent = browser.post("/audits/server-path", data={"path": f"{root}/shop", "form_token": token})
        audit = sent.headers["Location"]
        while "Waits" in (text := browser.get(audit).text) or "data-watch" in text:
            pass
        (link,) = {one["href"] for one in BeautifulSoup(text, "html.parser").select("td a[href*='/findings/']")}
        form = BeautifulSoup(browser.get(link).text, "html.parser")
        assert "By ben." in form.select_one("form.decide").text
        fields = {"decision": "accepted", "reason": "ours"}
        address_of_it = link.partition("#")[0]
        assert browser.post(address_of_it, data=fields).status_code == 403
        fields["form_token"] = form.select_one("form.decide input[name=form_token]")["value"]
        assert browser.post(address_of_it, data=fields).status_code == 303
        assert "Accepted" in browser.get(audit).text
