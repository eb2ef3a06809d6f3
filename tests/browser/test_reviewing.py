"""The review of an audit, used as a person does: by keyboard alone, and by links and forms where no script runs."""

import io
import re
import time
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.index.packing import zipped

from .conftest import Served

SCHEMES = ("light", "dark")


def changed(code: str) -> str:
    """The same function as somebody would have it who changed a little of it."""
    return code.replace("balance", "saldo").replace("entry.amount if", "entry.total if")


@pytest.fixture
def sent(served: Served):
    """Audits an archive of a project and gives the address of the audit once it is done."""

    def send(project: str, files: dict[str, str]) -> str:
        packed = zipped({f"shop/{path}": text.encode() for path, text in files.items()})
        audit = served.service.uploads.submit(io.BytesIO(packed), "shop.zip", project=project)
        until = time.monotonic() + 60
        while not served.service.uploads.store.get(audit.id).state.is_final:
            assert time.monotonic() < until
            time.sleep(0.05)
        return f"/audits/{audit.id}"

    return send


@pytest.fixture
def files(served: Served) -> dict[str, str]:
    return {"a/ledger.py": changed(served.known.guarded), "b/water.py": served.known.weak, "c/own.py": "x = 1\n"}


@pytest.fixture
def project() -> str:
    return f"shop {uuid.uuid4()}"


@pytest.fixture
def audited(sent, files, project) -> str:
    return sent(project, files)


def heading(page: Page):
    return page.get_by_role("heading", level=1)


def test_a_review_needs_no_mouse(page: Page, audited, sent, files, project):
    page.goto(audited)
    page.get_by_role("link", name="Review them one by one").focus()
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("a/ledger.py")
    expect(page.locator("#review")).to_be_focused()
    expect(page.get_by_text("Finding 1 of 2")).to_be_visible()
    assert page.locator(".compare em").count() > 0, "what differs is marked inside the lines"
    page.keyboard.press("j")
    expect(heading(page)).to_contain_text("b/water.py")
    page.keyboard.press("k")
    expect(heading(page)).to_contain_text("a/ledger.py")
    page.keyboard.press("a")
    expect(page.get_by_role("radio", name="Accepted")).to_be_checked()
    expect(page.get_by_label("Why", exact=True)).to_be_focused()
    page.keyboard.type("all jokes aside, ours")
    page.keyboard.press("Tab")
    expect(page.get_by_label("By whom")).to_be_focused()
    page.keyboard.type("Ben")
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_contain_text("b/water.py")
    expect(page.locator("#review")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="a/ledger.py")).to_contain_text("Accepted")
    assert page.get_by_label("By whom").input_value() == "Ben", "a name is typed once"
    page.keyboard.press("w")
    expect(page.get_by_label("Until which day")).to_be_focused()
    page.keyboard.type("01012099")
    page.get_by_label("Why", exact=True).focus()
    page.keyboard.type("in spring")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/audits/[\w-]+\?done=\w+#findings"))
    expect(page.get_by_text("Decided since: 2 findings.")).to_be_visible()
    expect(page.get_by_role("row", name="a/ledger.py")).to_contain_text("Do not use")
    expect(page.get_by_role("row", name="a/ledger.py")).to_contain_text("Accepted by Ben, since the audit")
    expect(page.get_by_role("row", name="b/water.py")).to_contain_text("Waived until 2099-01-01")
    again = sent(project, files)
    page.goto(again)
    expect(page.locator(".verdict-title")).to_contain_text("Nothing asked")
    expect(page.get_by_text("Decided since")).to_have_count(0)


