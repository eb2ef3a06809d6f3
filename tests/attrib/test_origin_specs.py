"""`attrib index add`: which SPEC is which origin, and what becomes of one that cannot be read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from attrib.cli.main import cli
from attrib.errors import UnreadableInput
from attrib.origin_specs import opened_origins
from index.origins.archive import ArchiveOrigin
from index.origins.base import Origin
from index.origins.debian import DebianOrigin
from index.origins.folder import FolderOrigin
from index.origins.git import GitOrigin
from index.origins.installed import InstalledOrigin
from index.origins.npm import NpmOrigin
from index.origins.parquet import ParquetOrigin
from index.origins.pypi import PypiOrigin
from tests.index.packing import sdist, tarball, written


def origins(tmp_path: Path, *specs: str, purl: str | None = None, license: str | None = None) -> list[Origin]:
    with opened_origins(specs, purl=purl, license=license, fetched=tmp_path / "fetched") as found:
        return found


def test_a_spec_says_what_it_is(tmp_path: Path) -> None:
    archive = written(tmp_path, "up-1.0.tar.gz", sdist("up", "1.0"))
    expected: dict[str, type] = {
        "installed": InstalledOrigin,
        "installed:click, flask": InstalledOrigin,
        str(tmp_path): FolderOrigin,
        str(archive): ArchiveOrigin,
        "pkg:pypi/flask@3.1.3": PypiOrigin,
        "pkg:npm/%40babel/parser@7": NpmOrigin,
        "pkg:deb/debian/zlib@1:1.2-1": DebianOrigin,
        "git+https://host/owner/name@v1": GitOrigin,
        "rows/*.parquet": ParquetOrigin,
    }
    found = origins(tmp_path, *expected)
    assert [type(origin) for origin in found] == list(expected.values())
    assert found[1].name == "installed:click,flask"
    assert found[4].name == "pkg:pypi/flask@3.1.3"


def test_parquet_files_are_one_origin(tmp_path: Path) -> None:
    found = origins(tmp_path, "a.parquet", "installed", "b.parquet")
    assert [origin.name for origin in found] == ["installed", "a.parquet b.parquet"]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("nowhere", "no such folder or archive"),
        ("nowhere.zip", "no such folder or archive"),
        ("pkg:", "no package URL"),
        ("pkg:pypi", "no package URL"),
        ("pkg:pypi/flask@3?x=1", "qualifiers"),
        ("pkg:deb/zlib", "pkg:deb/debian/zlib"),
        ("pkg:cargo/serde@1", "not fetched"),
        (__file__, "neither a folder nor an archive"),
    ],
)
def test_what_is_no_spec_is_said_before_anything_is_added(spec: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=words):
        origins(tmp_path, "installed", spec)


@pytest.mark.parametrize(
    ("specs", "purl", "license"),
    [
        (("installed",), "pkg:generic/x", None),
        (("pkg:pypi/flask",), None, "MIT"),
        (("a.parquet",), None, "MIT"),
        ((".", ".."), "pkg:generic/x", None),
    ],
)
def test_what_names_itself_takes_no_other_name(
    specs: tuple[str, ...], purl: str | None, license: str | None, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableInput, match="--purl"):
        origins(tmp_path, *specs, purl=purl, license=license)


def test_a_hostile_archive_does_not_keep_the_others_out(tmp_path: Path) -> None:
    good = written(tmp_path, "good.tar.gz", sdist("good", "1.0"))
    evil = written(tmp_path, "evil.tar.gz", tarball({"../evil.py": "x"}))
    run = CliRunner()
    arguments = ["--home", str(tmp_path / "home"), "index", "add", str(evil), str(good)]
    answer = run.invoke(cli, [*arguments, "--json"])
    assert answer.exit_code == 2
    report = json.loads(answer.stdout)
    assert [source["purl"] for source in report["added"]] == ["pkg:pypi/good@1.0"]
    assert [one["spec"] for one in report["unreadable"]] == [str(evil)]
    assert answer.stderr.count("\n") == 1
    assert "1 of 2 SPECs could not be read" in answer.stderr
    answer = run.invoke(cli, arguments)
    assert answer.exit_code == 2
    assert "could not be read" in answer.stdout
    assert "1 source unchanged" in answer.stdout


def test_where_nothing_can_be_read_one_line_says_so(tmp_path: Path) -> None:
    evil = written(tmp_path, "evil.tar.gz", tarball({"../evil.py": "x"}))
    answer = CliRunner().invoke(cli, ["--home", str(tmp_path / "home"), "index", "add", str(evil), "--json"])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert "outside" in answer.stderr
