"""Lock files and manifests are read, and what they declare is no accusation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from attrib.answers import Action
from attrib.audits.documents import dependencies, is_document, own_packages, vendored
from attrib.audits.findings import Finding
from attrib.bootstrap import build_service
from attrib.config import Config, load_config
from attrib.service import Service
from tests.attrib.audited import COPIED, OWN, PURL, add_reference, write

LOCKS = {
    "requirements.txt": (
        "# all we need\nflask==3.1.3\nPy_YAML[libyaml] == 6.0.3 ; python_version > '3' \\\n"
        "    --hash=sha256:00\n-r other.txt\nclick\nhttps://example.org/x.whl\n-e .\n./local\nrich >= 13 # any\n",
        {"pkg:pypi/flask@3.1.3", "pkg:pypi/py-yaml@6.0.3", "pkg:pypi/click", "pkg:pypi/rich"},
    ),
    "requirements-dev.txt": ("black~=25.1", {"pkg:pypi/black"}),
    "poetry.lock": ('[[package]]\nname = "Click"\nversion = "8.5.1"\n[metadata]\n', {"pkg:pypi/click@8.5.1"}),
    "uv.lock": (
        '[[package]]\nname = "mine"\nversion = "1"\nsource = { editable = "." }\n\n'
        '[[package]]\nname = "idna"\nversion = "3.20"\nsource = { registry = "r" }\n',
        {"pkg:pypi/idna@3.20"},
    ),
    "pdm.lock": ('[[package]]\nname = "six"\nversion = "1.17.0"\n', {"pkg:pypi/six@1.17.0"}),
    "pylock.toml": ('[[packages]]\nname = "attrs"\nversion = "26.1.0"\n', {"pkg:pypi/attrs@26.1.0"}),
    "Pipfile.lock": (
        '{"default": {"toml": {"version": "==0.10.2"}}, "develop": {"pytest": {"version": "==9.2.0"}}}',
        {"pkg:pypi/toml@0.10.2", "pkg:pypi/pytest@9.2.0"},
    ),
    "package-lock.json": (
        '{"packages": {"": {"name": "mine"}, "node_modules/chalk": {"version": "5.3.0"}, "packages/a": {},'
        '"node_modules/a/node_modules/@babel/core": {"version": "7.1.0"}, "node_modules/l": {"link": true},'
        '"node_modules/alias": {"name": "real", "version": "2.0.0"}}}',
        {"pkg:npm/chalk@5.3.0", "pkg:npm/%40babel/core@7.1.0", "pkg:npm/real@2.0.0"},
    ),
    "npm-shrinkwrap.json": (
        '{"dependencies": {"ms": {"version": "2.1.3", "dependencies": {"debug": {"version": "4.0.0"}}}}}',
        {"pkg:npm/ms@2.1.3", "pkg:npm/debug@4.0.0"},
    ),
    "pnpm-lock.yaml": (
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      ms:\n        specifier: 2\n\n"
        "packages:\n\n  '@babel/core@7.1.0':\n    resolution: {integrity: x}\n\n  ms@2.1.3:\n    resolution: {}\n\n"
        "  /old@1.0.0(peer@2.0.0):\n    dev: true\n\n  /older/0.9.0:\n    dev: true\n\nsnapshots:\n\n  no@1.0.0: {}\n",
        {"pkg:npm/%40babel/core@7.1.0", "pkg:npm/ms@2.1.3", "pkg:npm/old@1.0.0", "pkg:npm/older@0.9.0"},
    ),
    "yarn.lock": (
        '# yarn lockfile v1\n\n"@babel/core@^7.0.0", "@babel/core@^7.1.0":\n  version "7.1.0"\n  resolved "r"\n\n'
        'ms@^2.0.0:\n  version "2.1.3"\n  dependencies:\n    debug "^4"\n\n"alias@npm:real@^2":\n  version "2.0.0"\n',
        {"pkg:npm/%40babel/core@7.1.0", "pkg:npm/ms@2.1.3", "pkg:npm/real@2.0.0"},
    ),
    "berry/yarn.lock": (
        '__metadata:\n  version: 8\n\n"@babel/core@npm:^7.0.0, @babel/core@npm:^7.1.0":\n  version: 7.1.0\n'
        '  resolution: "@babel/core@npm:7.1.0"\n\n"mine@workspace:.":\n  version: 0.0.0-use.local\n'
        '  resolution: "mine@workspace:."\n\n"alias@npm:real@^2":\n  version: 2.0.0\n  resolution: "real@npm:2.0.0"\n',
        {"pkg:npm/%40babel/core@7.1.0", "pkg:npm/real@2.0.0"},
    ),
    "Cargo.lock": (
        '[[package]]\nname = "mine"\nversion = "0.1.0"\n\n'
        '[[package]]\nname = "serde"\nversion = "1.0.2"\nsource = "registry+r"\n',
        {"pkg:cargo/serde@1.0.2"},
    ),
    "go.sum": (
        "github.com/Pkg/errors v0.9.1 h1:x=\ngithub.com/Pkg/errors v0.9.1/go.mod h1:y=\n"
        "golang.org/x/old v0.1.0/go.mod h1:z=\n",
        {"pkg:golang/github.com/pkg/errors@v0.9.1"},
    ),
    "go.mod": (
        "module example.org/mine\n\ngo 1.22\n\nrequire (\n\tgithub.com/pkg/errors v0.9.1\n)\n"
        "require golang.org/x/sys v0.2.0 // indirect\n",
        {"pkg:golang/github.com/pkg/errors@v0.9.1", "pkg:golang/golang.org/x/sys@v0.2.0"},
    ),
    "pom.xml": (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><groupId>org.mine</groupId><artifactId>mine</artifactId>'
        "<dependencies><dependency><groupId>com.google.guava</groupId><artifactId>guava</artifactId>"
        "<version>33.0</version></dependency><dependency><groupId>junit</groupId><artifactId>junit</artifactId>"
        "<version>${junit}</version></dependency></dependencies></project>",
        {"pkg:maven/com.google.guava/guava@33.0", "pkg:maven/junit/junit"},
    ),
    "gradle.lockfile": (
        "# lock\norg.ow2.asm:asm:9.6=compileClasspath\nempty=annotation\n",
        {"pkg:maven/org.ow2.asm/asm@9.6"},
    ),
}


@pytest.mark.parametrize("path", LOCKS)
def test_a_lock_file_names_its_packages(path: str) -> None:
    text, expected = LOCKS[path]
    assert is_document(path)
    assert {one.purl for one in dependencies({path: text})} == expected
    assert {one.declared_in for one in dependencies({path: text})} == {path}


@pytest.mark.parametrize("path", LOCKS)
@pytest.mark.parametrize("text", ["", "[", "[[package]]\nname = 3\n", "{}", "\0", '{"packages": [1]}', "<a/>"])
def test_a_broken_lock_file_names_nothing_and_stops_nothing(path: str, text: str) -> None:
    assert dependencies({path: text}) == ()


@pytest.mark.parametrize(
    ("path", "text", "purl"),
    [
        ("pyproject.toml", '[project]\nname = "My_Lib"\n', "pkg:pypi/my-lib"),
        ("pyproject.toml", '[tool.poetry]\nname = "mine"\n', "pkg:pypi/mine"),
        ("setup.cfg", "[metadata]\nname = mine\n", "pkg:pypi/mine"),
        ("package.json", '{"name": "@us/mine"}', "pkg:npm/%40us/mine"),
        ("Cargo.toml", '[package]\nname = "mine"\n', "pkg:cargo/mine"),
        ("go.mod", "module github.com/us/Mine\n", "pkg:golang/github.com/us/mine"),
        ("pom.xml", LOCKS["pom.xml"][0], "pkg:maven/org.mine/mine"),
    ],
)
def test_a_manifest_at_the_root_says_what_the_tree_is(path: str, text: str, purl: str) -> None:
    assert [one.purl for one in own_packages({path: text})] == [purl]
    # Further down it may have been copied together with the code.
    assert own_packages({f"copied/{path}": text}) == ()


def test_lists_in_vendor_folders_say_what_is_vendored_and_are_no_dependencies() -> None:
    documents = {
        "pip/_vendor/vendor.txt": "urllib3==2.6\n",
        "pkg/_vendor/tomli-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tomli\nVersion: 2.0\n",
        "vendor/modules.txt": "# github.com/pkg/errors v0.9.1\n## explicit\ngithub.com/pkg/errors\n",
        "vendor/thing/requirements.txt": "six==1\n",
        "vendor/thing/package-lock.json": LOCKS["package-lock.json"][0],
    }
    assert {one.purl for one in vendored(documents)} == {
        "pkg:pypi/urllib3@2.6",
        "pkg:pypi/tomli@2.0",
        "pkg:golang/github.com/pkg/errors@v0.9.1",
        "pkg:pypi/six@1",
    }
    assert dependencies(documents) == ()


@pytest.fixture
def service(config: Config, tmp_path: Path) -> Iterator[Service]:
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference")
        yield service


def audited(service: Service, tree: Path) -> Finding:
    (finding,) = service.audit(tree).findings
    assert finding.match.origins[0].purl == PURL
    return finding


def test_without_a_word_a_copy_asks_for_its_credit(service: Service, tmp_path: Path) -> None:
    finding = audited(service, write(tmp_path / "tree", {"src/found.py": COPIED}))
    assert finding.provenance is None
    assert finding.verdict is Action.ATTRIBUTE


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"app.py": COPIED, "poetry.lock": '[[package]]\nname = "newest"\nversion = "0.9"\n'},
         ("dependency", "pkg:pypi/newest@0.9", "poetry.lock")),
        ({"mine/_vendor/newest/finding.py": COPIED}, ("vendored", PURL, "mine/_vendor/")),
        ({"mine/_vendor/newest.py": COPIED}, ("vendored", PURL, "mine/_vendor/")),
        ({"mine/_vendor/other_name/a.py": COPIED, "mine/_vendor/vendor.txt": "newest==1.0\n"},
         ("vendored", PURL, "mine/_vendor/vendor.txt")),
        ({"finding.py": COPIED, "pyproject.toml": '[project]\nname = "newest"\n'},
         ("own", "pkg:pypi/newest", "pyproject.toml")),
    ],
)  # fmt: skip
def test_what_the_tree_declares_is_no_accusation(
    service: Service, tmp_path: Path, files: dict[str, str], told: tuple[str, str, str]
) -> None:
    report = service.audit(write(tmp_path / "tree", files))
    (finding,) = report.findings
    assert finding.provenance is not None
    assert (finding.provenance.standing.value, finding.provenance.purl, finding.provenance.declared_in) == told
    assert finding.verdict is Action.ALLOW
    assert told[2] in finding.outcome.reasons[0]
    # Its notice is owed all the same, but not to oneself.
    assert ("newest" in report.notice) is (told[0] != "own")


@pytest.mark.parametrize(
    "files",
    [
        {"mine/_vendor/another/finding.py": COPIED},
        {"mine/_vendor/vendor.txt": "newest==1.0\n", "mine/other/a.py": COPIED},
        {"a.py": COPIED, "requirements.txt": "another==1\n"},
        {"a.py": COPIED, "copied/pyproject.toml": '[project]\nname = "newest"\n'},
    ],
)
def test_what_is_declared_of_other_code_changes_nothing(
    service: Service, tmp_path: Path, files: dict[str, str]
) -> None:
    assert audited(service, write(tmp_path / "tree", files)).verdict is Action.ATTRIBUTE


def test_own_code_in_somebody_elses_vendor_folder_is_own_code_still(config: Config, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"newest/finding.py": COPIED, "pyproject.toml": '[project]\nname = "newest"\n'})
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference", "pkg:pypi/big@1", "big/_vendor/newest/finding.py")
        report = service.audit(tree)
    assert [finding.is_own for finding in report.findings] == [True]
    assert [one.as_json() for one in report.own] == [{"purl": "pkg:pypi/newest", "declared_in": "pyproject.toml"}]
    assert report.notice == ""


def test_a_package_is_one_however_pypi_lets_it_be_written(config: Config, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"a.py": COPIED, "requirements.txt": "New_Est.Files==1\n"})
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference", "pkg:pypi/new-est.files@1")
        (finding,) = service.audit(tree).findings
    assert finding.provenance is not None


def test_a_fork_is_own_where_the_settings_say_so(tmp_path: Path) -> None:
    (tmp_path / "attrib.toml").write_text('[audit]\nown = ["pkg:pypi/newest"]\nignore = ["gen/"]\n')
    config = load_config({"home": tmp_path / "home"}, {}, tmp_path)
    tree = write(tmp_path / "tree", {"a.py": COPIED, "gen/b.py": COPIED, "c.py": OWN})
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference")
        report = service.audit(tree)
    assert [(finding.path, finding.is_own) for finding in report.findings] == [("a.py", True)]


def test_what_the_policy_blocks_stays_blocked_where_it_is_declared(tmp_path: Path) -> None:
    (tmp_path / "attrib.toml").write_text('[policy.licenses]\nMIT = "block"\n')
    config = load_config({"home": tmp_path / "home"}, {}, tmp_path)
    with build_service(config) as service:
        add_reference(service, tmp_path / "reference")
        finding = audited(service, write(tmp_path / "tree", {"mine/_vendor/newest/finding.py": COPIED}))
    assert finding.verdict is Action.BLOCK
    assert finding.outcome.reasons[-1].startswith("vendored here:")
