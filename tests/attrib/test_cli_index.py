"""`attrib index` as its keeper uses it: opting out, merging, verifying, and refusals that say what to do."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attrib.cli.main import cli
from index.lsh import PARAMETER_SETS
from index.origins.base import SourcePackage
from index.origins.folder import FolderOrigin
from index.segment_builder import SegmentBuilder
from index.writer import content_swhid
from tests.index.upkeep import code, purl


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, args, input=stdin)


def answer(*args: str, status: int = 0, stdin: str | None = None) -> dict:
    """Run a command that answers in JSON, and hold that stdout is that one document and stderr is empty."""
    result = run(*args, "--json", stdin=stdin)
    assert result.exit_code == status, result.stderr
    assert result.stderr == ""
    return json.loads(result.stdout)


def assert_one_line(result: Result, *parts: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("attrib: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two sources, a segment each."""
    for variable in [name for name in os.environ if name.startswith("ATTRIB_")]:
        monkeypatch.delenv(variable)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("ATTRIB_HOME", str(tmp_path / "home"))
    for number, name in enumerate(("one", "two")):
        add(name, code(number))
    return tmp_path / "home"


def add(name: str, text: str) -> dict:
    folder = Path(name)
    folder.mkdir(exist_ok=True)
    (folder / "own.py").write_text(text)
    return answer("index", "add", name, "--purl", purl(name), "--license", "MIT")


def checked(text: str) -> str:
    return answer("check", "-", stdin=text)["status"]


def audited(*options: str) -> list[dict]:
    return json.loads(run("audit", "one", "--format", "json", *options).stdout)["findings"]


def segments(home: Path) -> list[Path]:
    return sorted((home / "index").glob("*.segment"))


def test_opting_out_listing_and_undoing() -> None:
    done = answer("index", "opt-out", "pkg:Generic/one", "--reason", "the author\nasked")
    assert (done["pattern"], done["removed"], done["files"]) == ("pkg:generic/one", [purl("one")], 1)
    assert checked(code(0)) == "clean"
    (refused,) = add("one", code(0))["refused"]
    assert refused["reason"] == f"opted out on {done['since'][:10]}: the author asked"
    assert answer("index", "opt-out", "--list")["opt_outs"] == [
        {"pattern": "pkg:generic/one", "reason": "the author asked", "since": done["since"]}
    ]
    assert "pkg:generic/one  since" in run("index", "opt-out", "--list").stdout
    assert answer("index", "opt-out", "--undo", "pkg:generic/one") == {"undone": "pkg:generic/one"}
    assert add("one", code(0))["added"]
    assert checked(code(0)) == "matched"
    assert "nothing was opted out" in run("index", "opt-out", "--list").stdout


def test_one_file_may_be_opted_out_and_its_bytes_go_at_the_merge(home: Path) -> None:
    swhid = content_swhid(code(0).encode())
    told = run("index", "opt-out", swhid).stdout
    assert told == f"{swhid} is opted out: 0 sources and 1 file removed\n"
    assert checked(code(0)) == "clean"
    assert answer("index", "stats")["removed_contents"] == 1
    report = answer("index", "merge")
    assert (report["segments_before"], report["segments_after"], report["removed_contents"]) == (2, 1, 1)
    assert report["bytes_after"] < report["bytes_before"]
    assert [len(segments(home)), checked(code(0)), checked(code(1))] == [1, "clean", "matched"]


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (("index", "opt-out"), ("give one of PATTERN, --list and --undo",)),
        (("index", "opt-out", "pkg:a/b", "--list"), ("give one of PATTERN, --list and --undo",)),
        (("index", "opt-out", "flask"), ("'flask' names no source: give a purl such as pkg:pypi/flask",)),
        (("index", "opt-out", "pkg:*"), ("names no source",)),
        (("index", "opt-out", "swh:1:cnt:12"), ("is no content", "40 hexadecimal digits")),
        (("index", "opt-out", "--undo", "pkg:a/b"), ("pkg:a/b is not opted out", "--list")),
        (("index", "remove", "pkg:generic/onne@1"), ("did you mean pkg:generic/one@1",)),
        (("index", "show", "pkg:generic/two"), ("did you mean pkg:generic/two@1",)),
        (("check", "--exclude", "flask"), ("'flask' names no source",)),
        (("audit", ".", "--exclude", "pkg:*"), ("'pkg:*' names no source",)),
        (("notice", ".", "--exclude", "pkg:pypi/a b"), ("names no source",)),
    ],
)
def test_what_cannot_be_done_is_one_line(args: tuple[str, ...], parts: tuple[str, ...]) -> None:
    assert_one_line(run(*args), *parts)


