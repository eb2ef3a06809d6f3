"""Imports weigh nothing; what stands beside them does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.imports import _PATTERNS, in_import
from index.lexer import lex

CASES = [
    ("Python", "import os\nfrom a.b import (c,\n    d as e)\nx = 1\n", "import os from a . b import ( c , d as e )"),
    ("Python", "    from typing import Any; y = 2\n", "from typing import Any"),
    ("Python", "importer = 1\nimport_all()\n", ""),
    ("JavaScript", "import a, { b } from 'c';\nimport 'd'\nrun(a);\n", "import a , { b } from ' c ' ; import ' d '"),
    ("JavaScript", "const { x } = require('y');\nconst z = f(x);\n", "const { x } = require ( ' y ' ) ;"),
    ("JavaScript", "const y = await import('z');\n", ""),
    (
        "TypeScript",
        "import type { A } from './a';\nexport * from './b';\nexport class C {}\n",
        "import type { A } from ' . / a ' ; export * from ' . / b ' ;",
    ),
    ("C", "#include <a.h>\n#define X 1\nint f();\n", "# include < a . h >"),
    ("C++", "using namespace std;\nusing T = int;\n", "using namespace std ;"),
    ("Java", "package a.b;\nimport static a.C.*;\nclass D {}\n", "package a . b ; import static a . C . * ;"),
    ("Kotlin", "import a.b.C\nval d = C()\n", "import a . b . C"),
    ("Scala", "import a.{B, C => D}\nval x = 1\n", "import a . { B , C => D }"),
    ("C#", "using System.Text;\nusing (var f = Open()) {}\n", "using System . Text ;"),
    ("Go", 'package x\nimport (\n\t"a"\n\t"b/c"\n)\nfunc f() {}\n', 'package x import ( " a " " b / c " )'),
    ("Rust", "use a::{b, c};\nmod d;\nfn f() {}\n", "use a :: { b , c } ; mod d ;"),
    ("Ruby", "require 'a'\nrequired = 1\n", "require ' a '"),
    ("PHP", "use A\\B;\n$x = 1;\n", "use A \\ B ;"),
    ("Swift", "import Foundation\nlet x = 1\n", "import Foundation"),
]


@pytest.mark.parametrize(("language", "code", "expected"), CASES)
def test_what_is_an_import(language: str, code: str, expected: str) -> None:
    text = code.encode()
    lexemes = lex(text)
    flags = in_import(text, lexemes, 0, len(lexemes), language)
    said = [text[lexemes.starts[at] : lexemes.ends[at]].decode() for at in range(len(lexemes)) if flags[at]]
    assert "".join("".join(said).split()) == "".join(expected.split())


@given(st.text(max_size=300), st.sampled_from(sorted(_PATTERNS)))
def test_any_text_has_flags_of_its_shape(code: str, language: str) -> None:
    text = code.encode()
    lexemes = lex(text)
    assert len(in_import(text, lexemes, 0, len(lexemes), language)) == len(lexemes)


@pytest.mark.parametrize("language", sorted(_PATTERNS))
@pytest.mark.parametrize("piece", ["import ", "use {", "import a, {", "\nconst {", "\nfrom a import (", "\n#include "])
def test_hostile_text_is_read_to_its_end(language: str, piece: str) -> None:
    text = (piece * (300_000 // len(piece))).encode()
    lexemes = lex(text)
    assert len(in_import(text, lexemes, 0, len(lexemes), language)) == len(lexemes)
