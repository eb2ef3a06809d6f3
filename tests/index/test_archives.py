"""Archives: what is read from them, and that a hostile or damaged one is refused in one sentence."""

import io
import stat
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attrib.ingest import ingest
from attrib.policy import Policy
from index.errors import UnreadableOrigin
from index.origins.archive import ArchiveOrigin
from index.origins.base import DeclaredLicense, SkippedFile, SourceFile, SourcePackage
from index.origins.members import Limits
from index.origins.packed import members_of, stem
from index.origins.tarballs import tar_members
from index.origins.zips import zip_members
from index.reference_index import ReferenceIndex
from tests.index.packing import MIT, code, sdist, tarball, written, zipped


def read(place: Path) -> tuple[SourcePackage, dict[str, bytes], dict[str, str]]:
    """Return the one package of an archive, its files' contents and the reasons for those left out."""
    (package,) = ArchiveOrigin(place).packages()
    every = list(package.files())
    files = {file.path: file.read() for file in every if isinstance(file, SourceFile)}
    return package, files, {file.path: file.reason for file in every if isinstance(file, SkippedFile)}


def test_a_source_distribution_says_who_it_is(tmp_path: Path) -> None:
    package, files, _ = read(written(tmp_path, "anything.tar.gz", sdist("upward", "2.1")))
    assert package.purl == "pkg:pypi/upward@2.1"
    assert package.declared == (DeclaredLicense("License-Expression in PKG-INFO", "MIT"),)
    assert [file.path for file in package.legal] == ["LICENSE"]
    assert set(files) == {"setup.py", "src/upward.py"}
    assert files["src/upward.py"] == code("upward_2_1").encode()


def test_a_wheel_and_an_npm_tarball_say_who_they_are(tmp_path: Path) -> None:
    wheel = zipped(
        {
            "up/core.py": code("up"),
            "up-1.0.dist-info/METADATA": "Name: Up\nVersion: 1.0\nLicense-Expression: MIT\n",
            "up-1.0.dist-info/licenses/LICENSE": MIT,
            "up-1.0.dist-info/tool.py": "x = 1",
        }
    )
    package, files, _ = read(written(tmp_path, "up-1.0-py3-none-any.whl", wheel))
    assert package.purl == "pkg:pypi/up@1.0"
    assert [file.path for file in package.legal] == ["up-1.0.dist-info/licenses/LICENSE"]
    assert set(files) == {"up/core.py"}
    npm = tarball(
        {"package/package.json": '{"name": "@o/up", "version": "3.0.0", "license": "MIT"}', "package/i.js": "x"}
    )
    package, files, _ = read(written(tmp_path, "up.tgz", npm))
    assert package.purl == "pkg:npm/%40o/up@3.0.0"
    assert set(files) == {"i.js"}


def test_a_script_is_known_by_its_first_line_in_every_packing(tmp_path: Path) -> None:
    script = "#!/usr/bin/env python3\n" + code("tool")
    members = {"up-1/bin/tool": script, "up-1/words": "all kinds of words\n", "up-1/LICENSE": MIT}
    for name, packed in (("up-1.tar.gz", tarball(members)), ("up-1.zip", zipped(members))):
        _, files, skipped = read(written(tmp_path, name, packed))
        assert (files, skipped) == ({"bin/tool": script.encode()}, {})


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_every_packing_holds_the_same(tmp_path: Path, mode: str) -> None:
    packed = tarball({"a/one.py": code("one"), "b/two.js": "let x = 1\n"}, mode)
    place = written(tmp_path, "two.tar", packed)
    package, files, _ = read(place)
    assert package.purl == "pkg:generic/two"
    assert files == {"a/one.py": code("one").encode(), "b/two.js": b"let x = 1\n"}


@pytest.mark.parametrize(
    ("name", "bare"),
    [("a.b-1.tar.gz", "a.b-1"), ("x/y.tgz", "y"), ("p.whl", "p"), ("q.TAR.XZ", "q"), ("none", "none")],
)
def test_the_ending_is_told_from_the_name(name: str, bare: str) -> None:
    assert stem(name) == bare


def special(path: str, type: bytes, target: str = "") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo(path)
        info.type, info.linkname = type, target
        archive.addfile(info)
    return packed.getvalue()


