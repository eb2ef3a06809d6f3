"""The pages, as somebody without scripts uses them."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from flask import url_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import CODE, SWHID, RecordedService, checked, match, origin

from attrib.answers import Action, Attribution, GeneratedChoice, Verdict
from attrib.errors import EmptyIndex
from attrib.records import Record, RecordKind
from generator.errors import PromptTooLong
from index.collection import Collection
from index.matches import MatchKind, SearchStatus, Span
from web.app import create_app

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def _soup(response):
    return BeautifulSoup(response.data, "html.parser")


def _checked_page(client, **fields):
    response = client.post("/check", data={"code": CODE.decode()} | fields)
    assert response.status_code == 303
    return client.get(response.headers["Location"])


def _generated_page(client, recorded, *choices):
    recorded.choices = list(choices)
    response = client.post("/generate", data={"prompt": "def find_up("})
    assert response.status_code == 303
    return client.get(response.headers["Location"])


def _pages(client, recorded):
    recorded.choices = [
        GeneratedChoice("x = '\u202e'\n", "x = 1\n", "stop", checked(match(kind=MatchKind.EXACT))),
        GeneratedChoice(None, None, "stop", checked(match(verdict=Verdict(Action.BLOCK, ("not allowed",))))),
    ]
    check = client.post("/check", data={"code": CODE.decode()}).headers["Location"]
    generation = client.post("/generate", data={"prompt": "a"}).headers["Location"]
    addresses = ["/", "/check", "/generate", "/about", "/records", "/sources", "/sources?q=source11",
                 "/licenses/Apache-2.0", "/sources/pkg:pypi/source001@1.0", "/problems/too-large", "/nothing",
                 check, generation]  # fmt: skip
    wrong = client.post("/generate", data={"prompt": "a", "n": "many"})
    return [client.get(address) for address in addresses] + [wrong]


def test_the_result_marks_the_lines_and_sets_the_reference_beside_them(client):
    soup = _soup(_checked_page(client))
    marked = soup.select("tr.marked")
    assert [int(row.select_one(".number").text) for row in marked] == list(range(2, 12))
    assert all({"near", "attribute"} <= set(row["class"]) for row in marked)
    assert soup.select_one("tr.marked .mark a")["href"] == "#" + soup.select_one("details.match article")["id"]
    rows = [[cell.text for cell in row.select("td")] for row in soup.select(".compare tbody tr")]
    assert rows[0] == ["2", "def find_up(start, name):", "~", "4", "def walk_up(path, name):"]
    assert [row[3] for row in rows] == [str(number) for number in range(4, 15)]
    assert soup.select_one("tr.changed em").text == "find_up"


def test_the_result_names_source_licence_copyright_and_the_notice(client):
    soup = _soup(_checked_page(client))
    facts = {row.dt.text: row.dd.get_text(" ", strip=True) for row in soup.select(".match .facts > div")}
    assert "pkg:pypi/upward@2.1.0" in facts["Source"]
    assert facts["File"] == "upward/walk.py , lines 4 to 14"
    assert "BSD-3-Clause" in facts["Licence"]
    assert "asks for its copyright notice and text" in facts["It asks"]
    assert "The Upward Authors" in facts["Copyright"]
    notice = soup.find("textarea", id="c1-notice")
    assert notice.has_attr("readonly")
    assert "Copyright (c) 2014" in notice.text
    attributed = soup.find("textarea", id="c1-attributed").text
    assert attributed.index("SPDX-SnippetBegin") < attributed.index("find_up") < attributed.index("SPDX-SnippetEnd")
    assert "pkg:npm/%40upward/core@1.0.0" in soup.select_one("details.match details").text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (SearchStatus.CLEAN, "no proof that it is new"),
        (SearchStatus.TOO_SHORT, "neither that the code is known nor that it is new"),
        (SearchStatus.NOT_CODE, "not searched"),
    ],
)
def test_the_result_says_what_its_status_means(client, recorded, status, words):
    recorded.check_answer = checked(status=status, attribution=Attribution(False, "", ()))
    soup = _soup(_checked_page(client))
    assert words in " ".join(soup.select_one(".verdict").text.split())
    assert soup.select("tr.marked, details.match, textarea") == []


def test_a_blocked_choice_shows_its_reasons_and_no_code(client, recorded):
    blocked = checked(match(verdict=Verdict(Action.BLOCK, ("GPL-3.0-only is not allowed by the policy",))))
    recorded.written = b"SECRET = 1"
    page = _generated_page(client, recorded, GeneratedChoice(None, None, "stop", blocked))
    assert b"GPL-3.0-only is not allowed by the policy" in page.data
    assert b"SECRET" not in page.data
    assert _soup(page).select(".code .text, textarea") == []
    assert client.get("/records/0198-generation/1/code.txt").status_code == 404
    assert client.get("/records/0198-generation/1/notice.txt").status_code == 404


def test_every_choice_is_shown_with_its_own_marks(client, recorded):
    choices = [
        GeneratedChoice(CODE.decode(), CODE.decode(), "stop", checked(match())),
        GeneratedChoice("x = 1\n", "x = 1\n", "length", checked(attribution=Attribution(False, "", ()))),
    ]
    soup = _soup(_generated_page(client, recorded, *choices))
    first, second = soup.select("section.choice")
    assert first.select("tr.marked")
    assert not second.select("tr.marked")
    assert "Nothing found" in second.text
    assert [link["href"] for link in soup.select("nav.choices a")] == ["#choice-1", "#choice-2"]


def test_notice_and_code_are_downloads_of_plain_text(client):
    _checked_page(client)
    notice = client.get("/records/0198-check/1/notice.txt")
    assert notice.mimetype == "text/plain"
    assert notice.headers["Content-Disposition"].startswith("attachment")
    assert notice.text == checked(match()).attribution.notice
    assert "SPDX-License-Identifier: BSD-3-Clause" in client.get("/records/0198-check/1/code.txt").text


def test_an_uploaded_file_is_checked_byte_for_byte_under_its_name(client, recorded):
    content = b"\xff\xfe latin \xe9\r\n"
    response = client.post("/check", data={"code": "", "file": (io.BytesIO(content), "old.c")})
    assert response.status_code == 303
    assert recorded.asked == [(content, "old.c", None, ())]
    assert client.get(response.headers["Location"]).status_code == 200


def test_pasted_code_has_the_line_ends_it_was_pasted_with(client, recorded):
    client.post("/check", data={"code": "a\r\nb\r\n", "exclude": "pkg:pypi/a\r\n\r\npkg:npm/b", "language": "C"})
    assert recorded.asked == [(b"a\nb\n", None, "C", ("pkg:pypi/a", "pkg:npm/b"))]


def test_the_generate_form_reads_its_numbers_and_lists(client, recorded):
    recorded.choices = [GeneratedChoice("x", "x", "stop", checked())]
    data = {"prompt": "a\r\n", "max_new_tokens": " 12 ", "temperature": "0.7", "seed": "", "stop": "END\r\nFIN"}
    assert client.post("/generate", data=data).status_code == 303
    asked = recorded.asked[0][0]
    assert (asked.prompt, asked.max_new_tokens, asked.temperature) == ("a\n", 12, 0.7)
    assert (asked.seed, asked.stop, asked.suffix) == (None, ("END", "FIN"), None)


@pytest.mark.parametrize(
    ("route", "data", "field"),
    [
        ("/check", {}, "code"),
        ("/check", {"code": "a", "language": "klingon"}, "language"),
        ("/check", {"code": "a", "exclude": "pkg:pypi/a\nflask"}, "exclude"),
        ("/generate", {"prompt": ""}, "prompt"),
        ("/generate", {"prompt": "a", "temperature": "hot"}, "temperature"),
        ("/generate", {"prompt": "a", "n": "99"}, "n"),
    ],
)
def test_a_wrong_field_is_shown_with_its_field_and_nothing_typed_is_lost(client, recorded, route, data, field):
    response = client.post(route, data=data | {"suffix": "keep me", "path": "keep.py"})
    assert response.status_code == 422
    soup = _soup(response)
    wrong = soup.select("[aria-invalid=true]")
    assert [element["name"] for element in wrong] == [field]
    assert soup.find(id=f"{field}-error")["id"] in wrong[0]["aria-describedby"]
    assert soup.select_one("#mistakes a")["href"] == f"#{field}"
    assert "keep" in str(soup.select_one("form"))
    assert recorded.asked == []


@pytest.mark.parametrize(("error", "status"), [(PromptTooLong("It is too long."), 422), (EmptyIndex("Empty."), 503)])
def test_what_the_service_refuses_is_said_above_the_form(client, recorded, error, status):
    recorded.error = error
    response = client.post("/generate", data={"prompt": "def keep():"})
    assert response.status_code == status
    soup = _soup(response)
    assert str(error) in soup.select_one("[role=alert]").text
    assert soup.find("textarea", id="prompt").text.strip() == "def keep():"


def test_a_reference_that_is_gone_leaves_the_rest_of_the_page(client, recorded):
    recorded.references.clear()
    page = _checked_page(client)
    assert page.status_code == 200
    assert b"no longer holds the text" in page.data
    assert b"pkg:pypi/upward@2.1.0" in page.data


def test_a_record_from_before_names_were_kept_still_has_its_page(client, recorded):
    _checked_page(client)
    record = recorded.record("0198-check")
    older = [{key: value for key, value in one.items() if key != "names"} for one in record.answer["matches"]]
    recorded.keep(replace(record, answer={**record.answer, "matches": older}))
    soup = _soup(client.get("/records/0198-check"))
    assert len(soup.select("details.match .compare")) == 1
    assert soup.select(".names") == []


def test_where_records_keep_no_code_the_result_is_shown_at_once(recorded, config):
    hashes = replace(config, retention="hashes")
    client = create_app(recorded, hashes).test_client()
    response = client.post("/check", data={"code": CODE.decode()})
    assert response.status_code == 200
    assert len(_soup(response).select("tr.marked")) == 10
    record = recorded.record("0198-check")
    kept = Record(**{name: getattr(record, name) for name in Record.__slots__} | {"code": None})
    recorded.keep(kept)
    later = client.get("/records/0198-check")
    assert b"was not kept" in later.data
    assert b"find_up" not in later.data
    recorded.choices = [GeneratedChoice("sha256:" + "0" * 64, "sha256:" + "0" * 64, "stop", checked())]
    assert b"sha256:" not in client.post("/generate", data={"prompt": "a"}).data


def test_the_record_of_an_audit_leads_to_the_page_of_the_audit(client, recorded, config):
    record = Record("0198-audit", RecordKind.AUDIT, _moment(), "clean", "allow", "7", None, {}, {}, None, None)
    recorded.keep(record)
    assert client.get("/records/0198-audit").headers["Location"] == "/audits/0198-audit"


def _moment():
    recorded = RecordedService()
    recorded.check(b"a", path=None, language=None, exclude=())
    return recorded.record("0198-check").created_at


def test_sources_are_found_and_shown(client):
    soup = _soup(client.get("/sources?q=source11"))
    links = [link["href"] for link in soup.select("td a")]
    assert len(links) == 10
    assert b"Copyright (c) 2020 Somebody" in client.get(links[0]).data
    assert _soup(client.get("/sources")).find("a", string="Next page") is not None


def test_a_source_of_two_collections_leads_to_both(client, recorded):
    recorded.summaries.insert(1, replace(recorded.summaries[0], collection=Collection.RESTRICTED))
    links = [link["href"] for link in _soup(client.get("/sources?q=source000")).select("td a")]
    pages = [client.get(link).get_data(as_text=True) for link in links]
    assert ["held only so that a copy of it can be told" in page for page in pages] == [False, True]


def test_an_empty_index_says_what_to_do(client, recorded):
    recorded.summaries = []
    assert b"attrib index add installed" in client.get("/").data


def test_no_page_carries_script_or_style_of_its_own_or_from_elsewhere(client, recorded):
    for page in _pages(client, recorded):
        soup = _soup(page)
        assert soup.find_all("style") == []
        for element in soup.find_all(True):
            assert not [name for name in element.attrs if name == "style" or name.startswith("on")], element
        for script in soup.find_all("script"):
            assert script.text == ""
        loaded = [script["src"] for script in soup.find_all("script")]
        loaded += [link["href"] for link in soup.find_all("link")] + [image["src"] for image in soup.find_all("img")]
        for address in loaded:
            assert address.startswith("/")
            assert client.get(address).status_code == 200, address
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "http" not in policy


def test_style_sheets_load_nothing_from_elsewhere(client):
    for address in ("/static/attrib.css", "/static/code.css", "/static/lists.css", "/code-colours.css"):
        sheet = client.get(address).text
        assert "@import" not in sheet
        assert set(re.findall(r"url\(([^)]*)\)", sheet)) <= {'"chevron.svg"'}


def test_every_page_can_be_read_and_used_without_sight_or_mouse(client, recorded):
    for page in _pages(client, recorded):
        soup = _soup(page)
        assert soup.html["lang"] == "en"
        assert soup.title.text.strip()
        assert len(soup.find_all("h1")) == 1
        assert soup.select_one("a.skip-link")["href"] == "#" + soup.main["id"]
        ids = [element["id"] for element in soup.find_all(id=True)]
        assert len(ids) == len(set(ids))
        for link in soup.select("a[href^='#']"):
            assert link["href"][1:] in ids, link
        for control in soup.select("input, textarea, select"):
            assert soup.find("label", attrs={"for": control["id"]}), control
            assert all(name in ids for name in control.get("aria-describedby", "").split())
        levels = [int(heading.name[1]) for heading in soup.find_all(re.compile("^h[1-6]$"))]
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), levels


def test_pages_with_code_are_kept_nowhere_and_static_files_are(client, recorded):
    assert _checked_page(client).headers["Cache-Control"] == "no-store"
    assert "max-age=31536000" in client.get("/static/attrib.css").headers["Cache-Control"]


HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea><script>x</script>", "'-alert(1)-'",
        "javascript:alert(1)", "\u202e<b>", "{{ 7 * 7 }}", "{% raw %}", "&lt;script&gt;", "]]>", "\x00<i>",
        "<!--", "a/../b", "pkg:pypi/<svg onload=x>@1", "%3Cscript%3E", "</td></tr></table><form action=//evil>",
    ]
) | st.text(max_size=30)  # fmt: skip


SCRIPTS_OF_A_RECORD = ("scheme.js", "copy.js", "matches.js")


class _Elements(HTMLParser):
    """Counts what a page is made of."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name == "href":
                assert value is None or value.startswith(("/", "#", "http://", "https://"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(config, code, name, words, reference):
    recorded = RecordedService()
    client = create_app(recorded, config).test_client()
    place = origin(
        purl=name, path=words, license=words, license_evidence=name, copyright=(words, code), url=words,
        reference=Span(1, 1, 0, 1), swhid=SWHID,
    )  # fmt: skip
    found = match(
        kind=MatchKind.RENAMED, output=Span(1, 1, 0, 1), origins=(place, place),
        names=((reference, code), (name, words)), verdict=Verdict(Action.ATTRIBUTE, (words, name)),
    )  # fmt: skip
    answer = checked(found, replace(found, common=True), attribution=Attribution(True, words, ()), language="HTML")
    recorded.references[SWHID] = reference.encode(errors="replace")
    recorded.choices = [
        GeneratedChoice(code, code + words, "stop", answer),
        GeneratedChoice(None, None, "stop", answer),
    ]
    recorded.model_name = name
    response = client.post("/generate", data={"prompt": "a"})
    record = recorded.record("0198-generation")
    recorded.keep(replace(record, request={"prompt": code, "suffix": words, "path": name}))
    page = client.get(response.headers["Location"])
    assert page.status_code == 200
    elements = _Elements()
    elements.feed(page.text)
    assert elements.found.count("script") == len(SCRIPTS_OF_A_RECORD)
    assert not {"img", "svg", "i", "b"} & set(elements.found[elements.found.index("main") :])
    assert "form" not in elements.found
    for textarea in BeautifulSoup(page.data, "html.parser").find_all("textarea"):
        assert textarea.has_attr("readonly")


def test_names_in_addresses_lead_back_to_themselves(app, client):
    for purl in ("pkg:npm/%40angular/core@1.0.0", "pkg:deb/debian/zlib@1:1.3?arch=source#a/b", "pkg:pypi/a b@1"):
        with app.test_request_context():
            address = url_for("pages.source", purl=purl)
        page = client.get(address)
        assert page.status_code == 404
        assert purl in _soup(page).text
