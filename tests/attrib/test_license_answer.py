"""Which licence is it: for ids, names, licence texts and source files, from the command and as data."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attrib.cli.main import cli
from attrib.license_answer import answer_for
from attrib.license_texts import canonical_text
from attrib.licenses import NOASSERTION

MIT = str(canonical_text("MIT"))
ISC = str(canonical_text("ISC"))


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["license", *args], input=stdin)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTRIB_HOME", str(tmp_path / "home"))


def test_an_old_id_is_named_with_the_one_it_is_deprecated_for() -> None:
    answer = answer_for("GPL-2.0").as_json()
    assert (answer["license"], answer["deprecated"], answer["category"]) == ("GPL-2.0-only", "GPL-2.0", "copyleft")
    assert answer["parts"][0] == {
        "license": "GPL-2.0-only",
        "name": "GNU General Public License v2.0 only",
        "category": "copyleft",
        "why": answer["parts"][0]["why"],
        "osi_approved": True,
        "fsf_libre": True,
    }
    assert [row["section"] for row in answer["reasons"]] == ["1, 2 and 3"]


def test_a_choice_is_said_and_its_branch_is_what_is_asked() -> None:
    answer = answer_for("GPL-3.0-only OR MIT-0").as_json()
    assert answer["choice"] == "MIT-0 is chosen where GPL-3.0-only OR MIT-0 offers a choice"
    assert answer["asks"] == []
    assert [part["license"] for part in answer["parts"]] == ["GPL-3.0-only", "MIT-0"]


def test_a_name_of_several_licences_is_not_known_but_says_which_it_may_be() -> None:
    answer = answer_for("MPL").as_json()
    assert answer["license"] == NOASSERTION
    assert answer["may_be"] == ["MPL-2.0", "MPL-1.1", "MPL-1.0"]


def test_every_licence_of_a_file_is_found_with_its_lines() -> None:
    text = f"{MIT}\n\n{ISC}\n"
    answer = answer_for(text).as_json()
    assert answer["license"] == "MIT AND ISC"
    mit, isc = answer["found"]
    assert (mit["license"], mit["how"], mit["similarity"]) == ("MIT", "whole text", 1.0)
    assert mit["end_line"] <= MIT.count("\n") + 1 < isc["start_line"]
    assert isc["end_line"] <= text.count("\n")
    assert answer["changed"] is None


def test_an_altered_text_is_not_called_by_its_name_and_what_was_put_in_is_said() -> None:
    altered = MIT.replace("to deal in the Software", "to deal for noncommercial purposes only in the Software")
    answer = answer_for(altered).as_json()
    assert (answer["license"], answer["category"]) == (NOASSERTION, "unknown")
    assert answer["may_be"] == ["MIT"]
    assert "noncommercial" in answer["reason"]
    assert "noncommercial" in answer["found"][0]["altered"]


def test_a_text_of_two_ids_names_both() -> None:
    answer = answer_for(str(canonical_text("GPL-3.0-only"))).as_json()
    assert (answer["license"], answer["found"][0]["same_text"]) == ("GPL-3.0-only", ["GPL-3.0-or-later"])


@pytest.mark.parametrize(
    ("code", "expression", "lines"),
    [
        ("#!/bin/sh\n# SPDX-License-Identifier: ISC\nexit 0\n", "ISC", (2, 2)),
        (
            "# A queue.\n#\n# Licensed under the Apache\n# License, Version 2.0\nx = 1\n",
            "Apache-2.0",
            (3, 4),
        ),
    ],
)
def test_what_the_head_of_a_source_file_says_is_shown_with_its_lines(
    code: str, expression: str, lines: tuple[int, int]
) -> None:
    Path("queue.sh").write_text(code)
    answer = json.loads(run("queue.sh", "--json").stdout)
    found = answer["found"][0]
    assert answer["license"] == expression
    assert (found["start_line"], found["end_line"], found["similarity"]) == (*lines, None)


def test_the_command_says_what_a_person_needs() -> None:
    Path("LICENSE").write_text(MIT)
    shown = run("LICENSE").stdout
    for said in ("MIT: permissive", "whole text in lines", "approved by OSI and FSF", "its copyright notice and text"):
        assert said in shown
    assert "deprecated on the SPDX list for GPL-2.0-or-later" in run("GPL-2.0+").stdout
    assert "it may be EPL-2.0, EPL-1.0" in run("Eclipse Public License").stdout


def test_standard_input_holds_a_text_or_a_name() -> None:
    assert json.loads(run("-", "--json", stdin=ISC.encode()).stdout)["license"] == "ISC"
    assert json.loads(run("-", "--json", stdin=b"Apache License, Version 2.0\n").stdout)["license"] == "Apache-2.0"


@pytest.mark.parametrize("what", ["Foo-1.0", "the house licence of nobody", "x" * 5000, "\udcff"])
def test_what_is_not_known_is_said_and_is_no_failure(what: str) -> None:
    result = run(what)
    assert result.exit_code == 0
    assert result.stdout.startswith("not known: ")
    assert json.loads(run(what, "--json").stdout)["license"] == NOASSERTION


@pytest.mark.parametrize(
    ("what", "said"), [("none/COPYING", "neither a file nor a licence"), ("LICENSE.txt", "neither"), (".", "folder")]
)
def test_what_cannot_be_read_is_one_line_and_status_2(what: str, said: str) -> None:
    result = run(what)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert said in result.stderr


def test_a_file_that_is_no_text_is_refused() -> None:
    Path("LICENSE").write_bytes(b"\x7fELF\0\0")
    result = run("LICENSE")
    assert result.exit_code == 2
    assert "is not text" in result.stderr


def test_control_characters_of_a_name_reach_no_terminal() -> None:
    assert "\x1b" not in run("evil\x1b[31m name").stdout
