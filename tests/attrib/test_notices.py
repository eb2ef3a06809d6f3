"""What a notice holds, whole and in order, in its three formats; and that nothing in it does harm."""

import re
from html.parser import HTMLParser

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from attrib.notices import html, markdown, text
from attrib.notices.document import document_of, plain
from attrib.notices.entries import NoticeEntry, Place, texts_that_go_with
from attrib.source_licenses import SourceLicenses
from index.origins.base import LegalFile, LegalKind
from index.origins.installed import InstalledOrigin


def entry_of(name: str, copyright: tuple[str, ...] = (), places: tuple[Place, ...] = ()) -> NoticeEntry:
    (package,) = InstalledOrigin([name]).packages()
    licenses = SourceLicenses(package)
    return NoticeEntry(package.purl, licenses.package.expression, copyright, licenses.legal_of("x.py"), places)


def notice(*entries: NoticeEntry) -> str:
    return text.render(document_of(entries))


def test_the_licence_stands_complete_as_the_source_ships_it() -> None:
    click = entry_of("click", ("2014 Pallets",), (Place("click/core.py", 3, 9),))
    written = notice(click)
    assert click.legal[0].text.strip() in written
    assert "Licence: BSD-3-Clause" in written
    assert "  Copyright 2014 Pallets" in written
    assert "  click/core.py, lines 3-9\n" in written
    assert "as the source ships it" in written
    assert "Changes" not in written


def test_notice_files_and_changes_are_included() -> None:
    written = notice(entry_of("requests", places=(Place("a.py", 1, 9, True),)))
    assert "NOTICE of requests" in written
    assert "Copyright 2019 Kenneth Reitz" in written
    assert "Changes: the code was modified (the licence asks that this be said)." in written
    unchanged = notice(entry_of("requests", places=(Place("a.py", 1, 9),)))
    assert "Changes: none were found: it stands here as in the source." in unchanged
    both = notice(entry_of("requests", places=(Place("a.py", 1, 9), Place("b.py", 2, 2, True))))
    assert "  b.py, line 2 (changed here)\nChanges: the places that are marked so were modified" in both


def test_sources_are_grouped_in_a_stable_order_and_texts_said_once() -> None:
    entries = [
        entry_of("flask", places=(Place("b.py", 1, 2),)),
        entry_of("click"),
        entry_of("flask", places=(Place("a.py", 10, 12), Place("a.py", 9, 9))),
    ]
    written = notice(*entries)
    assert written == notice(*reversed(entries))
    assert written.count("(pkg:pypi/flask@") == 1
    order = ["click", "flask", "a.py, line 9", "a.py, lines 10-12", "b.py, lines"]
    assert [written.index(part) for part in order] == sorted(written.index(part) for part in order)
    shared = LegalFile("LICENSE", LegalKind.LICENSE, "The same text.")
    twice = document_of(NoticeEntry(f"pkg:generic/{name}", "MIT", legal=(shared,)) for name in "ab")
    for form in (text, markdown, html):
        assert form.render(twice).count("The same text.") == 1
    assert "Word for word the text given above for pkg:generic/a." in text.render(twice)
    assert 'given above for <a href="#work-1">pkg:generic/a</a>' in html.render(twice)


def test_the_spdx_text_is_the_last_resort_and_said_so() -> None:
    written = notice(NoticeEntry("pkg:generic/x@1", "MIT", copyright=("2020 Ann",)))
    assert "MIT: the source ships no licence file, so this is the SPDX list's text" in written
    assert "Permission is hereby granted, free of charge" in written
    assert "<year>" not in written
    assert "Copyright 2020 Ann" in written


def test_a_licence_that_no_shipped_file_holds_is_added() -> None:
    (mit,) = (file for file in entry_of("rich").legal if file.kind is LegalKind.LICENSE)
    written = notice(NoticeEntry("pkg:generic/x@1", "MIT AND ISC", legal=(mit,)))
    assert written.count("Permission is hereby granted, free of charge") == 1
    assert "ISC: no licence file that the source ships holds it, so this is the SPDX list's text" in written
    assert "MIT: no licence file" not in written
    assert "0BSD" not in notice(NoticeEntry("pkg:generic/x@1", "0BSD OR MIT", legal=(mit,))).split("----")[1]


def test_a_list_of_authors_goes_with_a_copyright_that_refers_to_it() -> None:
    legal = (
        LegalFile("LICENSE", LegalKind.LICENSE, "MIT License"),
        LegalFile("AUTHORS.md", LegalKind.AUTHORS, "Ada\nBen"),
        LegalFile("vendor/b/LICENSE", LegalKind.LICENSE, "ISC License"),
        LegalFile("vendor/b/AUTHORS", LegalKind.AUTHORS, "Cy"),
    )
    assert texts_that_go_with(legal, "a.py", ("2020 Ada",)) == legal[:1]
    assert texts_that_go_with(legal, "a.py", ("2020 The Example Authors",)) == legal[:2]
    assert texts_that_go_with(legal, "vendor/b/b.py", ("The B Authors",)) == legal[2:]
    sending = (LegalFile("LICENSE", LegalKind.LICENSE, "Copyright of those in the AUTHORS file."), *legal[1:])
    assert texts_that_go_with(sending, "a.py", ()) == sending[:2]


