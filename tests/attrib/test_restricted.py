"""A restricted reference as its keeper and its users meet it: added apart, told, blocked, withheld, removed."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attrib.answers import Action
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import Config
from generator.base import GenerationRequest
from generator.embedded.corpus import MANIFEST, read_manifest
from index.collection import Collection
from index.origins.installed import InstalledOrigin
from tests.index.upkeep import code, purl

pytestmark = pytest.mark.databases("sqlite", "postgresql")

GPL = "# SPDX-License-Identifier: GPL-3.0-only\n# Copyright (C) 2024 Ann\n\n"


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, args, input=stdin)


def answer(*args: str, status: int | None = 0, stdin: str | None = None) -> dict:
    result = run(*args, "--json", stdin=stdin)
    assert result.exit_code == status or status is None, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one permissive source, and beside it a GPL package that was refused."""
    for variable in [name for name in os.environ if name.startswith("ATTRIB_")]:
        monkeypatch.delenv(variable)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("ATTRIB_HOME", str(tmp_path / "home"))
    write("free", code(0))
    add("free", "MIT")
    write("strict", GPL + code(1))
    (refused,) = add("strict", "GPL-3.0-only")["refused"]
    assert (refused["purl"], refused["path"], refused["collection"]) == (purl("strict"), None, "permissive")
    return tmp_path / "home"


def write(name: str, text: str, file: str = "own.py") -> None:
    Path(name).mkdir(exist_ok=True)
    (Path(name) / file).write_text(text)


def add(name: str, license: str, *options: str) -> dict:
    return answer("index", "add", name, "--purl", purl(name), "--license", license, *options)


def restrict(name: str = "strict", license: str = "GPL-3.0-only") -> dict:
    return add(name, license, "--collection", "restricted")


def test_a_copy_of_restricted_code_is_told_and_blocked_until_it_is_removed() -> None:
    assert answer("check", "-", stdin=code(1))["status"] == "clean"
    (added,) = restrict()["added"]
    assert (added["collection"], added["license"], added["category"]) == ("restricted", "GPL-3.0-only", "copyleft")
    told = answer("check", "-", "--fail-on", "block", status=1, stdin=code(1))
    assert (told["status"], told["verdict"]) == ("matched", "block")
    assert told["index"]["collections"] == ["permissive", "restricted"]
    (match,) = told["matches"]
    (origin,) = match["origins"]
    assert (origin["purl"], origin["path"], origin["collection"]) == (purl("strict"), "own.py", "restricted")
    assert (origin["license"], origin["copyright"]) == ("GPL-3.0-only", ["2024 Ann"])
    assert "GPL-3.0-only is copyleft" in match["reasons"][0]
    assert (told["attribution"]["required"], told["attribution"]["notice"]) == (False, "")
    permissive = answer("check", "-", stdin=code(0))
    assert [one["collection"] for match in permissive["matches"] for one in match["origins"]] == ["permissive"]
    assert permissive["attribution"]["required"]
    assert answer("index", "remove", purl("strict"))["files"] == 1
    assert answer("check", "-", stdin=code(1))["status"] == "clean"


def test_a_tree_with_a_copy_fails_its_audit_and_gets_no_notice_for_it() -> None:
    restrict()
    write("tree", code(0), "free.py")
    write("tree", code(1), "copied.py")
    told = run("audit", "tree", "--format", "json")
    assert told.exit_code == 1
    found = {one["path"]: one for one in json.loads(told.stdout)["findings"]}
    assert (found["free.py"]["verdict"], found["copied.py"]["verdict"]) == ("attribute", "block")
    notice = run("notice", "tree").stdout
    assert purl("free") in notice
    assert purl("strict") not in notice
    assert run("audit", "tree", "--collection", "permissive").exit_code == 0


def test_one_collection_may_be_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    restrict()
    alone = answer("check", "-", "--collection", "permissive", stdin=code(1))
    assert (alone["status"], alone["index"]["collections"], alone["index"]["sources"]) == ("clean", ["permissive"], 1)
    assert answer("check", "-", "--collection", "restricted", stdin=code(0))["status"] == "clean"
    monkeypatch.setenv("ATTRIB_COLLECTIONS", "permissive")
    assert answer("check", "-", stdin=code(1))["status"] == "clean"
    assert answer("check", "-", "--collection", "restricted", status=1, stdin=code(1))["status"] == "matched"
    # Looking after the index is looking after all of it.
    assert [one["collection"] for one in answer("index", "stats")["collections"]] == ["permissive", "restricted"]
    assert len(answer("index", "list")["sources"]) == 2
    monkeypatch.setenv("ATTRIB_COLLECTIONS", "permissive,other")
    wrong = run("check", "-", stdin=code(1))
    assert wrong.exit_code == 2
    assert "ATTRIB_COLLECTIONS must be a list of permissive and restricted" in wrong.stderr


