"""PyPI, npm and the fetching below them, against a real server on this machine."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

from attrib.ingest import ingest
from attrib.policy import Policy
from index.errors import UnreadableOrigin
from index.origins.ahead import ahead
from index.origins.base import SourceFile, SourcePackage
from index.origins.fetching import Checksum, Fetcher
from index.origins.folder import FolderOrigin
from index.origins.npm import NpmOrigin, configured_registry
from index.origins.pip_settings import PipSettings, pip_settings
from index.origins.pypi import PypiOrigin
from index.reference_index import ReferenceIndex
from tests.index.packing import MIT, code, sdist, tarball, zipped
from tests.index.registry import Registry, registry


@pytest.fixture
def served() -> Iterator[Registry]:
    with registry() as found:
        yield found


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[Fetcher]:
    opened = Fetcher(tmp_path / "fetched", pause=0.01)
    yield opened
    opened.close()


def pypi(served: Registry, fetcher: Fetcher, name: str, version: str | None = None) -> SourcePackage:
    settings = PipSettings(f"{served.address}/simple", (), (), (), None)
    (package,) = PypiOrigin(name, version, fetcher, settings).packages()
    return package


def paths(package: SourcePackage) -> set[str]:
    return {file.path for file in package.files() if isinstance(file, SourceFile)}


def wheel(name: str, version: str) -> bytes:
    return zipped(
        {
            f"{name}/core.py": code(name),
            f"{name}-{version}.dist-info/METADATA": f"Name: {name}\nVersion: {version}\nLicense-Expression: MIT\n",
        }
    )


@pytest.fixture
def upward(served: Registry) -> Registry:
    served.project(
        "up-ward",
        {
            "up_ward-1.0.tar.gz": sdist("up_ward", "1.0"),
            "up_ward-2.1-py3-none-any.whl": wheel("up_ward", "2.1"),
            "up_ward-2.1.tar.gz": sdist("up_ward", "2.1"),
            "up_ward-3.0rc1.tar.gz": sdist("up_ward", "3.0rc1"),
        },
    )
    return served


def test_the_newest_final_source_distribution_is_taken(upward: Registry, fetcher: Fetcher) -> None:
    package = pypi(upward, fetcher, "Up_Ward")
    assert package.purl == "pkg:pypi/up-ward@2.1"
    assert paths(package) == {"setup.py", "src/up_ward.py"}
    assert "/files/up_ward-2.1-py3-none-any.whl" not in upward.asked
    assert not Path("ran").exists()


def test_a_version_is_taken_exactly_also_before_a_release(upward: Registry, fetcher: Fetcher) -> None:
    assert pypi(upward, fetcher, "up-ward", "1.0").purl == "pkg:pypi/up-ward@1.0"
    assert pypi(upward, fetcher, "up-ward", "3.0rc1").purl == "pkg:pypi/up-ward@3.0rc1"
    with pytest.raises(UnreadableOrigin, match="no such release"):
        pypi(upward, fetcher, "up-ward", "9")
    with pytest.raises(UnreadableOrigin, match="no such package"):
        pypi(upward, fetcher, "downward")
    with pytest.raises(UnreadableOrigin, match="names no release"):
        pypi(upward, fetcher, "up-ward", "1.0; rm")


def test_a_wheel_serves_where_there_is_no_source_distribution(served: Registry, fetcher: Fetcher) -> None:
    served.project(
        "only",
        {"only-1-cp311-cp311-win_amd64.whl": wheel("only", "1"), "only-1-py3-none-any.whl": wheel("only", "1")},
    )
    assert paths(pypi(served, fetcher, "only")) == {"only/core.py"}
    assert served.asked[-1] == "/files/only-1-py3-none-any.whl"


def test_the_json_form_of_an_index_is_read(served: Registry, fetcher: Fetcher) -> None:
    content = sdist("js", "1.0")
    file = {
        "filename": "js-1.0.tar.gz",
        "url": served.put("/files/js-1.0.tar.gz", content),
        "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
    }
    page = {"meta": {"api-version": "1.0"}, "name": "js", "files": [file]}
    served.put("/simple/js/", json.dumps(page), "application/vnd.pypi.simple.v1+json")
    assert pypi(served, fetcher, "js").purl == "pkg:pypi/js@1.0"
    assert pypi(served, fetcher, "js").released is None
    # The last moment of the year in New York is the next year in UTC.
    file["upload-time"] = "2023-12-31T23:59:59.123456-05:00"
    served.put("/simple/js/", json.dumps(page), "application/vnd.pypi.simple.v1+json")
    assert pypi(served, fetcher, "js").released == date(2024, 1, 1)
    file["upload-time"] = "yesterday"
    served.put("/simple/js/", json.dumps(page), "application/vnd.pypi.simple.v1+json")
    with pytest.raises(UnreadableOrigin, match=r"answer cannot be read.*yesterday"):
        pypi(served, fetcher, "js")


def test_an_index_on_disk_and_a_folder_of_links_are_read(tmp_path: Path, fetcher: Fetcher) -> None:
    project = tmp_path / "simple" / "local"
    project.mkdir(parents=True)
    (project / "local-1.0.tar.gz").write_bytes(sdist("local", "1.0"))
    (project / "index.html").write_text('<a href="local-1.0.tar.gz">local-1.0.tar.gz</a>')
    links = tmp_path / "links"
    links.mkdir()
    (links / "local-2.0.tar.gz").write_bytes(sdist("local", "2.0"))
    index = (tmp_path / "simple").as_uri()
    (package,) = PypiOrigin("local", None, fetcher, PipSettings(index, (), (), (), None)).packages()
    assert package.purl == "pkg:pypi/local@1.0"
    (package,) = PypiOrigin("local", None, fetcher, PipSettings(index, (), (str(links),), (), None)).packages()
    assert package.purl == "pkg:pypi/local@2.0"


def test_what_is_not_what_the_index_says_is_refused(served: Registry, fetcher: Fetcher) -> None:
    served.project("evil", {"evil-1.0.tar.gz": sdist("evil", "1.0")}, **{"evil-1.0.tar.gz": "0" * 64})
    with pytest.raises(UnreadableOrigin, match="sha256 differs"):
        pypi(served, fetcher, "evil")
    assert list((fetcher._folder).iterdir()) == []
    served.put("/simple/bare/", f'<a href="{served.address}/files/bare-1.0.tar.gz">bare</a>', "text/html")
    with pytest.raises(UnreadableOrigin, match="no SHA-256"):
        pypi(served, fetcher, "bare")


def test_an_index_on_the_web_cannot_name_a_file_of_this_machine(
    served: Registry, fetcher: Fetcher, tmp_path: Path
) -> None:
    secret = tmp_path / "secret-1.0.tar.gz"
    secret.write_bytes(sdist("secret", "1.0"))
    served.put("/simple/secret/", f'<a href="{secret.as_uri()}">secret</a>', "text/html")
    with pytest.raises(UnreadableOrigin, match="do not trust it"):
        pypi(served, fetcher, "secret")


def test_a_hostile_release_is_refused_in_one_sentence(served: Registry, fetcher: Fetcher) -> None:
    served.project("slip", {"slip-1.0.tar.gz": tarball({"../slip.py": "x"})})
    with pytest.raises(UnreadableOrigin, match="outside"):
        pypi(served, fetcher, "slip")


def test_pip_is_asked_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = http://one/simple\ntrusted-host = one\n[install]\nindex-url = http://not-this\n"
    )
    found = pip_settings(
        {
            "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
            "PIP_EXTRA_INDEX_URL": "http://two http://three",
            "PIP_CERT": "/ca.pem",
            "HOME": str(tmp_path),
            "XDG_CONFIG_DIRS": str(tmp_path),
        }
    )
    assert (found.index, found.extra_indexes) == ("http://one/simple", ("http://two", "http://three"))
    assert (found.trusted_hosts, found.certificates) == (("one",), "/ca.pem")


def packument(
    served: Registry, name: str, versions: list[str], license: str = "MIT", time: dict[str, object] | None = None
) -> None:
    """Serve a package's document as an npm registry does, with its tarballs."""
    releases = {}
    for version in versions:
        manifest = json.dumps({"name": name, "version": version, "license": license})
        content = tarball({"package/package.json": manifest, "package/LICENSE": MIT, "package/index.js": code("npm")})
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        url = served.put(f"/{name}/-/{version}.tgz", content)
        releases[version] = {"version": version, "dist": {"tarball": url, "integrity": f"sha512-{digest}"}}
    document = {"name": name, "dist-tags": {"latest": "5.1.0"}, "versions": releases}
    if time is not None:
        document["time"] = time
    served.put("/" + name.replace("/", "%2F"), json.dumps(document), "application/json")