def test_a_notice_in_a_folder_goes_with_the_files_below_it() -> None:
    legal = (LegalFile("LICENSE", LegalKind.LICENSE, "MIT"), LegalFile("a/b/NOTICE", LegalKind.NOTICE, "Parts by Ada"))
    assert texts_that_go_with(legal, "a/b/c/d.py", ()) == legal
    assert texts_that_go_with(legal, "a/bc.py", ()) == legal[:1]


def test_unknown_licences_have_a_section_of_their_own() -> None:
    entries = [entry_of("click"), NoticeEntry("pkg:generic/a@1", "NOASSERTION"), NoticeEntry("pkg:generic/b@1", "what")]
    document = document_of(entries)
    assert [work.purl for work in document.unknown] == ["pkg:generic/a@1", "pkg:generic/b@1"]
    written = text.render(document)
    unknown = written[written.index("WORKS WHOSE LICENCE IS NOT KNOWN") :]
    assert unknown.count("Licence: not known") == 2
    assert "click" not in unknown
    assert notice(*entries[1:]).startswith("WORKS WHOSE LICENCE IS NOT KNOWN")
    assert "# Works whose licence is not known" in markdown.render(document)
    assert '<h2 id="unknown">Works whose licence is not known</h2>' in html.render(document)


def test_a_choice_is_said_and_nothing_makes_no_notice() -> None:
    assert "Apache-2.0 is chosen where Apache-2.0 OR BSD-2-Clause offers a choice" in notice(entry_of("packaging"))
    assert [form.render(document_of([])) for form in (text, markdown, html)] == ["", "", ""]
    assert [form.verbatim("") for form in (text, markdown, html)] == ["", "", ""]


@pytest.mark.parametrize("form", [text, markdown, html])
def test_every_format_says_the_same(form: object) -> None:
    entry = entry_of("requests", ("2019 Kenneth Reitz", "2020 Ben"), (Place("a.py", 1, 9, True),))
    written = form.render(document_of([entry]))  # type: ignore[attr-defined]
    read = BeautifulSoup(written, "html.parser").get_text() if form is html else written.replace("\\", "")
    for file in entry.legal:
        assert plain(file.text).strip() in read
    for said in ("Copyright 2020 Ben", "a.py, lines 1-9 (changed here)", "NOTICE of requests", entry.purl):
        assert said in read


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "</pre><script>alert(1)</script>",
            "```\n<script>alert(1)</script>\n# Heading\n``````",
            "~~~\n![x](http://example.org/a.png) [y](javascript:alert(1))",
            "\u202eevil\u200b\x1b[31m\x00\ud800",
            "<!-- --> &lt; \" ' onload=x <style>@import url(//example.org)</style>",
            "- [ ] a\n\n    code\n\n| a | b |\n|---|---|\n\n---\n<http://example.org> &amp;",
        ]
    ),
    st.text(max_size=80),
)


_ENDS = ("open", "close")
_TAGS = frozenset(
    ["html", "head", "meta", "title", "style", "body", "main", "nav", "section", "h1", "h2", "h3", "p", "ul", "li"]
) | {"a", "dl", "dt", "dd", "pre"}


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_what_others_wrote_does_no_harm(name: str, holder: str, path: str, body: str) -> None:
    legal = (
        LegalFile(f"{path}/LICENSE", LegalKind.LICENSE, body or "x"),
        LegalFile("NOTICE", LegalKind.NOTICE, holder),
    )
    entry = NoticeEntry(f"pkg:generic/{name}@1", "MIT", (holder, name), legal, (Place(path, 1, 2, True),))
    document = document_of([entry])
    written = {form: form.render(document) for form in (text, markdown, html)}
    for one in written.values():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\ufeff\ud800-\udfff]", one)
        one.encode()
    tokens = MarkdownIt("commonmark").parse(written[markdown])
    kinds = {inner.type for token in tokens for inner in (token, *(token.children or ()))}
    assert kinds <= {
        *(f"{block}_{end}" for block in ("heading", "paragraph", "list_item", "bullet_list") for end in _ENDS),
        "inline", "text", "text_special", "fence", "softbreak",
    }  # fmt: skip
    assert plain(legal[0].text).strip("\n").rstrip() in [
        token.content.removesuffix("\n") for token in tokens if token.type == "fence"
    ]
    seen = _Seen()
    seen.feed(written[html])
    assert seen.tags <= _TAGS
    assert not {attribute for attribute in seen.attributes if attribute.startswith("on")}
    assert all(link.startswith("#work-") for link in seen.links)


def test_the_page_is_whole_and_can_be_read_by_all() -> None:
    page = html.render(document_of([entry_of("click", ("2014 Pallets",)), entry_of("requests")]))
    soup = BeautifulSoup(page, "html.parser")
    assert soup.html["lang"] == "en"
    assert soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"].startswith(
        "default-src 'none'"
    )
    assert "prefers-color-scheme: dark" in page
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for labelled in soup.find_all(attrs={"aria-labelledby": True}):
        assert labelled["aria-labelledby"] in ids
    assert all(link["href"].removeprefix("#") in ids for link in soup.find_all("a"))
    assert all(block["tabindex"] == "0" for block in soup.find_all("pre"))
    assert [int(tag.name[1]) for tag in soup.find_all(re.compile("^h[1-6]$"))][:3] == [1, 2, 3]
    assert "src=" not in page
    assert "url(" not in page