def test_a_source_is_shown_with_the_day_it_was_released(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer("index", "show", purl("one"))["released"] is None
    assert "released  not known" in run("index", "show", purl("one")).stdout
    monkeypatch.setattr(FolderOrigin, "packages", _released(FolderOrigin.packages))
    add("one", code(9))
    assert answer("index", "show", purl("one"))["released"] == "2024-12-04"
    assert "released  2024-12-04" in run("index", "show", purl("one")).stdout


def _released(packages: Callable[[FolderOrigin], Iterator[SourcePackage]]) -> object:
    return lambda origin: (replace(package, released=date(2024, 12, 4)) for package in packages(origin))


def test_a_source_is_left_out_of_a_check_an_audit_and_by_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(code(0)) == "matched"
    for pattern in ("pkg:GENERIC/one", "pkg:generic/o*", "pkg:generic/one@1"):
        assert answer("check", "--exclude", pattern, stdin=code(0))["status"] == "clean"
        assert audited("--exclude", pattern) == []
    assert len(audited()) == 1
    monkeypatch.setenv("ATTRIB_EXCLUDE", "pkg:Generic/one@1 pkg:npm/@us/*")
    assert checked(code(0)) == "clean"


def test_a_whole_index_is_verified() -> None:
    report = answer("index", "verify")
    assert (report["status"], report["segments"], report["contents"], report["flaws"]) == ("whole", 2, 2, [])
    assert run("index", "verify").stdout.endswith("the index is whole\n")


def test_damage_is_told_where_it_is_met_mended_and_restored(home: Path) -> None:
    path = segments(home)[0]
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    for args in (("check",), ("index", "stats")):
        assert_one_line(
            run(*args, stdin=code(0)), f"segment {path.name} is cut short: run `attrib index verify --mend`"
        )
    assert run("index", "list").exit_code == 0
    told = run("index", "verify")
    assert told.exit_code == 1
    assert told.stdout.startswith(f"wrong   segment {path.name} is cut short: `attrib index verify --mend` keeps")
    report = answer("index", "verify", "--mend", status=1)
    (lost,) = [flaw["where"] for flaw in report["flaws"] if not flaw["mended"]]
    name = lost.split("/")[1].partition("@")[0]
    number = ("one", "two").index(name)
    assert checked(code(number)) == "clean"
    assert "1 source: attrib index verify names them" in run("index", "stats").stdout
    doctor = {one["name"]: one for one in answer("doctor")["findings"]}["index"]
    assert (doctor["state"], doctor["mend"]) == ("warning", "attrib index verify names them; add them again")
    add(name, code(number))
    assert checked(code(number)) == "matched"
    assert answer("index", "verify")["status"] == "whole"


def test_an_index_of_other_parameters_is_refused_in_one_line(home: Path) -> None:
    path = segments(home)[0]
    builder = SegmentBuilder(PARAMETER_SETS["compact"])
    builder.add(content_swhid(code(0).encode()), code(0).encode(), "Python")
    name = builder.write(path.parent)
    (path.parent / name).replace(path)
    assert_one_line(
        run("check", stdin=code(0)),
        "was built with other parameters",
        "stride is 18 there and 8 here",
        "build a new",
    )
    report = answer("index", "verify", "--mend", status=1)
    assert "use the version of Attrib that wrote it" in report["flaws"][0]["mend"]
    assert path.exists()


def test_stats_say_how_it_divides() -> None:
    found = answer("index", "stats")
    assert found["licenses"] == [{"license": "MIT", "sources": 2, "files": 2}]
    assert [(one["language"], one["contents"]) for one in found["languages"]] == [("Python", 2)]
    assert sum(found["disk"].values()) == found["segment_bytes"]
    assert set(found["disk"]) == {"postings", "texts", "rest"}
    assert (found["removed_bytes"], found["opt_outs"], found["incomplete_sources"]) == (0, 0, 0)
    run("index", "remove", purl("one"))
    told = run("index", "stats").stdout
    for part in ("1 source, 1 file", "postings", "MIT 1 file", "Python", "1 file, 0.0 MB of code: attrib index merge"):
        assert part in told
