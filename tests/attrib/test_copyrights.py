import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attrib.copyrights import LONGEST, copyright_statements
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
        # Over several lines: an open bracket, a company's form, a word that asks for more, a hanging holder.
        (
            "(*  Copyright 1996 Institut National de Recherche et   *)\n(*  en Automatique.  All rights reserved.   *)",
            ["1996 Institut National de Recherche et en Automatique"],
        ),
        (
            "Copyright (c) 2007-2017, INRIA (Institut National en\nInformatique). All rights",
            ["2007-2017, INRIA (Institut National en Informatique)"],
        ),
        (
            ";; Copyright (C) 2001, 2006 Free Software\n;; Foundation, Inc.\n;;\n",
            ["2001, 2006 Free Software Foundation, Inc."],
        ),
        ("This is copyright (C) 1996 Julian R Seward.  All\nrights reserved.", ["1996 Julian R Seward"]),
        (
            " * (c) Nils Ad <n@a.de>\n *     Jordi Bo <j@b.be>\n *\n * For the full copyright",
            ["Nils Ad <n@a.de> Jordi Bo <j@b.be>"],
        ),
        (
            "# Copyright (c) 1995 Kungliga Högskolan\n#  (Royal Institute, Stockholm).\n",
            ["1995 Kungliga Högskolan (Royal Institute, Stockholm)"],
        ),
        # Several in a line, and a sign between.
        (
            "x - Copyright (c) 2011 Heather <f@g.com>, copyright (c) 2016–2021 Josh Junon.",
            ["2011 Heather <f@g.com>", "2016–2021 Josh Junon"],
        ),
        ("FFTW is Copyright &copy; 2003 Matteo Frigo, Copyright\n&copy; 2003 MIT.", ["2003 Matteo Frigo", "2003 MIT"]),
        ("FFTW is Copyright @copyright{} 2003 Matteo Frigo", ["2003 Matteo Frigo"]),
        ("Copyright 2012 (c) Mihai Bazon <m@b.com>", ["2012 Mihai Bazon <m@b.com>"]),
        # Without years, and with a name only.
        ("* (c) Fabien Potencier\n* (c) Armin Ronacher", ["Fabien Potencier", "Armin Ronacher"]),
        ("# Copyright (c) nexB Inc. and others. All rights reserved.", ["nexB Inc. and others"]),
        (
            "This software is copyrighted by the Regents of the University of\nCalifornia, Sun, Inc. and other parties."
            "  The following terms",
            ["the Regents of the University of California, Sun, Inc. and other parties"],
        ),
        # What follows the holder goes, a reference to the authors stays.
        (
            "/*! jQuery UI | Copyright OpenJS Foundation and other contributors; Licensed MIT */",
            ["OpenJS Foundation and other contributors"],
        ),
        (
            "Copyright (C) 2005 the Foo authors and contributors\n# <see AUTHORS file>\n",
            ["2005 the Foo authors and contributors <see AUTHORS file>"],
        ),
        (
            "Copyright (c) 1996 - 2023, Daniel S, <d@h.se>, and many\ncontributors, see the THANKS file.",
            ["1996 - 2023, Daniel S, <d@h.se>, and many contributors, see the THANKS file"],
        ),
        ("** Copyright 2007, Lua.org & PUC-Rio  (see 'lpeg.html' for license)", ["2007, Lua.org & PUC-Rio"]),
        ("Copyright 2012, Samuel Neves <s@n.pt>.  You may use this under the", ["2012, Samuel Neves <s@n.pt>"]),
        # Side files, tables of Debian, PostScript, code.
        (
            'SPDX-FileCopyrightText = ["2019 Ann Bee", "2020 Cy Dee <c@d.org>"]',
            ["2019 Ann Bee", "2020 Cy Dee <c@d.org>"],
        ),
        ("<!-- SPDX-SnippetCopyrightText: (C) 2024 Ann Bee -->", ["2024 Ann Bee"]),
        (
            "Files: *\nCopyright: 2009-2010, Ann Bee\n           2011, Cy Dee <c@d.org>\nLicense: MIT",
            ["2009-2010, Ann Bee", "2011, Cy Dee <c@d.org>"],
        ),
        (
            "%%Copyright: Copyright 1990-2009 Adobe Systems.\n%%Copyright: All rights reserved.",
            ["1990-2009 Adobe Systems"],
        ),
        ("copyright = '2014 Pallets'  # the manual's", ["2014 Pallets"]),
        ('printf("Copyright (c) 2003 Matteo Frigo\\n");', ["2003 Matteo Frigo"]),
        ("Copyright (c) 1999 Søren Roug, 渡辺 太郎", ["1999 Søren Roug, 渡辺 太郎"]),
        ("Copyright \ufffd 1991-2007 Unicode, Inc. All rights reserved.", ["1991-2007 Unicode, Inc."]),
        # The same once, and what another contains not at all.
        ("Copyright 2009 Florian L <https://f.de/>\n(c) 2009 Florian L", ["2009 Florian L <https://f.de/>"]),
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
        "Copyright (C) 1989 Free Software Foundation, Inc.\n51 Franklin St, Boston\n\nEveryone is permitted to copy",
        "For software which is\ncopyrighted by the Free Software Foundation, write to the Foundation",
        "The author disclaims copyright to this source code.",
        "Copyrighted but of course GPL'ed",
        "Not copyrighted 1992 by Mark Adler",
        "(a) foo\n(b) bar\n(c) Neither Party may",
        "while (is_ws_char(c)) { return F(c); }",
        "copyright_holder=\nprint(copyright(2014))",
        '# ex: <tag value="Copyright Jane Doe">',
        "Copyright: none",
        "Copyright (C) 19yy  <name of author>",
        "",
    ],
)
def test_placeholders_and_prose_are_no_statements(text: str) -> None:
    assert copyright_statements(text) == ()


