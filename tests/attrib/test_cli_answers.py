"""The command line over a real index: what is taken in, found, told, and written down."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attrib import database
from attrib.answers import (
    Action,
    AttributedMatch,
    AttributedOrigin,
    Attribution,
    CheckAnswer,
    GenerateAnswer,
    GeneratedChoice,
    IndexState,
    Verdict,
)
from attrib.cli import terminal
from attrib.cli.main import cli
from attrib.records import RecordStore
from index.matches import MatchKind, SearchStatus, Span

PURL = "pkg:generic/ledger@1.2"
HOLDER = "2019 Ada Example"
MODULE = '''\
"""Balances of a ledger."""


def settle(entries, limit, rounding=2):
    """Carry every entry over to the account it belongs to, oldest first."""
    balances = {}
    refused = []
    for position, entry in enumerate(sorted(entries, key=lambda entry: entry.booked)):
        account = balances.setdefault(entry.account, {"credit": 0, "debit": 0, "last": None})
        if entry.amount > limit and not entry.approved:
            refused.append((position, entry.reference, "above the limit and not approved"))
            continue
        side = "credit" if entry.amount >= 0 else "debit"
        account[side] = round(account[side] + abs(entry.amount), rounding)
        account["last"] = max(account["last"] or entry.booked, entry.booked)
    totals = {name: round(sides["credit"] - sides["debit"], rounding) for name, sides in balances.items()}
    return totals, refused
'''
LICENSE = f"""MIT License

Copyright (c) {HOLDER}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
COPY = "\n".join(MODULE.splitlines()[3:]) + "\n"
OWN = """\
async def rainfall(stations, since):
    wettest = None
    async for station in stations.reporting(since=since):
        millimetres = [reading.depth * 25.4 for reading in station.readings if reading.valid]
        if len(millimetres) < 3:
            station.flag("too few readings this week")
        elif wettest is None or sum(millimetres) > wettest[1]:
            wettest = (station.name, sum(millimetres))
    return wettest
"""


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, args, input=stdin)