VERSIONS = ["4.9.9", "5.0.0", "5.0.10", "5.0.9", "5.1.0", "5.2.0-beta.1", "50.0.0"]


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [(None, "5.1.0"), ("5", "5.1.0"), ("5.0", "5.0.10"), ("4.9.9", "4.9.9"), ("5.2.0-beta.1", "5.2.0-beta.1")],
)
def test_an_npm_release_is_chosen_by_its_number(
    served: Registry, fetcher: Fetcher, asked: str | None, chosen: str
) -> None:
    packument(served, "down", VERSIONS)
    (package,) = NpmOrigin("down", asked, fetcher, served.address).packages()
    assert package.purl == f"pkg:npm/down@{chosen}"
    assert paths(package) == {"index.js"}
    assert [declared.value for declared in package.declared] == ["MIT"]


@pytest.mark.parametrize(
    ("time", "released"),
    [
        ({"5.1.0": "2021-02-20T23:30:00.000Z", "created": "2012-01-01T00:00:00.000Z"}, date(2021, 2, 20)),
        ({"created": "2012-01-01T00:00:00.000Z"}, None),
        ({"5.1.0": "soon"}, None),
        ({"5.1.0": 7}, None),
        (None, None),
    ],
)
def test_the_day_of_an_npm_release_is_what_the_registry_says(
    served: Registry, fetcher: Fetcher, time: dict[str, object] | None, released: date | None
) -> None:
    packument(served, "down", ["5.1.0"], time=time)
    (package,) = NpmOrigin("down", None, fetcher, served.address).packages()
    assert package.released == released
    # A short answer leaves the dates to a long one, which is asked for.
    assert served.asked.count("/down") == (2 if time is None else 1)


