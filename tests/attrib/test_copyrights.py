import pytest
from hypothesis import given
from hypothesis import strategies as st

from attrib.copyrights import copyright_statements
from index.origins.installed import InstalledOrigin


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("Copyright 2014 Pallets", ["2014 Pallets"]),
        (
            "# Copyright (c) 2001-2002 Enthought, Inc. 2003, SciPy Developers.\n# All rights reserved.",
            ["2001-2002 Enthought, Inc. 2003, SciPy Developers"],
        ),
        ("(c) 2009-2020 Foo Bar <foo@bar.org>, licensed under MIT", ["2009-2020 Foo Bar <foo@bar.org>"]),
        ("# SPDX-FileCopyrightText: 2022 Jane Doe <jane@x.org>", ["2022 Jane Doe <jane@x.org>"]),
        ("# SPDX-FileCopyrightText: © 2022 Jane Doe", ["2022 Jane Doe"]),
        (
            " * Copyright © 2005-2012, Foo,\n *    Bar Baz and\n *    Qux Inc.\n * Permission is hereby granted",
            ["2005-2012, Foo, Bar Baz and Qux Inc."],
        ),
        ("Copyright The OpenTelemetry Authors", ["The OpenTelemetry Authors"]),
        ("/* Copyright 2018 Google LLC. All Rights Reserved. */", ["2018 Google LLC"]),
        (":copyright: (c) 2010 by Armin Ronacher.\n:license: BSD", ["2010 by Armin Ronacher"]),
        ("__copyright__ = 'Copyright 2010, The X Team'", ["2010, The X Team"]),
        ("2009-2026 (c) Ann Bee <a@b.org>", ["2009-2026 Ann Bee <a@b.org>"]),
        (
            "CNRI's notice of copyright, i.e., \"Copyright (c)\n1995-2001 Corporation for Research; All "
            'Rights\nReserved" are',
            ["1995-2001 Corporation for Research"],
        ),
        ("Copyright 2001 A\nCopyright 2002 B\nCopyright (c) 2001 A.", ["2001 A", "2002 B"]),
        (
            "Copyright (c) 1998-2000 Thai Center Ltd and Clark Cooper\n                    and others",
            ["1998-2000 Thai Center Ltd and Clark Cooper and others"],
        ),
    ],
)
def test_statements(text: str, statements: list[str]) -> None:
    assert list(copyright_statements(text)) == statements


@pytest.mark.parametrize(
    "text",
    [
        "Copyright [yyyy] [name of copyright owner]",
        "Copyright (c) <year> <copyright holders>",
        "Copyright (C) YEAR by AUTHOR EMAIL",
        "The above copyright notice and this permission notice shall be included",
        "   (c) You must retain, in the Source form",
        "2. Grant of Copyright License. Subject to the terms",
        "IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE",
        "copyright = models.CharField(max_length=2020)",
        "Copyright (C) 2007 Free Software Foundation, Inc. <https://fsf.org/>\n Everyone is permitted to "
        "copy and distribute verbatim copies",
        "",
    ],
)
def test_placeholders_and_prose_are_no_statements(text: str) -> None:
    assert copyright_statements(text) == ()


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert all(statement.strip() for statement in copyright_statements("Copyright 2001 " + text))


def test_holders_and_years_of_installed_packages_stand_in_their_sources() -> None:
    for package in InstalledOrigin(["click", "flask", "rich", "sqlalchemy", "pyyaml", "sympy", "scipy"]).packages():
        flat = " ".join(
            "".join(c if c.isalnum() else " " for c in " ".join(file.text for file in package.legal)).split()
        )
        statements = [statement for file in package.legal for statement in copyright_statements(file.text)]
        assert statements, package.purl
        for statement in statements:
            for word in "".join(c if c.isalnum() else " " for c in statement).split():
                assert word in flat
