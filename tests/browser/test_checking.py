"""Checking code as a person does: pasted, dropped, uploaded; the result read, copied and taken home."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from .code import everything_in_one, long_code

UNFOLD = "folds => folds.forEach((fold) => { fold.open = true; })"


def _check(page: Page, code: str, path: str = "mixed.py") -> None:
    page.goto("/check")
    page.get_by_role("textbox", name="Code", exact=True).fill(code)
    page.get_by_text("File name and sources").click()
    page.get_by_label("File name").fill(path)
    page.get_by_role("button", name="Check").click()
    page.wait_for_url("**/records/*")


def _upload(page: Page, name: str, content: bytes) -> None:
    page.goto("/check")
    page.get_by_label("Or a file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
    page.get_by_role("button", name="Check").click()
    page.wait_for_url("**/records/*")


@pytest.mark.parametrize("visitor", ["page", "page_without_scripts"])
def test_every_kind_of_match_is_marked_and_leads_to_its_reference(request, visitor, served):
    page = request.getfixturevalue(visitor)
    _check(page, everything_in_one(served.known))
    for kind, tone in {"exact": "attribute", "near": "attribute", "renamed": "attribute"}.items():
        assert page.locator(f"tr.marked.{kind}.{tone}").count() > 5, kind
    for tone in ("block", "review", "common"):
        assert page.locator(f"tr.marked.{tone}").count() > 5, tone
    second = page.locator("details.match").nth(1)
    expect(second.locator(".compare")).to_be_hidden()
    page.locator("tr.marked .mark a").nth(1).click()
    expect(second.locator(".compare")).to_be_visible()
    expect(page).to_have_url(re.compile("#c1-match-2$"))
    changed = second.locator(".compare tr.changed").first
    expect(changed.locator("em").first).to_be_visible()


def test_a_match_says_all_there_is_to_know_of_its_reference(page, served):
    function = served.known.function("confirmation_option")
    _check(page, function.text)
    facts = page.locator("details.match[open] .facts")
    expect(facts).to_contain_text(function.purl)
    expect(facts).to_contain_text(f"{function.path}, lines {function.start_line} to {function.end_line}")
    expect(facts).to_contain_text("BSD-3-Clause asks for its copyright notice and text.")
    expect(facts).to_contain_text("2019 The Click Authors")
    expect(facts).to_contain_text("1 source of the index")
    rows = page.locator("details.match[open] .compare tbody tr")
    first = rows.first.locator("td").all_inner_texts()
    assert (first[0], first[3]) == ("1", str(function.start_line))
    assert first[1] == first[4] == function.text.split("\n")[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_result_has_no_barriers_in_any_state(new_page, served, scheme, assert_accessible, picture):
    page = new_page(color_scheme=scheme)
    _check(page, everything_in_one(served.known))
    picture(page, f"result-{scheme}")
    page.locator("details").evaluate_all(UNFOLD)
    assert_accessible(page)
    picture(page, f"result-{scheme}-unfolded")


def test_a_result_fits_a_telephone(phone, served, assert_fits, assert_accessible, picture):
    _check(phone, everything_in_one(served.known) + f"\nlong = '{'x' * 900}'\n")
    phone.locator("details").evaluate_all(UNFOLD)
    assert_fits(phone)
    box = phone.locator(".text-box").first
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    assert_accessible(phone)
    picture(phone, "result-phone")


def test_matches_are_walked_through_by_keys_and_buttons(page, served):
    _check(page, everything_in_one(served.known))
    page.get_by_role("region", name="The code that was checked").focus()
    page.keyboard.press("n")
    expect(page.locator("details.match").nth(0).locator("summary")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("details.match").nth(1).locator("summary")).to_be_focused()
    expect(page.locator("details.match").nth(1).locator(".compare")).to_be_visible()
    assert page.locator("tr.current").count() > 5
    page.keyboard.press("p")
    expect(page.locator("details.match").nth(0).locator("summary")).to_be_focused()
    page.get_by_role("button", name="Next match").click()
    expect(page).to_have_url(re.compile("#c1-match-2$"))
    page.get_by_label("Colours").focus()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("#c1-match-2$"))


def test_a_click_on_any_marked_line_chooses_its_match(page, served):
    _check(page, everything_in_one(served.known))
    page.locator("tr.marked.renamed .text").nth(3).click()
    chosen = page.locator("details.match").filter(has_text="Copy with other names")
    expect(chosen.locator(".names")).to_be_visible()


def test_one_click_copies_the_code_with_its_attribution_or_the_notice(new_page, served):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    _check(page, served.known.function("confirmation_option").text)
    page.get_by_role("button", name="Copy code with attribution").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "SPDX-License-Identifier: BSD-3-Clause" in copied
    assert "def confirmation_option(" in copied
    page.get_by_role("button", name="Copy notice").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('THIRD-PARTY NOTICES'))")


def test_both_are_downloaded_in_one_archive(page_without_scripts, served):
    page = page_without_scripts
    _check(page, served.known.function("confirmation_option").text, "lib/mine.py")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download both").click()
    assert download.value.suggested_filename == "mine.py.zip"
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert archive.namelist() == ["mine.py", "NOTICE.txt"]
        assert b"SPDX-SnippetBegin" in archive.read("mine.py")
        assert b"THIRD-PARTY NOTICES" in archive.read("NOTICE.txt")


@pytest.mark.parametrize("visitor", ["page", "page_without_scripts"])
def test_a_file_is_uploaded(request, visitor, served):
    page = request.getfixturevalue(visitor)
    _upload(page, "plan.py", served.known.weak.encode())
    expect(page.get_by_role("heading", name="plan.py")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("Have it reviewed")


def test_a_file_is_dropped_onto_the_field_and_can_be_taken_out_again(page, served, assert_accessible):
    page.goto("/check")
    dropped = page.evaluate_handle(
        """code => {
            const dropped = new DataTransfer();
            dropped.items.add(new File([code], "ledger.py"));
            return dropped;
        }""",
        served.known.guarded,
    )
    field = page.get_by_role("textbox", name="Code", exact=True)
    field.dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.locator("#chosen-file")).to_contain_text("ledger.py")
    expect(field).to_be_disabled()
    assert_accessible(page)
    page.get_by_role("button", name="Take it out").click()
    expect(field).to_be_enabled()
    field.dispatch_event("drop", {"dataTransfer": dropped})
    page.get_by_role("button", name="Check").click()
    page.wait_for_url("**/records/*")
    expect(page.get_by_role("heading", name="ledger.py")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("Do not use")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1\n", "neither that the code is known nor that it is new"),
        ("".join(f"own{number} = {number} + own{number * 7}\n" for number in range(60)), "no proof that it is new"),
    ],
    ids=["too_short", "clean"],
)
def test_the_page_says_what_no_match_means(page, code, words, assert_accessible):
    _check(page, code)
    expect(page.locator(".verdict")).to_contain_text(words)
    assert_accessible(page)


def test_the_page_says_that_data_was_not_searched(page):
    _upload(page, "picture.py", b"\x89PNG\0\0" * 90)
    expect(page.locator(".verdict")).to_contain_text("it was not searched and nothing is known about it")


def test_characters_that_hide_or_turn_text_are_shown_and_named(page, served, assert_accessible, picture):
    code = served.known.weak + 'admin = "user\u202e \u2066# x\u2069"\nzero\u200bwidth = "\u05d0\u05d1"\n'
    _check(page, code)
    expect(page.get_by_role("status").filter(has_text="Hidden characters")).to_contain_text(
        "U+202E RIGHT-TO-LEFT OVERRIDE, U+2066 LEFT-TO-RIGHT ISOLATE, U+2069 POP DIRECTIONAL ISOLATE, "
        "U+200B ZERO WIDTH SPACE"
    )
    assert page.locator(".text-box .hidden-character").all_inner_texts() == ["U+202E", "U+2066", "U+2069", "U+200B"]
    assert_accessible(page)
    picture(page, "result-hidden-characters")


def test_an_output_of_two_thousand_lines_is_one_light_page(page, served):
    _upload(page, "long.py", long_code(served.known, 2_000).encode())
    assert page.locator(".text-box tr").count() == 2_000
    # What is folded away is not laid out, and what is shown fits a screen or two.
    assert page.evaluate("document.documentElement.scrollHeight") < 6_000
    assert len(page.content()) < 4_000_000
    page.locator("tr.marked .mark a").last.click()
    expect(page.locator("details.match").last.locator(".compare")).to_be_visible()


def test_colours_are_chosen_and_kept(new_page):
    page = new_page(color_scheme="light")
    page.goto("/check")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_label("Colours").select_option("Dark")
    dark = page.evaluate(paper)
    assert dark != light
    page.goto("/generate")
    assert page.evaluate(paper) == dark
    expect(page.get_by_label("Colours")).to_have_value("dark")
    page.get_by_label("Colours").select_option("System")
    assert page.evaluate(paper) == light


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page):
    page.goto("/check")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Code", exact=True)).to_be_focused()
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        if page.evaluate("document.activeElement.matches('a, button, summary')"):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert {"file", "language", "File name and sources to leave out", "Check"} <= seen