def test_a_date_that_is_learnt_later_is_kept(served: Registry, fetcher: Fetcher, index_of_one: ReferenceIndex) -> None:
    origin = NpmOrigin("down", None, fetcher, served.address)
    for time, released in ((None, None), ({"5.1.0": "2021-02-20T23:30:00.000Z"}, date(2021, 2, 20))):
        packument(served, "down", ["5.1.0"], time=time)
        assert len(ingest(index_of_one, [origin], Policy()).added) == 1
        assert index_of_one.catalog.source("pkg:npm/down@5.1.0").released == released
    assert ingest(index_of_one, [origin], Policy()).unchanged == ("pkg:npm/down@5.1.0",)


def test_a_scoped_npm_package_is_found(served: Registry, fetcher: Fetcher) -> None:
    packument(served, "@o/down", ["5.1.0"])
    (package,) = NpmOrigin("@o/down", None, fetcher, served.address).packages()
    assert package.purl == "pkg:npm/%40o/down@5.1.0"


@pytest.mark.parametrize("asked", ["^5", "6", ">=1", "5.x", "latest"])
def test_other_ranges_of_npm_are_refused_with_what_is_understood(
    served: Registry, fetcher: Fetcher, asked: str
) -> None:
    packument(served, "down", VERSIONS)
    with pytest.raises(UnreadableOrigin, match=r"exact version, a major or major\.minor"):
        list(NpmOrigin("down", asked, fetcher, served.address).packages())


def test_what_an_npm_registry_gets_wrong_is_said(served: Registry, fetcher: Fetcher) -> None:
    packument(served, "down", ["5.1.0"])
    served.put("/down/-/5.1.0.tgz", tarball({"package/package.json": "{}"}))
    with pytest.raises(UnreadableOrigin, match="sha512 differs"):
        list(NpmOrigin("down", None, fetcher, served.address).packages())
    for body in ("<html>", "[]", '{"versions": 3}', "[" * 100_000):
        served.put("/odd", body)
        with pytest.raises(UnreadableOrigin, match="no npm registry's answer"):
            list(NpmOrigin("odd", None, fetcher, served.address).packages())
    with pytest.raises(UnreadableOrigin, match="404"):
        list(NpmOrigin("gone", None, fetcher, served.address).packages())
    for name in ("../up", "a/b", "%2e", "a b"):
        with pytest.raises(UnreadableOrigin, match="no npm package"):
            list(NpmOrigin(name, None, fetcher, served.address).packages())


def test_the_registry_of_npm_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / ".npmrc").write_text("registry=http://mine/\n@o:registry=http://theirs\n")
    home = {"HOME": str(tmp_path)}
    assert configured_registry("down", home) == "http://mine/"
    assert configured_registry("@o/down", home) == "http://theirs"
    assert configured_registry("down", {**home, "npm_config_registry": "http://now"}) == "http://now"
    (tmp_path / ".npmrc").unlink()
    with pytest.raises(UnreadableOrigin, match="npm_config_registry"):
        configured_registry("down", home)


def checksum(content: bytes) -> Checksum:
    return Checksum("sha256", hashlib.sha256(content).hexdigest())


def test_what_was_fetched_is_not_fetched_again(served: Registry, fetcher: Fetcher) -> None:
    url = served.put("/file", b"content")
    for _ in range(2):
        with fetcher.file(url, checksum(b"content"), "it").open() as file:
            assert file.read() == b"content"
    assert served.asked == ["/file"]


def test_a_kept_file_that_was_altered_is_fetched_anew(served: Registry, fetcher: Fetcher) -> None:
    url = served.put("/file", b"content")
    fetcher.file(url, checksum(b"content"), "it")
    (kept,) = fetcher._folder.iterdir()
    kept.write_bytes(b"altered")
    assert fetcher.file(url, checksum(b"content"), "it").read_at(99, 0) == b"content"


