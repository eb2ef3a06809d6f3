from attrib.notice import NoticeEntry, notice
from attrib.source_licenses import SourceLicenses
from index.origins.base import LegalFile, LegalKind
from index.origins.installed import InstalledOrigin


def entry_of(name: str, **more: object) -> NoticeEntry:
    (package,) = InstalledOrigin([name]).packages()
    licenses = SourceLicenses(package)
    return NoticeEntry(package.purl, licenses.package.expression, legal=licenses.legal_of("x.py"), **more)  # type: ignore[arg-type]


def test_the_licence_stands_complete_as_the_source_ships_it() -> None:
    click = entry_of("click", copyright=("2014 Pallets",), places=("click/core.py, lines 3-9",))
    text = notice([click])
    assert click.legal[0].text.strip() in text
    assert "Licence: BSD-3-Clause" in text
    assert "  Copyright 2014 Pallets" in text
    assert "  click/core.py, lines 3-9" in text
    assert "as the source ships it" in text


def test_notice_files_and_changes_are_included() -> None:
    text = notice([entry_of("requests", modified=True)])
    assert "NOTICE of requests" in text
    assert "Copyright 2019 Kenneth Reitz" in text
    assert "Changes: the code was modified (the licence asks that this be said)." in text


def test_sources_are_grouped_in_a_stable_order_and_texts_said_once() -> None:
    entries = [
        entry_of("flask", places=("b.py, lines 1-2",)),
        entry_of("click"),
        entry_of("flask", places=("a.py, lines 1-2",)),
    ]
    text = notice(entries)
    assert text == notice(list(reversed(entries)))
    assert text.count("(pkg:pypi/flask@") == 1
    assert text.index("click") < text.index("flask") < text.index("a.py, lines") < text.index("b.py, lines")
    shared = LegalFile("LICENSE", LegalKind.LICENSE, "The same text.")
    twice = notice([NoticeEntry(f"pkg:generic/{name}", "MIT", legal=(shared,)) for name in "ab"])
    assert twice.count("The same text.") == 1
    assert "Word for word the text given above for pkg:generic/a." in twice


def test_the_spdx_text_is_the_last_resort_and_said_so() -> None:
    text = notice([NoticeEntry("pkg:generic/x@1", "MIT", copyright=("2020 Ann",))])
    assert "the source ships no licence file, so this is the SPDX list's text" in text
    assert "Permission is hereby granted, free of charge" in text
    assert "<year>" not in text
    assert "Copyright 2020 Ann" in text
    shipped = NoticeEntry(
        "pkg:generic/x@1", "MIT", legal=(LegalFile("L", LegalKind.LICENSE, "t"),), license_text_is_canonical=True
    )
    assert "for want of the source's own" in notice([shipped])


def test_unknown_licences_have_a_section_of_their_own() -> None:
    text = notice(
        [
            entry_of("click"),
            NoticeEntry("pkg:generic/a@1", "NOASSERTION"),
            NoticeEntry("pkg:generic/b@1", "garbage here"),
        ]
    )
    unknown = text[text.index("WORKS WHOSE LICENCE IS NOT KNOWN") :]
    assert "pkg:generic/a@1" in unknown
    assert "pkg:generic/b@1" in unknown
    assert "click" not in unknown
    assert unknown.count("Licence: not known") == 2


def test_a_choice_is_said_and_nothing_makes_no_notice() -> None:
    assert "Apache-2.0 is chosen where Apache-2.0 OR BSD-2-Clause offers a choice" in notice([entry_of("packaging")])
    assert notice([]) == ""
