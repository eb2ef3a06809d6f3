import random
import textwrap
import time

import pytest

from attrib.detection import detect_file_license, detect_package_license, folder_finding
from attrib.license_texts import canonical_text, known_ids, match_texts
from attrib.licenses import Category
from attrib.source_licenses import SourceLicenses
from index.origins.base import DeclaredLicense, LegalFile, LegalKind, Precedence, SourcePackage
from index.origins.installed import InstalledOrigin

COMMON = (
    *("MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "Apache-2.0", "MPL-2.0", "Zlib", "BSL-1.0"),
    *("GPL-2.0-only", "GPL-3.0-only", "LGPL-2.1-only", "LGPL-3.0-only", "AGPL-3.0-only", "EPL-2.0", "PSF-2.0", "NCSA"),
    *("Unlicense", "MIT-0", "JSON", "X11", "CC0-1.0"),
)
SAMPLE = sorted({*COMMON, *random.Random(7).sample(known_ids(), 40)})


def found(text: str) -> list[str]:
    return [
        license_id
        for match in match_texts(text)
        if match.altered is None
        for license_id in (match.license_id, *match.also)
    ]


def package(*declared: tuple[str, str], **legal: str) -> SourcePackage:
    files = tuple(LegalFile(path.replace("__", "/"), LegalKind.LICENSE, text) for path, text in legal.items())
    return SourcePackage(
        "pkg:generic/x@1", None, tuple(DeclaredLicense(*field) for field in declared), (), files, lambda: iter(())
    )


def text_of(license_id: str) -> str:
    return canonical_text(license_id) or ""


@pytest.mark.parametrize("license_id", SAMPLE)
def test_every_text_recognises_itself_also_in_capitals_and_as_a_comment(license_id: str) -> None:
    text = text_of(license_id)
    for variant in (text, text.upper(), textwrap.indent(text, "# ", lambda line: True), text.replace("\n", "\r\n")):
        assert license_id in found(variant)


# Not LGPL-3.0: the first part of its text, the GPL left out, is the whole of what projects ship.
@pytest.mark.parametrize("license_id", sorted({*COMMON} - {"LGPL-3.0-only"}))
def test_common_texts_are_known_rewrapped_and_not_when_broken(license_id: str) -> None:
    text = text_of(license_id)
    words = text.split()
    assert license_id in found("\n".join(textwrap.wrap(text, 60)))
    assert license_id not in found(" ".join(words[: len(words) // 2]))
    mixed, chance = list(words), random.Random(1)
    for number in range(75):
        mixed.insert(chance.randrange(len(mixed)), f"zq{number}x")
    assert license_id not in found(" ".join(mixed))


def test_licences_that_differ_in_one_clause_are_told_apart() -> None:
    for license_id in (
        "MIT",
        "MIT-0",
        "JSON",
        "X11",
        "ISC",
        "0BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSD-4-Clause",
        "AGPL-3.0-only",
        "GPL-3.0-only",
    ):
        assert [match.license_id for match in match_texts(text_of(license_id))] == [license_id]


def test_several_licences_in_one_file_come_in_order_with_their_lines() -> None:
    text = text_of("MIT") + "\n\nPart B\n\n" + text_of("Apache-2.0") + "\n\n" + text_of("MIT")
    matches = match_texts(text)
    assert [match.license_id for match in matches] == ["MIT", "Apache-2.0", "MIT"]
    assert matches[0].end_line < matches[1].start_line < matches[1].end_line < matches[2].start_line


def test_apache_without_its_appendix_is_apache() -> None:
    text = text_of("Apache-2.0")
    assert found(text[: text.index("END OF TERMS")]) == ["Apache-2.0"]


def test_a_clause_put_into_a_known_text_is_noticed() -> None:
    text = text_of("MIT").replace(
        "The above copyright notice",
        "The Software may not be used for military purposes.\n\nThe above copyright notice",
    )
    (match,) = match_texts(text)
    assert match.altered is not None
    assert "military" in match.altered
    finding = detect_package_license(package(("License-Expression", "MIT"), LICENSE=text))
    assert finding.category is Category.UNKNOWN
    assert "military" in (finding.reason or "")


INSTALLED = {
    "click": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "requests": "Apache-2.0",
    "packaging": "Apache-2.0 OR BSD-2-Clause",
    "transformers": "Apache-2.0",
    "tqdm": "MPL-2.0 AND MIT",
    "certifi": "MPL-2.0",
    "typing-extensions": "PSF-2.0",
    "scipy": "BSD-3-Clause",
    "tokenizers": "NOASSERTION",
    "shellingham": "ISC",
    "wtforms": "BSD-3-Clause",
}


def test_installed_packages_have_the_licence_a_person_reads_there() -> None:
    findings = {
        p.purl.split("/")[1].split("@")[0]: detect_package_license(p)
        for p in InstalledOrigin(list(INSTALLED)).packages()
    }
    assert {name: finding.expression for name, finding in findings.items()} == INSTALLED
    assert findings["click"].evidence == "License-Expression in METADATA, confirmed by LICENSE.txt"
    assert findings["jinja2"].evidence == "text of LICENSE.txt, agreeing with Classifier in METADATA"
    assert findings["packaging"].choice == "Apache-2.0 is chosen where Apache-2.0 OR BSD-2-Clause offers a choice"
    assert "GPL-3.0-only" in (findings["scipy"].reason or "")
    assert "for parts it bundles" in (findings["scipy"].reason or "")
    assert "no licence file says which" in (findings["tokenizers"].reason or "")


def test_metadata_and_text_that_disagree_are_not_permissive_and_both_are_named() -> None:
    for declared, text in (("MIT", "GPL-3.0-only"), ("GPL-3.0-only", "MIT"), ("MIT", "Apache-2.0")):
        finding = detect_package_license(package(("License-Expression", declared), LICENSE=text_of(text)))
        assert finding.expression == "NOASSERTION"
        assert declared in (finding.reason or "")
        assert text in (finding.reason or "")


def test_fields_that_disagree_are_not_permissive() -> None:
    finding = detect_package_license(
        package(("License", "MIT"), ("Classifier", "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"))
    )
    assert finding.category is Category.UNKNOWN
    assert finding.reason == "License in METADATA says MIT, Classifier in METADATA says GPL-3.0-only"


def test_copyleft_behind_a_permissive_text_counts_unless_it_is_bundled() -> None:
    both = text_of("MIT") + "\n\n" + text_of("GPL-3.0-only")
    assert not detect_package_license(package(("License", "MIT"), LICENSE=both)).settled
    assert detect_package_license(package(LICENSE=both)).category is Category.COPYLEFT
    bundled = (
        text_of("MIT") + "\nThis binary distribution bundles the following:\nName: libgcc\n" + text_of("GPL-3.0-only")
    )
    finding = detect_package_license(package(("License", "MIT"), LICENSE=bundled))
    assert finding.expression == "MIT"
    assert "GPL-3.0-only" in (finding.reason or "")


def test_nothing_said_and_unreadable_texts_are_unknown() -> None:
    assert (
        detect_package_license(package()).reason
        == "neither metadata nor a licence file says anything about the licence"
    )
    odd = "You may use this if you ask us first. " * 20
    assert not detect_package_license(package(LICENSE=odd)).settled
    assert not detect_package_license(package(("License", "MIT"), LICENSE=odd)).settled


GPL = """This library is free software; you can redistribute it and/or modify it under the terms of the GNU Lesser
General Public License as published by the Free Software Foundation; either version 2.1 of the License, or (at your
option) any later version."""


@pytest.mark.parametrize(
    ("path", "head", "expression"),
    [
        ("a.py", "# SPDX-License-Identifier: Apache-2.0\nx = 1\n", "Apache-2.0"),
        ("a.c", "/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */\nint x;\n", "GPL-2.0-only OR BSD-3-Clause"),
        ("a.py", textwrap.indent(GPL, "# ") + "\nx = 1\n", "LGPL-2.1-or-later"),
        ("a.c", "/*\n * " + GPL.replace("\n", "\n * ") + "\n */\nint x;\n", "LGPL-2.1-or-later"),
        ("a.py", '"""Doc."""\n# License: BSD 3 clause\nx = 1\n', "BSD-3-Clause"),
        ("a.py", "import os\n__license__ = 'GPL v3'\n", "GPL-3.0-only"),
        (
            "a.js",
            "// This Source Code Form is subject to the terms of the Mozilla Public\n// License, v. 2.0.\nf()\n",
            "MPL-2.0",
        ),
        (
            "a.rs",
            "// Licensed under the Apache License, Version 2.0 <LICENSE-APACHE> or the MIT\n// license "
            "<LICENSE-MIT>, at your option.\nfn f() {}",
            "Apache-2.0 OR MIT",
        ),
        (
            "a.h",
            "// NVIDIA CORPORATION retains all intellectual property\n// and proprietary rights\nint x;\n",
            "LicenseRef-proprietary",
        ),
        ("a.py", textwrap.indent(text_of("MIT"), "# ") + "\nx = 1\n", "MIT"),
        ("a.py", "# SPDX-License-Identifier: Nonsense-1.0\nx = 1\n", "NOASSERTION"),
    ],
)
def test_a_file_says_its_own_licence(path: str, head: str, expression: str) -> None:
    finding = detect_file_license(path, head.encode())
    assert finding is not None
    assert finding.expression == expression


@pytest.mark.parametrize(
    "head",
    [
        "x = 1\n",
        "# Copyright 2020 Ann\nx = 1\n",
        "# See the LICENSE file.\nx = 1\n",
        "def f():\n    print('SPDX-License-Identifier: GPL-3.0-only')\n",
        "x = 'licensed under the GNU General Public License'\n",
        "# SPDX-SnippetBegin\n# SPDX-License-Identifier: GPL-3.0-only\n# SPDX-SnippetEnd\nx = 1\n",
    ],
)
def test_a_file_that_says_nothing_of_itself_has_no_finding(head: str) -> None:
    assert detect_file_license("a.py", head.encode()) is None


def test_a_files_own_word_wins_unless_it_is_milder_than_a_source_that_is_not_permissive() -> None:
    permissive = SourceLicenses(package(("License-Expression", "MIT"), LICENSE=text_of("MIT")))
    copyleft = SourceLicenses(package(("License-Expression", "GPL-3.0-only"), LICENSE=text_of("GPL-3.0-only")))
    tag = "# SPDX-License-Identifier: {}\n".format
    assert permissive.of("a.py", b"x = 1\n") is permissive.package
    assert permissive.of("a.py", tag("GPL-2.0-only").encode()).expression == "GPL-2.0-only"
    assert permissive.of("a.py", tag("Apache-2.0").encode()).expression == "Apache-2.0"
    disputed = copyleft.of("a.py", tag("MIT").encode())
    assert disputed.category is Category.UNKNOWN
    assert "MIT" in (disputed.reason or "")
    assert "GPL-3.0-only" in (disputed.reason or "")


def test_an_ambiguous_header_is_made_exact_by_its_source_or_disputed() -> None:
    header = b"# Use of this source code is governed by a BSD-style license that can be found in the LICENSE file.\n"
    assert SourceLicenses(package(LICENSE=text_of("BSD-3-Clause"))).of("a.py", header).expression == "BSD-3-Clause"
    assert not SourceLicenses(package(LICENSE=text_of("MIT"))).of("a.py", header).settled


def test_vendored_code_keeps_its_own_licence_and_is_unknown_without_one() -> None:
    licenses = SourceLicenses(
        package(
            ("License", "MIT"),
            LICENSE=text_of("MIT"),
            p___vendor__gnu__COPYING=text_of("GPL-3.0-only"),
            p__part__LICENSE=text_of("Apache-2.0"),
        )
    )
    assert licenses.of("p/a.py", b"").expression == "MIT"
    assert licenses.of("p/part/deep/a.py", b"").expression == "Apache-2.0"
    assert licenses.of("p/_vendor/gnu/a.py", b"").expression == "GPL-3.0-only"
    assert not licenses.of("p/_vendor/other/a.py", b"").settled
    assert [file.path for file in licenses.legal_of("p/part/a.py")] == ["p/part/LICENSE"]
    assert [file.path for file in licenses.legal_of("p/a.py")] == ["LICENSE"]


def test_files_of_installed_wheels_are_judged_one_by_one() -> None:
    expected = {
        "setuptools/_vendor/autocommand/__init__.py": "LGPL-3.0-or-later",
        "setuptools/_vendor/tomli/_parser.py": "MIT",
        "setuptools/_vendor/more_itertools/more.py": "MIT",
        "numpy/ma/core.py": "BSD-3-Clause",
        "torch/utils/benchmark/utils/valgrind_wrapper/callgrind.h": "bzip2-1.0.6",
        "typer/_click/core.py": "BSD-3-Clause",
    }
    seen = {}
    for source in InstalledOrigin(["setuptools", "numpy", "torch", "typer"]).packages():
        licenses = SourceLicenses(source)
        for file in source.files():
            if file.path in expected:
                seen[file.path] = licenses.of(file.path, file.read()[:12_000]).expression  # type: ignore[union-attr]
    assert seen == {path: license for path, license in expected.items() if path in seen}
    assert len(seen) >= 4


def test_a_file_that_says_nothing_costs_microseconds() -> None:
    head = b"def function(argument):\n    return argument + 1\n" * 200
    begun = time.process_time()
    for _ in range(1000):
        detect_file_license("a.py", head)
    assert (time.process_time() - begun) / 1000 < 200e-6


def test_npms_pointer_leads_to_its_file_or_nowhere() -> None:
    pointed = package(("license in package.json", "SEE LICENSE IN terms.txt"))
    assert "no licence file of that name" in (detect_package_license(pointed).reason or "")
    there = package(
        ("license in package.json", "SEE LICENSE IN LICENSE.beta"),
        **{"LICENSE.beta": text_of("ISC"), "LICENSE": text_of("MIT")},
    )
    assert detect_package_license(there).expression == "ISC"


def test_a_text_in_debian_copyright_counts_more_than_its_name_unless_it_is_milder() -> None:
    def named(name: str, text: str) -> SourcePackage:
        declared = (DeclaredLicense("License in debian/copyright", name, text),)
        return SourcePackage("pkg:deb/debian/x@1", None, declared, (), (), lambda: iter(()))

    assert detect_package_license(named("X11", text_of("MIT"))).expression == "MIT"
    assert detect_package_license(named("GPL-2+", text_of("MIT"))).expression == "GPL-2.0-or-later"
    assert detect_package_license(named("free text", text_of("Zlib"))).expression == "Zlib"


def test_a_licence_without_a_version_is_made_exact_by_its_text_or_another_field() -> None:
    vague = ("License", "LGPL")
    assert detect_package_license(package(vague, LICENSE=text_of("LGPL-2.1-only"))).expression == "LGPL-2.1-or-later"
    classifier = ("Classifier", "License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+)")
    assert detect_package_license(package(("License", "GPL"), classifier)).expression == "GPL-2.0-or-later"


def test_an_expression_is_held_against_all_classifiers_together() -> None:
    classifiers = [
        ("Classifier", f"License :: OSI Approved :: {name}")
        for name in ("MIT License", "Mozilla Public License 2.0 (MPL 2.0)")
    ]
    expression = ("License-Expression", "MPL-2.0 AND (Apache-2.0 OR MIT)")
    assert detect_package_license(package(expression, *classifiers)).expression == "MPL-2.0 AND (Apache-2.0 OR MIT)"
    assert not detect_package_license(package(("License-Expression", "ISC"), *classifiers)).settled


def test_what_stands_around_a_text_counts() -> None:
    mit = text_of("MIT")
    terms = (
        "The files here are for use only with the products of Corvus Systems, by those who have an account in good "
        "standing with it. This grant terminates automatically when the account does. For everything else ask the "
        "sales department of Corvus Systems, which will gladly tell you what it costs. Parts of the code that came "
        "from elsewhere are named below, with what their authors ask for.\n\n"
    )
    assert not folder_finding([LegalFile("LICENSE", LegalKind.LICENSE, terms + mit)]).settled
    gpl = "\n\nsignatures.c is under the terms of the GNU General Public License, version 2 or later.\n"
    both = folder_finding([LegalFile("COPYING", LegalKind.LICENSE, mit + gpl)])
    assert both.expression == "MIT AND GPL-2.0-or-later"
    choice = "This is dual licensed: take either of the licences below.\n\n"
    apache = text_of("Apache-2.0")
    offered = folder_finding([LegalFile("LICENSE", LegalKind.LICENSE, choice + mit + "\n\n" + apache)])
    assert offered.expression == "MIT OR Apache-2.0"


def test_what_is_said_beside_a_file_stands_to_its_own_word_as_it_says_itself() -> None:
    licenses = SourceLicenses(package(("License-Expression", "MIT"), LICENSE=text_of("MIT")))

    def found(said: str, precedence: Precedence, head: str) -> str:
        declared = (DeclaredLicense("SPDX-License-Identifier in REUSE.toml", said, precedence=precedence),)
        return licenses.of("a.py", f"# SPDX-License-Identifier: {head}\n".encode(), declared).expression

    assert found("Zlib", Precedence.CLOSEST, "ISC") == "ISC"
    assert found("Zlib", Precedence.AGGREGATE, "ISC") == "ISC AND Zlib"
    assert found("Zlib", Precedence.OVERRIDE, "ISC") == "Zlib"
    assert found("GPL-2.0-only", Precedence.OVERRIDE, "ISC") == "GPL-2.0-only"
    assert found("Zlib", Precedence.OVERRIDE, "GPL-2.0-only") == "NOASSERTION"
