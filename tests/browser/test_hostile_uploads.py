"""Archives that attack, and lists of hostile things: in the real browser nothing comes alive, and nothing gets out."""

import io
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from attrib.scopes import Scope
from tests.index.packing import zipped

from .conftest import Served
from .hostile import ATTACKS, CODE, IMAGE, PURL, SCRIPT, assert_only_text, hostile_server, log_in

TEMPORARY = Path(tempfile.gettempdir())
UNMISTAKABLE = "escaped-from-the-archive"
NAMES = [re.sub(r"[/\x00-\x1f\u202e\u2066\u2069\u200b]", "-", attack) for attack in ATTACKS]
ARCHIVES = [f"{IMAGE}.zip", f"\"'>{IMAGE}.zip", "javascript:document.body.dataset.hit=1.zip", "{{ 7*7 }}\u202epiz.zip"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A server over a hostile index, and a key that may check and audit."""
    with hostile_server(tmp_path_factory.mktemp("uploads"), Scope.CHECK, Scope.AUDIT) as served:
        yield served


@pytest.fixture(scope="module")
def served(server: tuple[Served, str]) -> Served:
    """The server."""
    return server[0]


@pytest.fixture
def logged_in(page: Page, server: tuple[Served, str]) -> Page:
    """A page of somebody who logged in with the key, through the form."""
    return log_in(page, server[1])


def send(page: Page, name: str, archive: bytes, exclude: str = "") -> None:
    page.goto("/audits")
    page.get_by_label("Archive", exact=True).set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": archive}
    )
    if exclude:
        page.locator("[name=exclude]").evaluate("(field, text) => field.value = text", exclude)
    page.get_by_role("button", name="Audit it").click()


@pytest.fixture(scope="module")
def copies() -> bytes:
    """An archive whose folders and files are named to attack, each file a copy of the reference."""
    return zipped({f"top/{folder}/{name}.py": f"# {name}\n{CODE}" for folder in NAMES[:2] for name in NAMES})


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_and_the_files_in_it_keep_their_names_as_text(
    logged_in: Page, served: Served, copies: bytes, name: str
) -> None:
    send(logged_in, name, copies)
    logged_in.wait_for_url(re.compile("/audits/[0-9a-f-]{36}$"))
    logged_in.get_by_role("heading", name="What was looked at").wait_for(timeout=60_000)
    assert_only_text(logged_in)
    audit = logged_in.url.rpartition("/")[2]
    assert name in logged_in.request.get(f"/api/v1/audits/{audit}").json()["name"]
    files = logged_in.locator("td a[href*='/files/']").evaluate_all("links => links.map(link => link.href)")
    assert len(set(files)) >= len(NAMES)
    for address in sorted(set(files))[:: max(1, len(set(files)) // 6)]:
        logged_in.goto(address)
        assert_only_text(logged_in)
        assert "attack_table" in logged_in.locator("main").inner_text()
    for path in ("/audits", f"/records/{audit}", "/records", f"/records?q={quote(NAMES[0])}"):
        logged_in.goto(path)
        assert_only_text(logged_in)


def test_every_report_of_hostile_names_is_a_file_and_dead_when_it_is_opened(
    logged_in: Page, served: Served, copies: bytes, tmp_path: Path
) -> None:
    send(logged_in, ARCHIVES[0], copies)
    logged_in.get_by_role("heading", name="What was looked at").wait_for(timeout=60_000)
    audit = logged_in.url.rpartition("/")[2]
    links = logged_in.locator("a[href*='/report']").evaluate_all("links => links.map(link => link.href)")
    assert links
    for address in links:
        answer = logged_in.request.get(address)
        assert answer.status == 200
        assert "attachment" in answer.headers["content-disposition"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        if answer.headers["content-type"].startswith("text/html"):
            # As whoever saved it opens it: without any header of ours.
            saved = tmp_path / "report.html"
            saved.write_bytes(answer.body())
            logged_in.goto(saved.as_uri())
            assert logged_in.evaluate("document.body.dataset.hit") is None
            assert logged_in.locator("[src=x], [onload], [onerror], [href^='javascript:' i]").count() == 0
    notice = logged_in.request.get(f"{served.address}/records/{audit}/notice.txt")
    assert notice.status in (200, 404)


def tar_of(*members: tuple[str, bytes, str]) -> bytes:
    """Return a tar archive of members: name, kind and, of a link, where it leads."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, kind, to in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, to
            content = CODE.encode() if kind == tarfile.REGTYPE else b""
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def bomb() -> bytes:
    """Return a small archive that would unpack to gigabytes, nested once."""
    inner = zipped({f"{number}.py": b"\0" * 2_000_000 for number in range(40)})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", inner)
        for number in range(60):
            archive.writestr(f"{number}.py", b"\0" * 2_000_000)
    return packed.getvalue()


OUT = f"../../{UNMISTAKABLE}"
HOSTILE = {
    "traversal in a zip": zipped({f"{OUT}.py": CODE, "fine.py": CODE}),
    "traversal in a tar": tar_of((f"{OUT}.py", tarfile.REGTYPE, ""), ("fine.py", tarfile.REGTYPE, "")),
    "backslashes": zipped({f"..\\..\\{UNMISTAKABLE}.py": CODE, "fine.py": CODE}),
    "an absolute path": tar_of((f"{TEMPORARY}/{UNMISTAKABLE}.py", tarfile.REGTYPE, "")),
    "a link out": tar_of(("link.py", tarfile.SYMTYPE, "/etc/passwd"), ("fine.py", tarfile.REGTYPE, "")),
    "a file below a link": tar_of(
        ("d", tarfile.SYMTYPE, str(TEMPORARY)), (f"d/{UNMISTAKABLE}.py", tarfile.REGTYPE, "")
    ),
    "a hard link": tar_of(("hard.py", tarfile.LNKTYPE, "/etc/passwd"), ("fine.py", tarfile.REGTYPE, "")),
    "a device": tar_of(("null.py", tarfile.CHRTYPE, ""), ("pipe.py", tarfile.FIFOTYPE, "")),
    "a bomb": bomb(),
    "no archive": SCRIPT.encode() * 50,
    "nothing": b"",
    "half an archive": zipped({"a.py": CODE})[:-40],
    "nameless": zipped({" ": CODE, "...": CODE, "-rf": CODE, "a" * 3_000 + ".py": CODE, "con.py": CODE}),
    "not UTF-8": zipped({"caf\udce9.py".encode("utf-8", "surrogateescape").decode("latin-1"): CODE}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_or_read_and_nothing_of_it_gets_out(
    logged_in: Page, served: Served, kind: str
) -> None:
    send(logged_in, f"{IMAGE}.zip", HOSTILE[kind])
    finished = logged_in.get_by_role("heading", name=re.compile("What was looked at|Failed"))
    finished.or_(logged_in.get_by_role("alert")).first.wait_for(timeout=60_000)
    assert_only_text(logged_in)
    shown = logged_in.locator("main").inner_text()
    assert "root:" not in shown
    assert "did not expect" not in shown
    logged_in.goto("/audits")
    assert_only_text(logged_in)
    assert list(served.config.home.parent.rglob(f"*{UNMISTAKABLE}*")) == []
    assert list(TEMPORARY.glob(f"*{UNMISTAKABLE}*")) == []
    assert list(served.config.audits_folder.glob("*")) == []


@pytest.fixture(scope="module")
def listed(served: Served) -> Served:
    """The server with a record for every attack: as the path of a matched file, and as what was excluded."""
    for attack in ATTACKS:
        served.service.check(CODE.encode(), path=f"{attack}.py", language="Python")
        served.service.check(CODE.encode(), path=attack, language="Python", exclude=(PURL,))
    return served


def test_records_of_hostile_paths_are_listed_and_found_as_text(logged_in: Page, listed: Served) -> None:
    logged_in.goto("/records?limit=200")
    assert_only_text(logged_in)
    rows = logged_in.get_by_role("region", name="Records").locator("tbody tr")
    assert rows.count() >= 2 * len(ATTACKS)
    logged_in.goto("/")
    assert_only_text(logged_in)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_list_that_is_asked_for_an_attack_shows_it_as_text(logged_in: Page, listed: Served, attack: str) -> None:
    quoted = quote(attack, safe="")
    for path in (
        f"/records?q={quoted}",
        f"/records?q={quoted}&verdict={quoted}&since={quoted}&cursor={quoted}",
        f"/sources?q={quoted}&ecosystem={quoted}&category={quoted}",
        f"/audits?state={quoted}&cursor={quoted}",
        f"/audits/{quoted}",
        f"/audits/{quoted}/files/0",
        f"/audits/{quoted}/report?format={quoted}",
    ):
        logged_in.goto(path)
        assert_only_text(logged_in)
    logged_in.goto(f"/records?q={quote(attack[:60], safe='')}")
    found = logged_in.get_by_role("region", name="Records").locator("tbody a").first
    if found.count():
        found.click()
        assert_only_text(logged_in)
