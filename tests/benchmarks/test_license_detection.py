"""How answers about licences are held against labels, and that the labels themselves can be."""

import re
from collections import Counter

import pytest

from attrib.licenses import canonical
from benchmarks.license_rows import Table, read_rows
from benchmarks.license_verdicts import NOTHING, Verdict, called_permissive, verdict


@pytest.mark.parametrize(
    ("label", "answer", "expected"),
    [
        ("MIT AND ISC", "ISC AND MIT", "right"),
        ("MIT OR (ISC OR Zlib)", "Zlib OR MIT OR ISC", "right"),
        ("MIT", "MIT AND ISC", "superset"),
        ("MIT AND ISC", "MIT", "subset"),
        ("MIT", "ISC", "wrong"),
        ("MIT", None, "none"),
        # Everything that may be chosen from asks for more than the choice, and a choice for less than everything.
        ("MIT OR ISC", "MIT AND ISC", "superset"),
        ("MIT OR ISC", "(MIT OR ISC) AND MIT AND ISC", "superset"),
        ("MIT AND ISC", "MIT OR ISC", "wrong"),
        ("MIT AND ISC", "(MIT OR ISC) AND MIT AND ISC", "right"),
        # What has no SPDX id is unknown, whatever it is called, and saying nothing of it is right.
        ("LicenseRef-proprietary", "LicenseRef-scancode-commercial-license", "right"),
        ("LicenseRef-unknown", None, "right"),
        ("LicenseRef-unknown", "MIT", "wrong"),
        ("LicenseRef-unknown", "LicenseRef-scancode-unicode", "right"),
        ("Unicode-DFS-2015", "LicenseRef-scancode-unicode", "right"),
        ("Info-ZIP", "LicenseRef-scancode-info-zip-2009-01", "right"),
        ("TekHVC", "LicenseRef-scancode-patent-disclaimer AND LicenseRef-scancode-tekhvc", "right"),
        ("LicenseRef-unknown", "LicenseRef-scancode-public-domain", "wrong"),
        ("LicenseRef-unknown AND MIT", "MIT", "subset"),
        ("LicenseRef-public-domain", "LicenseRef-scancode-public-domain-disclaimer", "right"),
        ("LicenseRef-public-domain", None, "none"),
        # A pointer is no licence where a licence is named beside it.
        ("MIT", "MIT AND LicenseRef-scancode-unknown-license-reference", "right"),
        ("MIT", "LicenseRef-scancode-unknown-license-reference", "none"),
        ("MIT WITH fmt-exception", "MIT AND fmt-exception", "right"),
        ("MIT WITH fmt-exception", "MIT", "subset"),
        ("LGPL-3.0-only", "LGPL-3.0-only WITH LicenseRef-scancode-openssl-exception", "right"),
        ("OFL-1.1", "OFL-1.1-RFN", "right"),
        # A file that says nothing.
        ("NONE", None, "right"),
        ("NONE", "MIT", "wrong"),
    ],
)
def test_answers_are_compared_by_what_they_mean(label: str, answer: str | None, expected: str) -> None:
    assert verdict(label, answer, text_alone=False) is Verdict(expected)


def test_a_gnu_text_alone_does_not_say_whether_later_versions_are_meant_but_a_notice_does() -> None:
    assert verdict("GPL-2.0-only", "GPL-2.0-or-later", text_alone=True) is Verdict.RIGHT
    assert verdict("GPL-2.0-only", "GPL-2.0-or-later", text_alone=False) is Verdict.WRONG
    assert verdict("GPL-2.0-or-later", "GPL-2.0-only", text_alone=True) is Verdict.WRONG


@pytest.mark.parametrize(
    ("label", "answer", "too_mild"),
    [
        ("GPL-2.0-only AND MIT", "MIT", True),
        ("MPL-2.0", "Apache-2.0", True),
        ("LicenseRef-proprietary AND BSD-3-Clause", "BSD-3-Clause", True),
        ("GPL-2.0-only OR MIT", "MIT", False),
        ("GPL-2.0-only", "LicenseRef-scancode-other-permissive", False),
        ("GPL-2.0-only", None, False),
    ],
)
def test_strings_attached_and_called_permissive_is_counted(label: str, answer: str | None, too_mild: bool) -> None:
    assert called_permissive(label, answer) is too_mild


@pytest.mark.parametrize("table", [table for table in Table if table.path.exists()])
def test_every_label_is_canonical_and_every_file_is_named_once(table: Table) -> None:
    rows = read_rows(table)
    labels = [row.label for row in rows if row.label != NOTHING]
    assert [label for label in labels if canonical(label).expression != label] == []
    assert [row.purl for row in rows if not re.fullmatch(r"pkg:(pypi|npm|deb)/.+@.+", row.purl)] == []
    assert [row.path for row in rows if not re.fullmatch(r"[0-9a-f]{64}", row.sha256)] == []
    assert max(Counter((row.purl, row.path) for row in rows).values()) == 1


def test_the_licence_files_are_many_and_of_many_packages() -> None:
    rows = read_rows(Table.FILES)
    assert len(rows) >= 150
    assert len({row.purl for row in rows}) >= 120
    assert max(Counter(row.purl for row in rows).values()) <= 3


def test_what_is_held_out_is_of_other_packages() -> None:
    looked_at = {row.purl.rpartition("@")[0] for table in (Table.FILES, Table.HEADERS) for row in read_rows(table)}
    for table in (Table.HELD_OUT_FILES, Table.HELD_OUT_HEADERS):
        rows = read_rows(table)
        assert len(rows) >= 60
        assert len({row.purl for row in rows}) >= 40
        assert looked_at.isdisjoint(row.purl.rpartition("@")[0] for row in rows)