def zip_with(info: zipfile.ZipInfo, content: bytes = b"x") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, content)
    return packed.getvalue()


def zip_link(target: str) -> bytes:
    info = zipfile.ZipInfo("a/link.py")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zip_with(info, target.encode())


def encrypted() -> bytes:
    data = bytearray(zipped({"a.py": "x = 1"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def sparse() -> bytes:
    packed = io.BytesIO()
    info = tarfile.TarInfo("a.py")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    packed.write(header + b"\0" * 1024)
    return packed.getvalue()


def endless_header(type: bytes = tarfile.XHDTYPE) -> bytes:
    info = tarfile.TarInfo("long")
    info.type, info.size = type, 6 * 1024**3
    return info.tobuf(tarfile.GNU_FORMAT) + b"0" * 8 * 1024**2


def extended(records: bytes) -> bytes:
    """Return a tar archive that begins with this extended header."""
    info = tarfile.TarInfo("header")
    info.type, info.size = tarfile.XHDTYPE, len(records)
    return info.tobuf(tarfile.GNU_FORMAT) + records + b"\0" * (-len(records) % 512) + tarball({"a.py": "x"}, "w")


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "tar out of it": (lambda: tarball({"../up.py": "x"}), "outside"),
    "tar out of it, deep": (lambda: tarball({"a/b/../../../up.py": "x"}), "outside"),
    "tar absolute": (lambda: tarball({"/etc/up.py": "x"}), "outside"),
    "tar link out": (lambda: special("a/l.py", tarfile.SYMTYPE, "../../etc/passwd"), "leads out"),
    "tar link absolute": (lambda: special("a/l.py", tarfile.SYMTYPE, "/etc/passwd"), "leads out"),
    "tar hard link out": (lambda: special("a/l.py", tarfile.LNKTYPE, "../passwd"), "leads out"),
    "tar device": (lambda: special("a.py", tarfile.CHRTYPE), "no plain file"),
    "tar pipe": (lambda: special("a.py", tarfile.FIFOTYPE), "no plain file"),
    "tar sparse": (sparse, "no plain file"),
    "tar endless header": (endless_header, "header that is too long"),
    "tar endless name": (lambda: endless_header(tarfile.GNUTYPE_LONGNAME), "between its members"),
    "tar header of digits": (lambda: extended(b"0" * 200_000), "malformed"),
    "tar value of digits": (lambda: extended(b"200018 comment=" + b"0" * 200_002 + b"\n"), "malformed"),
    "tar header of short records": (lambda: extended(b"2 " * 100_000 + b"="), "malformed"),
    "tar bomb": (lambda: tarball({"a.txt": b"\0" * 90_000_000}), "unpacks to more"),
    "zip out of it": (lambda: zipped({"../up.py": "x"}), "outside"),
    "zip backslashes": (lambda: zipped({"..\\up.py": "x"}), "outside"),
    "zip drive": (lambda: zipped({"C:\\up.py": "x"}), "outside"),
    "zip link out": (lambda: zip_link("../../etc/passwd"), "leads out"),
    "zip encrypted": (encrypted, "encrypted"),
    "zip bomb": (lambda: zipped({"a.txt": b"\0" * 90_000_000}), "unpacks to more"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused(kind: str, tmp_path: Path) -> None:
    build, words = HOSTILE[kind]
    place = written(tmp_path, "hostile.zip" if kind.startswith("zip") else "hostile.tar.gz", build())
    before = set(tmp_path.iterdir())
    with pytest.raises(UnreadableOrigin, match=words) as refusal:
        read(place)
    assert "hostile" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("reader", [tar_members, zip_members])
def test_too_many_members_are_refused(reader: Callable[..., object]) -> None:
    files = {f"{n}.py": "x" for n in range(11)}
    packed = tarball(files) if reader is tar_members else zipped(files)
    with pytest.raises(UnreadableOrigin, match="more than 10 members"):
        list(reader(io.BytesIO(packed), "many", len(packed), Limits(members=10)))  # type: ignore[call-overload]


def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    place = written(tmp_path, "bomb.tar.xz", tarball({"a.py": b"\0" * 90_000_000}, "w:xz"))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableOrigin):
            read(place)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_links_within_are_left_out_and_said(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, type, target in (("p/a.py", tarfile.SYMTYPE, "../p/b.py"), ("p/c.py", tarfile.LNKTYPE, "p/b.py")):
            info = tarfile.TarInfo(path)
            info.type, info.linkname = type, target
            archive.addfile(info)
        info = tarfile.TarInfo("p/b.py")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"x = 1"))
    _, files, left_out = read(written(tmp_path, "links.tar.gz", packed.getvalue()))
    assert files == {"b.py": b"x = 1"}
    assert left_out == {"a.py": "a link", "c.py": "a link"}


def test_long_names_and_other_alphabets_are_read(tmp_path: Path) -> None:
    long = "/".join(["d" * 90] * 4) + "/naïve.py"
    for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=format, pax_headers={"comment": "x" * 2000}) as archive:
            for path in (long, "a.py"):
                info = tarfile.TarInfo(path)
                info.size = 5
                archive.addfile(info, io.BytesIO(b"x = 1"))
        _, files, _ = read(written(tmp_path, "long.tar", packed.getvalue()))
        assert files == {long: b"x = 1", "a.py": b"x = 1"}


def test_a_path_that_stands_twice_counts_once(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for content in (b"x = 1", b"y = 2"):
            info = tarfile.TarInfo("./a.py")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    _, files, left_out = read(written(tmp_path, "twice.tar", packed.getvalue()))
    assert files == {"a.py": b"x = 1"}
    assert left_out == {"a.py": "stands in the archive twice"}


ARCHIVES = {
    "gz": tarball({"a/one.py": code("one"), "a/LICENSE": MIT}),
    "bz2": tarball({"a/one.py": code("one"), "a/LICENSE": MIT}, "w:bz2"),
    "xz": tarball({"a/one.py": code("one"), "a/LICENSE": MIT}, "w:xz"),
    "tar": tarball({"a/one.py": code("one"), "a/LICENSE": MIT}, "w"),
    "zip": zipped({"a/one.py": code("one"), "a/LICENSE": MIT}),
}


def everything(data: bytes) -> list[bytes | str]:
    """Return all contents of an archive."""
    return [
        member.reason if isinstance(member, SkippedFile) else member.read()
        for member in members_of(lambda: io.BytesIO(data), "it")()
    ]


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip"])
def test_an_archive_that_is_cut_short_is_refused(kind: str) -> None:
    whole = ARCHIVES[kind]
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(UnreadableOrigin, match="fetch it anew"):
            everything(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_the_checksum_at_the_end_is_read_too(kind: str) -> None:
    whole = ARCHIVES[kind]
    with pytest.raises(UnreadableOrigin, match="fetch it anew"):
        everything(whole[:-4])


@given(st.data())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_anywhere_is_a_refusal_or_harmless(data: st.DataObject) -> None:
    whole = bytearray(ARCHIVES[data.draw(st.sampled_from(sorted(ARCHIVES)))])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UnreadableOrigin):
        everything(bytes(whole))


def test_what_is_no_archive_or_empty_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableOrigin, match="no archive"):
        read(written(tmp_path, "text.zip", b"this is text, not an archive" * 100))
    with pytest.raises(UnreadableOrigin, match="has no files"):
        read(written(tmp_path, "empty.zip", zipped({})))


def test_code_vendored_without_a_licence_is_refused(index_of_one: ReferenceIndex, tmp_path: Path) -> None:
    place = written(
        tmp_path,
        "bundle.tgz",
        tarball(
            {
                "package/package.json": '{"name": "bundle", "version": "1.0.0", "license": "MIT"}',
                "package/LICENSE": MIT,
                "package/ours.js": code("ours"),
                "package/node_modules/known/index.js": code("known"),
                "package/node_modules/known/LICENSE": MIT,
                "package/node_modules/strange/index.js": code("strange"),
            }
        ),
    )
    report = ingest(index_of_one, [ArchiveOrigin(place)], Policy())
    assert report.added[0].files == 2
    assert [refusal.path for refusal in report.refused] == ["node_modules/strange/index.js"]
    again = ingest(index_of_one, [ArchiveOrigin(place)], Policy())
    assert again.unchanged == ("pkg:npm/bundle@1.0.0",)