def test_the_same_code_under_both_is_said_with_both_licences() -> None:
    restrict()
    write("relicensed", code(1))
    add("relicensed", "MIT")
    told = answer("check", "-", status=None, stdin=code(1))
    (match,) = told["matches"]
    assert {(one["purl"], one["collection"]) for one in match["origins"]} == {
        (purl("relicensed"), "permissive"),
        (purl("strict"), "restricted"),
    }
    assert any("also stands under" in reason for reason in match["reasons"])


def test_lists_stats_and_sources_say_the_collection() -> None:
    write("mixed", code(2))
    write("mixed", GPL + code(3), "theirs.py")
    for options in ((), ("--collection", "restricted")):
        (added,) = add("mixed", "MIT", *options)["added"]
        assert added["files"] == 1
    listed = [(one["purl"], one["collection"]) for one in answer("index", "list")["sources"]]
    assert listed == [(purl("free"), "permissive"), (purl("mixed"), "permissive"), (purl("mixed"), "restricted")]
    only = answer("index", "list", "--collection", "restricted")["sources"]
    assert [one["purl"] for one in only] == [purl("mixed")]
    assert run("index", "list").stdout.splitlines()[-1].endswith("restricted")
    shown = answer("index", "show", purl("mixed"), "--collection", "restricted")
    assert (shown["collection"], shown["left_out"]) == (
        "restricted",
        [{"path": "own.py", "reason": "permissive, so the permissive collection takes it"}],
    )
    assert answer("index", "show", purl("mixed"))["collection"] == "permissive"
    told = run("index", "show", purl("mixed")).stdout
    assert told.index("kept as   permissive") < told.index("kept as   restricted")
    counted = {one["collection"]: one for one in answer("index", "stats")["collections"]}
    assert {name: (one["sources"], one["files"], one["segments"]) for name, one in counted.items()} == {
        "permissive": (2, 2, 2),
        "restricted": (1, 1, 1),
    }
    assert "restricted 1 source, 1 file" in run("index", "stats").stdout
    assert answer("index", "remove", purl("mixed"), "--collection", "restricted")["files"] == 1
    assert [one["collection"] for one in answer("index", "list", "mixed")["sources"]] == ["permissive"]


def test_real_packages_find_their_place(config: Config) -> None:
    with build_service(config) as service:
        permissive, restricted = (
            service.add(["installed:click,pathspec"], collection=collection) for collection in Collection
        )
        assert [one.purl.partition("@")[0] for one in permissive.added] == ["pkg:pypi/click"]
        assert [one.purl.partition("@")[0] for one in permissive.refused] == ["pkg:pypi/pathspec"]
        assert [one.purl.partition("@")[0] for one in restricted.added] == ["pkg:pypi/pathspec"]
        assert [purl.partition("@")[0] for purl in restricted.passed_over] == ["pkg:pypi/click"]
        assert restricted.refused == ()
        (package,) = InstalledOrigin(["pathspec"]).packages()
        text = next(file.read() for file in package.files() if file.path.endswith("pathspec/util.py"))
        checked = service.check(text, path="copy.py")
        origin = checked.matches[0].origins[0]
        assert (origin.purl, origin.collection, origin.license) == (package.purl, "restricted", "MPL-2.0")
        assert checked.verdict is Action.REVIEW
        assert "Mozilla Public License" in checked.attribution.notice


def test_what_a_model_recites_of_restricted_code_is_withheld(config: Config, tmp_path: Path) -> None:
    prompt = next(known.prompt for known in read_manifest(MANIFEST)[0] if len(known.text) > 900)
    request = GenerationRequest(prompt, max_new_tokens=160)
    # Steered away from it, the model would not recite it.
    with build_service(replace(config, steering="off")) as service:
        service.add([str(tmp_path / "work" / "free")], purl=purl("free"), license="MIT")
        (free,) = service.generate(request, language="Python").choices
        assert free.code
        assert free.check.verdict is not Action.BLOCK
        write("recited", GPL + prompt + free.code)
        service.add(["recited"], purl=purl("recited"), license="GPL-3.0-only", collection=Collection.RESTRICTED)
        generated = service.generate(request, language="Python")
        (withheld,) = generated.choices
        assert (withheld.code, withheld.code_with_attribution, withheld.check.verdict) == (None, None, Action.BLOCK)
        assert withheld.check.matches[0].origins[0].collection == "restricted"
        assert any("GPL-3.0-only is copyleft" in reason for reason in withheld.reasons)
        kept = service.record(generated.id)
        assert free.code.strip() not in (kept.code or b"").decode()
        assert free.code.strip() not in json.dumps(kept.answer)