def test_kept_files_are_bounded_and_those_in_use_stay_readable(served: Registry, tmp_path: Path) -> None:
    fetcher = Fetcher(tmp_path / "few", pause=0.01, kept_bytes=2000)
    held = []
    for n in range(5):
        content = bytes([n]) * 1000
        held.append(fetcher.file(served.put(f"/{n}", content), checksum(content), "it"))
    assert sum(path.stat().st_size for path in (tmp_path / "few").iterdir()) <= 2000
    assert [one.read_at(1, 999) for one in held] == [b"\0", b"\1", b"\2", b"\3", b"\4"]
    fetcher.close()


def test_passing_faults_are_tried_again(served: Registry, fetcher: Fetcher) -> None:
    url = served.put("/file", b"content", failures=2)
    assert fetcher.file(url, checksum(b"content"), "it").size == 7
    assert served.asked == ["/file"] * 3
    served.put("/file2", b"other", failures=9)
    with pytest.raises(UnreadableOrigin, match="503"):
        fetcher.file(served.address + "/file2", checksum(b"other"), "it")
    served.put("/half", b"content" * 1000, cut=True)
    with pytest.raises(UnreadableOrigin, match="cannot be fetched"):
        fetcher.file(served.address + "/half", checksum(b"content" * 1000), "it")
    assert len(list(fetcher._folder.iterdir())) == 1


def test_redirects_lead_to_the_web_only(served: Registry, fetcher: Fetcher, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"content")
    served.put("/to-file", b"", status=302, headers={"Location": secret.as_uri()})
    with pytest.raises(UnreadableOrigin, match="no web address"):
        fetcher.file(served.address + "/to-file", checksum(b"content"), "it")
    served.put("/round", b"", status=302, headers={"Location": "/round"})
    with pytest.raises(UnreadableOrigin, match="on and on"):
        fetcher.get(served.address + "/round")
    served.put("/on", b"", status=302, headers={"Location": "/there"})
    served.put("/there", b"content")
    assert fetcher.get(served.address + "/on").content == b"content"


def test_an_address_is_shown_without_its_password(fetcher: Fetcher) -> None:
    with pytest.raises(UnreadableOrigin) as refusal:
        fetcher.get("http://ann:secret@127.0.0.1:9/x?token=secret")
    assert "127.0.0.1" in str(refusal.value)
    assert "secret" not in str(refusal.value)


class Slow:
    """An origin that waits until as many have begun as are expected."""

    fetches: ClassVar[bool] = True
    begun: ClassVar[list[str]] = []

    def __init__(self, name: str, together: threading.Barrier) -> None:
        self.name = name
        self._together = together

    def packages(self) -> Iterator[SourcePackage]:
        self.begun.append(self.name)
        self._together.wait(10)
        if self.name == "broken":
            raise UnreadableOrigin("broken is broken.")
        yield SourcePackage(f"pkg:generic/{self.name}", None, (), (), (), lambda: iter(()))


def test_several_fetch_at_once_and_come_in_their_order() -> None:
    together = threading.Barrier(3)
    origins = [Slow(name, together) for name in ("one", "broken", "two")]
    came = []
    for origin, packages in ahead(origins, at_once=3):
        try:
            came += [package.purl for package in packages]
        except UnreadableOrigin:
            came.append(origin.name)
    assert came == ["pkg:generic/one", "broken", "pkg:generic/two"]


def test_no_more_are_begun_than_may_wait() -> None:
    Slow.begun.clear()
    nobody = threading.Barrier(1)
    waiting = ahead((Slow(str(n), nobody) for n in range(20)), at_once=2)
    next(waiting)
    assert len(Slow.begun) <= 4
    waiting.close()


def test_one_that_cannot_be_read_does_not_keep_the_others_out(
    index_of_one: ReferenceIndex, upward: Registry, fetcher: Fetcher, tmp_path: Path
) -> None:
    settings = PipSettings(f"{upward.address}/simple", (), (), (), None)
    missing = PypiOrigin("downward", None, fetcher, settings)
    origins = [missing, PypiOrigin("up-ward", None, fetcher, settings), FolderOrigin(tmp_path / "nowhere")]
    report = ingest(index_of_one, origins, Policy())
    assert [source.purl for source in report.added] == ["pkg:pypi/up-ward@2.1"]
    assert [one.spec for one in report.unreadable] == ["pkg:pypi/downward", str(tmp_path / "nowhere")]
    with pytest.raises(UnreadableOrigin, match="no such package"):
        ingest(index_of_one, [missing], Policy())
    assert ingest(index_of_one, origins, Policy()).unchanged == ("pkg:pypi/up-ward@2.1",)