def test_a_review_needs_no_script(page_without_scripts: Page, audited, assert_accessible):
    page = page_without_scripts
    page.goto(audited)
    page.get_by_role("link", name=re.compile("^To decide")).click()
    page.get_by_role("link", name="Review them one by one").click()
    expect(page.get_by_text("Finding 1 of 2 to decide")).to_be_visible()
    page.get_by_role("radio", name="No copy").check()
    expect(page.get_by_label("Until which day")).to_be_hidden()
    page.get_by_label("Why", exact=True).fill("a table that everybody has")
    page.get_by_role("button", name="Decide and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("is missing: say who decides")
    assert page.get_by_role("radio", name="No copy").is_checked(), "nothing that was typed is lost"
    assert_accessible(page)
    page.get_by_label("By whom").fill("Ada")
    page.get_by_role("button", name="Decide and go on").click()
    expect(heading(page)).to_contain_text("b/water.py")
    page.get_by_role("link", name="Look at it again").click()
    expect(page.get_by_text("This was decided after the audit ran.")).to_be_visible()
    expect(page.get_by_text("the audit said: Do not use")).to_be_visible()
    expect(page.get_by_text("One finding to decide")).to_be_visible()
    page.get_by_text("Withdraw the decision").click()
    page.get_by_label("Why it no longer holds").fill("I looked again")
    page.get_by_label("Who withdraws it").fill("Ada")
    page.get_by_role("button", name="Withdraw it").click()
    said = page.locator(".said li")
    expect(said).to_have_count(2)
    expect(said.last).to_contain_text("Withdrawn by Ada")
    expect(page.get_by_text("the audit said: Do not use")).to_have_count(0)
    expect(page.get_by_text("Finding 1 of 2 to decide")).to_be_visible()


def test_letters_are_the_browsers_own_outside_the_finding_and_in_fields(page: Page, audited):
    page.goto(audited)
    page.get_by_role("link", name="Review them one by one").click()
    page.get_by_role("link", name="Attrib", exact=True).focus()
    page.keyboard.press("j")
    page.get_by_label("Why", exact=True).focus()
    page.keyboard.type("just a word")
    expect(heading(page)).to_contain_text("a/ledger.py")
    assert page.get_by_label("Why", exact=True).input_value() == "just a word"


def test_two_audits_are_held_against_each_other(page_without_scripts: Page, sent, files, project):
    page = page_without_scripts
    first = sent(project, files)
    page.goto(first)
    page.get_by_role("link", name="Compare with another audit").click()
    expect(page.get_by_text("No earlier audit of")).to_be_visible()
    moved = {"z/water.py": f"import os\n\n\n{files['b/water.py']}", "a/ledger.py": files["a/ledger.py"]}
    page.goto(sent(project, moved))
    page.get_by_role("link", name="Compare with another audit").click()
    expect(page.locator("#unchanged")).to_have_text("Unchanged 2")
    expect(page.get_by_text("before in b/water.py")).to_be_visible()
    page.get_by_label("Held against").select_option(first.rpartition("/")[2])
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#gone")).to_have_text("Gone 0")


def test_a_folder_of_the_server_is_audited_from_the_form(page: Page, served: Served, files):
    tree = served.config.audit_roots[0] / f"shop-{uuid.uuid4()}"
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    page.goto("/audits")
    page.get_by_text("A folder of this server").click()
    page.get_by_label("Folder or archive on the server").fill("/etc")
    page.get_by_role("button", name="Audit the folder").click()
    expect(page.get_by_role("alert")).to_contain_text("below none of the folders")
    page.get_by_label("Folder or archive on the server").fill(str(tree))
    page.get_by_role("button", name="Audit the folder").click()
    expect(page.locator(".verdict-title")).to_contain_text("2 findings", timeout=30_000)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_of_a_review_has_barriers(new_page, sent, files, project, scheme, assert_accessible, picture):
    page = new_page(color_scheme=scheme)
    first = sent(project, {**files, "a/ledger.py": "y = 2\n"})
    second = sent(project, files)
    page.goto(second)
    assert_accessible(page)
    picture(page, f"review-audit-{scheme}")
    page.get_by_role("link", name="Review them one by one").click()
    assert_accessible(page)
    picture(page, f"review-finding-{scheme}")
    page.keyboard.press("w")
    page.get_by_label("Until which day").fill("2099-01-01")
    page.get_by_label("Why", exact=True).fill("is replaced in spring")
    page.get_by_label("By whom").fill("Ben")
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_contain_text("b/water.py")
    page.get_by_role("link", name="Look at it again").click()
    page.get_by_text("Withdraw the decision").click()
    assert_accessible(page)
    picture(page, f"review-decided-{scheme}")
    page.goto(second)
    assert_accessible(page)
    picture(page, f"review-audit-decided-{scheme}")
    page.goto(f"{second}/compare?earlier={first.rpartition('/')[2]}")
    expect(page.locator("#new")).to_have_text("New 1")
    assert_accessible(page)
    picture(page, f"review-compare-{scheme}")
    page.goto("/audits")
    page.get_by_text("A folder of this server").click()
    assert_accessible(page)
    picture(page, f"review-audits-{scheme}")


def test_a_review_fits_a_telephone(phone, audited, assert_fits, assert_accessible, picture):
    phone.goto(audited)
    assert_fits(phone)
    phone.get_by_role("link", name="Review them one by one").click()
    assert_fits(phone)
    assert_accessible(phone)
    picture(phone, "review-phone")
    phone.goto(f"{audited}/compare")
    assert_fits(phone)
