"""Generating code as a person does, while it is written and without scripts."""

import pytest
from playwright.sync_api import expect

MINUTE = 60_000


def _prompt(served, name="breath_first_search"):
    return served.known.function(name).prompt + "\n"


def test_an_answer_appears_while_it_is_written_and_ends_at_its_record(page, served, assert_accessible, picture):
    page.goto("/generate")
    page.get_by_label("Prompt").fill(_prompt(served))
    page.get_by_text("Sampling, language").click()
    page.get_by_label("Language").select_option("Python")
    # An answer without content leaves the page as it stands.
    page.route("**/records/*", lambda route: route.fulfill(status=204))
    with page.expect_request("**/records/*", timeout=MINUTE) as record:
        page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("log")).to_contain_text("copy of pkg:pypi/networkx@3.6.1, BSD-3-Clause")
    assert page.locator("#live tr.marked").count() >= 10
    expect(page.locator("#live-state")).to_contain_text("every line was checked")
    assert_accessible(page)
    picture(page, "generate-live")
    page.unroute_all()
    page.goto(record.value.url)
    expect(page.locator("details.match").first).to_contain_text("networkx 3.6.1")
    picture(page, "generate-record")


def test_the_same_answer_comes_without_scripts(page_without_scripts, served):
    page = page_without_scripts
    page.goto("/generate")
    page.get_by_label("Prompt").fill(_prompt(served))
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/records/*")
    assert page.locator("tr.marked").count() >= 10
    expect(page.locator("details.match").first).to_contain_text("networkx")


def test_the_middle_is_written_between_a_prompt_and_a_suffix(page, served):
    lines = served.known.function("breath_first_search").text.split("\n")
    page.goto("/generate")
    page.get_by_label("Prompt").fill("\n".join(lines[:4]) + "\n")
    page.get_by_label("Suffix").fill("\n".join(lines[-4:]))
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/records/*", timeout=MINUTE)
    page.get_by_text("What was asked").click()
    expect(page.get_by_label("Suffix")).to_contain_text(lines[-1].strip())


@pytest.mark.parametrize("visitor", ["page", "page_without_scripts"])
def test_a_mistake_is_told_with_its_field_and_nothing_typed_is_lost(request, visitor, assert_accessible):
    page = request.getfixturevalue(visitor)
    page.goto("/generate")
    page.get_by_label("Prompt").fill("def keep_me():")
    page.get_by_label("Temperature").fill("hot")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("temperature")
    expect(page.get_by_label("Prompt")).to_have_value("def keep_me():")
    expect(page.get_by_label("Temperature")).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)
    page.get_by_label("Temperature").fill("0")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/records/*", timeout=MINUTE)


SLOW_SERVER = """
    window.fetch = async (address, { signal }) => {
        const stream = new ReadableStream({
            start(controller) {
                window.tell = (event, data) => {
                    const bytes = new TextEncoder().encode(`event: ${event}\\ndata: ${JSON.stringify(data)}\\n\\n`);
                    // In two halves, as a network may cut them.
                    controller.enqueue(bytes.slice(0, 9));
                    controller.enqueue(bytes.slice(9));
                };
                signal.addEventListener("abort", () => controller.error(signal.reason));
            },
        });
        return new Response(stream, { headers: { "Content-Type": "text/event-stream" } });
    };
"""
"""Lets a test say when which event arrives: the embedded model is too quick to be watched."""


def test_each_line_appears_as_it_arrives_its_match_before_it_and_writing_can_be_stopped(page):
    page.add_init_script(SLOW_SERVER)
    page.goto("/generate")
    page.get_by_label("Prompt").fill("def a():")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#live-state")).to_contain_text("The model is")
    expect(page.get_by_role("button", name="Generate")).to_be_disabled()
    origin = {"purl": "pkg:npm/garden@4", "license": "MIT"}
    match = {"kind": "near", "verdict": "attribute", "common": False, "origins": [origin]}
    match["output"] = {"start_line": 2, "end_line": 3}
    tell = "([event, data]) => window.tell(event, data)"
    page.evaluate(tell, ["text", {"choice": 0, "text": "one\ntw"}])
    rows = page.locator("#live tr")
    expect(rows).to_have_count(2)
    expect(page.locator("#live tr.marked")).to_have_count(0)
    page.evaluate(tell, ["match", {"choice": 0, "match": match}])
    expect(page.get_by_role("log")).to_have_text("Near copy of pkg:npm/garden@4, MIT, from line 2 on")
    page.evaluate(tell, ["text", {"choice": 0, "text": "o\u202e\nthree\nfour"}])
    expect(page.locator("#live tr.marked.near.attribute")).to_have_count(2)
    assert [row.inner_text().split() for row in rows.all()] == [
        ["1", "one"], ["2", "1", "twoU+202E"], ["3", "three"], ["4", "four"],
    ]  # fmt: skip
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#live-state")).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    expect(rows).to_have_count(4)


def test_a_stream_that_breaks_says_so(page):
    page.goto("/generate")
    page.get_by_label("Prompt").fill("def a():")
    page.route("**/generate", lambda route: route.abort())
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#live-state")).to_contain_text("The server cannot be reached")
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