def answer(*args: str, stdin: bytes | None = None) -> dict:
    """Run a command that answers in JSON, and hold that stdout is that one document and stderr is empty."""
    result = run(*args, "--json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return json.loads(result.stdout)


def assert_one_line(result: Result, *parts: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("attrib: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose index holds one small source."""
    folder = tmp_path_factory.mktemp("ledger-1.2")
    (folder / "ledger.py").write_text(MODULE)
    (folder / "LICENSE").write_text(LICENSE)
    home = tmp_path_factory.mktemp("built")
    result = run("--home", str(home), "index", "add", str(folder), "--purl", PURL)
    assert result.exit_code == 0, result.stderr
    return home


@pytest.fixture(autouse=True)
def home(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that data folder for each test, and an empty working folder."""
    for variable in [name for name in os.environ if name.startswith("ATTRIB_")]:
        monkeypatch.delenv(variable)
    shutil.copytree(built, tmp_path / "home")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("ATTRIB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return tmp_path / "home"


def test_adding_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "ledger.py").write_text(MODULE)
    (folder / "LICENSE").write_text(LICENSE)
    first = answer("index", "add", str(folder), "--purl", "pkg:generic/other@1")
    assert [source["purl"] for source in first["added"]] == ["pkg:generic/other@1"]
    assert first["added"][0]["license"] == "MIT"
    before = answer("index", "stats")
    again = answer("index", "add", str(folder), "--purl", "pkg:generic/other@1")
    assert (again["added"], again["unchanged"]) == ([], ["pkg:generic/other@1"])
    assert answer("index", "stats") == before
    assert "1 source unchanged" in run("index", "add", str(folder), "--purl", "pkg:generic/other@1").stdout


def test_what_is_refused_is_told_with_its_reason(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "closed.py").write_text(MODULE)
    told = run("index", "add", str(folder), "--purl", "pkg:generic/closed@1", "--license", "GPL-3.0-only").stdout
    assert "pkg:generic/closed@1  refused: GPL-3.0-only is copyleft, not permissive" in told
    assert "0 sources added" in told


def test_the_index_is_listed_shown_and_emptied() -> None:
    listed = answer("index", "list")["sources"]
    assert [source["purl"] for source in listed] == [PURL]
    assert answer("index", "list", "no such thing")["sources"] == []
    shown = answer("index", "show", PURL)
    assert shown == listed[0]
    assert (shown["license"], shown["files"]) == ("MIT", 1)
    assert HOLDER in run("index", "show", PURL).stdout
    assert answer("index", "stats")["sources"] == 1
    assert answer("index", "remove", PURL) == {"removed": PURL, "files": 1}
    assert answer("index", "list")["sources"] == []
    assert_one_line(run("index", "show", PURL), PURL)
    assert_one_line(run("index", "remove", PURL), PURL)
    assert_one_line(run("check", stdin=COPY.encode()), "index add installed")


def test_a_copy_is_told_with_everything_about_its_origin() -> None:
    Path("copy.py").write_text(COPY)
    checked = answer("check", "copy.py")
    assert (checked["status"], checked["verdict"], checked["language"]) == ("matched", "attribute", "Python")
    assert checked["elapsed_ms"] > 0
    (match,) = checked["matches"]
    assert match["kind"] == "exact"
    origin = match["origins"][0]
    assert (origin["purl"], origin["path"], origin["license"]) == (PURL, "ledger.py", "MIT")
    assert (origin["start_line"], origin["end_line"]) == (4, 17)
    assert any(HOLDER in holder for holder in origin["copyright"])
    told = run("check", "copy.py").stdout
    for part in ("copy.py: attribute", "exact 100%", PURL, "ledger.py:4-17", "MIT", HOLDER, "Permission is hereby"):
        assert part in told
    assert "\x1b" not in told


def test_the_status_follows_fail_on() -> None:
    Path("copy.py").write_text(COPY)
    assert run("check", "copy.py").exit_code == 0
    assert run("check", "copy.py", "--fail-on", "attribute").exit_code == 1
    assert run("check", "copy.py", "--fail-on", "review").exit_code == 0
    assert run("check", "--fail-on", "attribute", stdin=OWN.encode()).exit_code == 0


def test_own_code_is_clean() -> None:
    assert answer("check", stdin=OWN.encode())["status"] == "clean"
    assert run("check", stdin=OWN.encode()).stdout.startswith("standard input: clean, none of its")


def test_own_sources_can_be_left_out() -> None:
    assert answer("check", "--exclude", "pkg:generic/ledger", stdin=COPY.encode())["status"] == "clean"
    Path("attrib.toml").write_text('exclude = ["pkg:generic/ledger"]\n')
    assert answer("check", stdin=COPY.encode())["status"] == "clean"


def test_several_files_are_one_document() -> None:
    Path("copy.py").write_text(COPY)
    Path("own.py").write_text(OWN)
    checked = answer("check", "own.py", "copy.py")
    assert checked["verdict"] == "attribute"
    assert [(check["path"], check["status"]) for check in checked["checks"]] == [
        ("own.py", "clean"),
        ("copy.py", "matched"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        COPY.encode("utf-16"),
        COPY.encode("utf-32"),
        b"\xef\xbb\xbf" + COPY.encode(),
        COPY.replace("\n", "\r\n").encode(),
        b"# caf\xe9\n" + COPY.encode(),
    ],
    ids=["utf-16", "utf-32", "utf-8 with mark", "crlf", "latin-1 comment"],
)
def test_encodings_do_not_hide_a_copy(content: bytes) -> None:
    Path("copy.py").write_bytes(content)
    assert answer("check", "copy.py")["matches"][0]["origins"][0]["purl"] == PURL


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (b"", "too_short", "too short, it is empty"),
        (b"x = 1\n", "too_short", "too few to be searched, so it is not known to be clean"),
        (b"\x7fELF\x02\x01\x00\x00" * 40, "not_code", "it was not searched, so it is not known to be clean"),
    ],
)
def test_what_cannot_be_searched_is_never_called_clean(content: bytes, status: str, told: str) -> None:
    Path("odd").write_bytes(content)
    assert answer("check", "odd")["status"] == status
    assert told in run("check", "odd").stdout


def test_unreadable_inputs_are_one_line_each() -> None:
    Path("folder").mkdir()
    Path("long.js").write_bytes(b"a=1;" * 1_250_000)
    Path("broken.py").write_bytes(b"\xff\xfex")
    assert_one_line(run("check", "nowhere.py"), "nowhere.py is not there")
    assert_one_line(run("check", "folder"), "folder is a folder: use `attrib audit folder`")
    assert_one_line(run("check", "long.js"), "long.js is larger than 2,000,000 bytes", "ATTRIB_MAX_CODE_BYTES")
    assert_one_line(run("check", "broken.py"), "broken.py begins as utf-16-le but is not")
    assert_one_line(run("check", "-", stdin=b"x" * 2_000_001), "standard input is larger")
    assert_one_line(run("audit", "nowhere"), "nowhere")
    assert_one_line(run("notice", "nowhere"), "nowhere")
    assert_one_line(run("generate", "--prompt-file", "nowhere"), "nowhere is not there")
    assert_one_line(run("index", "add", "nowhere"), "nowhere")


def test_one_line_of_five_million_bytes_is_searched_when_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTRIB_MAX_CODE_BYTES", "6_000_000")
    Path("long.js").write_bytes(b"a=1;" * 1_250_000)
    assert answer("check", "long.js")["status"] == "clean"


def test_an_index_that_was_never_built_is_one_line(tmp_path: Path) -> None:
    for command in (("check",), ("audit", "."), ("notice", ".")):
        result = run("--home", str(tmp_path / "new"), *command, stdin=COPY.encode())
        assert_one_line(result, "attrib index add installed")
    assert "the index is empty" in run("--home", str(tmp_path / "new"), "index", "list").stdout


def test_a_hostile_file_name_cannot_reach_the_terminal() -> None:
    name = "\x1b[31m\u202egnp.py"
    Path(name).write_text(OWN)
    told = run("check", name).stdout
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert told.startswith("\\u001b[31m\\u202egnp.py: clean")
    missing = run("check", "\x1b[2Jgone")
    assert_one_line(missing, "\\u001b[2Jgone is not there")


def test_an_audit_tells_every_finding_and_fails_when_asked() -> None:
    Path("src").mkdir()
    Path("src/copy.py").write_text(COPY)
    Path("src/own.py").write_text(OWN)
    assert run("audit", "src").exit_code == 0
    assert PURL in run("audit", "src").stdout
    result = run("audit", "src", "--format", "json", "--fail-on", "attribute")
    assert result.exit_code == 1
    assert [(finding["path"], finding["verdict"]) for finding in json.loads(result.stdout)["findings"]] == [
        ("copy.py", "attribute")
    ]
    written = run("audit", "src", "--format", "json", "--output", "report.json")
    assert (written.exit_code, written.stdout) == (0, "")
    assert "report.json" in written.stderr
    assert json.loads(Path("report.json").read_bytes())["totals"]["files"] == 2
    assert_one_line(run("audit", "src", "--output", "no/such/folder"), "no/such/folder: No such file or directory")


def test_the_notice_of_a_tree_is_its_licence_and_copyright_and_nothing_else() -> None:
    Path("src").mkdir()
    Path("src/copy.py").write_text(COPY)
    told = run("notice", "src")
    assert "Permission is hereby granted" in told.stdout
    assert HOLDER in told.stdout
    Path("src/copy.py").write_text(OWN)
    told = run("notice", "src")
    assert (told.exit_code, told.stdout) == (0, "")
    assert "no notice is needed" in told.stderr


def test_what_is_generated_is_checked_recorded_and_written(home: Path) -> None:
    Path("prompt.py").write_text("def settle(entries, limit, rounding=2):\n")
    options = ("--device", "cpu", "--max-new-tokens", "24", "--language", "python")
    result = run("generate", "--prompt-file", "prompt.py", "--output", "out.py", "--json", *options)
    assert result.exit_code == 0, result.stderr
    generated = json.loads(result.stdout)
    (choice,) = generated["choices"]
    assert generated["model"]["name"] == "embedded"
    assert generated["usage"]["completion_tokens"] <= 24
    assert choice["check"]["index"]["sources"] == 1
    assert Path("out.py").read_text() == (choice["code_with_attribution"] or choice["code"])
    stored = RecordStore(database.connect(f"sqlite:///{home / 'attrib.db'}")).get(generated["id"])
    assert stored.answer == generated
    told = run("generate", "--prompt-file", "prompt.py", *options).stdout
    assert choice["code"].strip().splitlines()[0] in told
    assert "generated code: " in told


def test_a_withheld_choice_shows_its_reasons_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    origin = AttributedOrigin(
        PURL, "ledger.py", "swh:1:cnt:0", Span(4, 17, 40, 900), 1.0, "GPL-3.0-only", "LICENSE", "copyleft", (), None
    )
    reasons = Verdict(Action.BLOCK, ("GPL-3.0-only is copyleft",))
    match = AttributedMatch(MatchKind.EXACT, Span(1, 14, 0, 860), 1.0, 218, 900.0, False, 1, (origin,), reasons)
    check = CheckAnswer(
        "c", SearchStatus.MATCHED, Action.BLOCK, "Python", 218, 218, IndexState(1, 1, 225, "1"), (match,),
        Attribution(False, "", ()), 1.0,
    )  # fmt: skip
    choice = GeneratedChoice(None, None, "stop", check)
    from attrib.cli.generate import _write
    from attrib.cli.generation_text import show_generation

    _write(Path("out.py"), choice)
    show_generation(terminal.output(), GenerateAnswer("g", {}, (choice,), {}))
    told = capsys.readouterr()
    assert not Path("out.py").exists()
    assert "out.py is not written: the code is withheld" in told.err
    assert told.out.startswith("The code is withheld: GPL-3.0-only is copyleft\n\ngenerated code: block")


def test_under_hashes_the_checked_code_is_nowhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = "zyzzyva_marker"
    monkeypatch.setenv("ATTRIB_RETENTION", "hashes")
    answer("check", stdin=(COPY + f"{marker} = 1\n").encode())
    assert not [path for path in home.rglob("*") if path.is_file() and marker.encode() in path.read_bytes()]
    monkeypatch.setenv("ATTRIB_RETENTION", "full")
    answer("check", stdin=(COPY + f"{marker} = 1\n").encode())
    assert [path for path in home.rglob("*") if path.is_file() and marker.encode() in path.read_bytes()]


def test_the_doctor_says_what_is_there_and_what_to_mend(tmp_path: Path) -> None:
    findings = {finding["name"]: finding for finding in answer("doctor", "--device", "cpu")["findings"]}
    assert findings["index"]["state"] == "ok"
    assert "1 source, 1 file" in findings["index"]["detail"]
    assert findings["database"]["state"] == "ok"
    told = run("--home", str(tmp_path / "new"), "doctor").stdout
    assert "attrib index add installed" in told
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").touch()
    broken = run("--home", str(tmp_path / "file" / "home"), "doctor", "--json")
    assert broken.exit_code == 1
    wrong = {finding["name"] for finding in json.loads(broken.stdout)["findings"] if finding["state"] == "wrong"}
    assert "data folder" in wrong


def test_interrupting_is_one_line_and_130() -> None:
    command = [sys.executable, "-m", "attrib", "check"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        _wait_until_reading(process.pid)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert (process.returncode, said) == (
        130,
        "attrib: interrupted: what was finished is kept, and the index is whole\n",
    )


def _wait_until_reading(pid: int) -> None:
    """Wait until the process sleeps in a read of its standard input."""
    for _ in range(400):
        call = Path(f"/proc/{pid}/syscall").read_text().split()
        if call[0] == "0" and int(call[1], 16) == 0:
            return
        time.sleep(0.05)
    pytest.fail("the process never read its input")


def test_a_reader_that_has_gone_is_no_error() -> None:
    command = [sys.executable, "-m", "attrib", "index", "list", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (141, "")


def test_the_served_form_and_api_answer_and_stop_when_told() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "attrib", "serve", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stderr.readline()
            assert line == f"Attrib listens on http://127.0.0.1:{port} (stop it with Ctrl+C)\n"
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v1/check",
                json.dumps({"code": COPY}).encode(),
                {"Content-Type": "application/json"},
            )
            checked = _answered(request)
            assert checked["matches"][0]["origins"][0]["purl"] == PURL
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def _answered(request: urllib.request.Request) -> dict:
    for _ in range(200):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except ConnectionError:
            time.sleep(0.1)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.1)
    pytest.fail("the server never answered")