_YEARS = st.one_of(
    st.integers(1970, 2030).map(str),
    st.tuples(st.integers(1970, 1999), st.integers(2000, 2030)).map(lambda both: f"{both[0]}-{both[1]}"),
    st.lists(st.integers(1970, 2030), min_size=2, max_size=4).map(lambda every: ", ".join(map(str, every))),
)
_NAMES = st.lists(st.from_regex(r"[A-ZÀ-Ö][a-zß-ö]{3,9}", fullmatch=True), min_size=2, max_size=4).map(" ".join)
_HOLDERS = st.one_of(
    _NAMES,
    _NAMES.map(lambda name: f"{name} <a.b@example.org>"),
    _NAMES.map(lambda name: f"{name}, Inc."),
    _NAMES.map(lambda name: f"The {name} Authors"),
)
_COMMENTS = st.sampled_from(
    (
        *("{}", "# {}", "// {}", " * {}", "/* {} */", "-- {}", ";; {}", "(* {} *)", "<!-- {} -->", "% {}", "dnl {}"),
        *('""" {} """', "*  {}   *", "{{- {} -}}", ".. {}", "!! {}", "#   {}   #", "REM {}"),
    )
)
_SIGNS = st.sampled_from(
    ["Copyright", "Copyright (c)", "Copyright (C)", "Copyright ©", "(c)", "©", "COPYRIGHT", "SPDX-FileCopyrightText:"]
)
_TAILS = st.sampled_from(
    ["", ".", ". All rights reserved.", ", all rights reserved", ". Licensed under the MIT licence."]
)
_PIECES = st.sampled_from(
    (
        *(
            "Copyright",
            "copyright",
            "(c)",
            "©",
            "SPDX-FileCopyrightText:",
            "2001",
            "1999-2004,",
            "Ann Bee",
            "The Foo Authors",
        ),
        *("and", "the", "Inc.", "<a@b.org>", "All rights reserved.", "See LICENSE", "holder", "notice", "\n", "\n * "),
        *("\n#   ", "(", ")", '"', ".", ",", ";", "|", "{", "\\n", "*/", "&copy;", "<br>"),
    )
)


@given(st.tuples(_YEARS, _HOLDERS).map(" ".join), _COMMENTS, _SIGNS, _TAILS)
def test_a_statement_is_read_out_of_any_comment(statement: str, comment: str, sign: str, tail: str) -> None:
    assert copyright_statements(comment.format(f"{sign} {statement}{tail}")) == (statement,)


@given(st.lists(_PIECES, max_size=40).map(" ".join))
def test_statements_are_short_and_stand_in_the_text(text: str) -> None:
    for statement in copyright_statements(text):
        assert 0 < len(statement) <= LONGEST
        assert statement == " ".join(statement.split())
        assert _stand_in_order(_words(statement), _words(text)), statement


@given(st.lists(st.tuples(_YEARS, _HOLDERS).map(" ".join), max_size=5))
def test_statements_are_read_back_as_they_are(statements: list[str]) -> None:
    read = copyright_statements("\n".join(f"Copyright {statement}" for statement in statements))
    assert copyright_statements("\n".join(f"Copyright {statement}" for statement in read)) == read


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _stand_in_order(words: list[str], text: list[str]) -> bool:
    rest = iter(text)
    return all(word in rest for word in words)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert all(0 < len(one) <= LONGEST for one in copyright_statements("Copyright 2001 " + text))


@pytest.mark.parametrize(
    "piece", ["-", "*", "(", "(c) ", "copyright ", "Copyright 2001,\n", "a.", "<", "© ", "and ", "&amp;"]
)
def test_hostile_lines_take_no_time(piece: str) -> None:
    begun = time.process_time()
    copyright_statements(f"Copyright 2001 {piece * 5_000}" + f"\n{piece * 900} copyright 2002 x." * 20)
    assert time.process_time() - begun < 2


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
