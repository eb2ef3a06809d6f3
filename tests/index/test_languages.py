import pytest

from index.languages import LANGUAGES, language_named, language_of
from index.syntax import Language


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b/parser.py", "Python"),
        ("x.pyi", "Python"),
        ("lib/index.JS", "JavaScript"),
        ("a.test.tsx", "TSX"),
        ("src/main.rs", "Rust"),
        ("include/x.h", "C"),
        ("x.cpp", "C++"),
        ("deep/Makefile", "Make"),
        ("model.R", "R"),
        ("App.vue", "Vue"),
        ("Gemfile", "Ruby"),
    ],
)
def test_a_path_tells_its_language(path: str, name: str) -> None:
    language = language_of(path)
    assert language is not None
    assert language.name == name


@pytest.mark.parametrize("path", ["README.md", "a.so", "data.json", "Makefile.py/README", ".py", "noextension", ""])
def test_what_is_no_code_has_no_language(path: str) -> None:
    assert language_of(path) is None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"#!/usr/bin/env python3", "Python"),
        (b"#!/usr/bin/python3.11 -E", "Python"),
        (b"#!/usr/bin/env -S python3 -u", "Python"),
        (b"#! /bin/bash -e", "shell"),
        (b"#!/usr/bin/env NODE_ENV=x node", "JavaScript"),
        (b"#!/usr/bin/ruby", "Ruby"),
        (b"#!/usr/bin/php8.2", "PHP"),
        (b"#!/usr/bin/env Rscript", "R"),
        (b"#!/usr/bin/env unheard-of", None),
        (b"#!", None),
        (b"# /usr/bin/python3", None),
        (b"", None),
    ],
)
def test_without_an_extension_the_first_line_tells(line: bytes, name: str | None) -> None:
    language = language_of("bin/tool", line + b"\nx\n")
    assert (language and language.name) == name
    assert language_of("bin/tool") is None
    assert language_of("bin/tool.txt", line + b"\nx\n") is None


@pytest.mark.parametrize(
    ("path", "head", "name"),
    [
        ("x.h", b"#ifndef X_H\nint f(struct classes *namespace);\n#endif\n", "C"),
        ("x.h", b"#pragma once\n#include <vector>\nint f();\n", "C++"),
        ("x.h", b"namespace a {\nclass B;\n}\n", "C++"),
        ("x.h", b'#ifdef __cplusplus\nextern "C" {\n#endif\n#include <stddef.h>\nint f(void);\n', "C"),
        ("x.h", b"#import <Foundation/Foundation.h>\n@interface A : NSObject\n@end\n", "Objective-C"),
        ("x.m", b'#import "A.h"\n@implementation A\n@end\n', "Objective-C"),
        ("x.m", b"% adds\nfunction y = add(a, b)\ny = a + b;\nend\n", "MATLAB"),
        ("x.m", b"(* Wolfram *)\nf[x_] := x^2\n", None),
        ("x.pl", b"use strict;\nmy $x = 1;\n", "Perl"),
        ("x.pl", b":- use_module(library(lists)).\nparent(a, b).\n", "Prolog"),
        ("x.t", b"use Test::More;\nok(1);\n", "Perl"),
        ("x.t", b"  $ ls\n  a b c\n", None),
        ("x.ts", b"export const x: number = 1;\n", "TypeScript"),
        ("x.ts", b'<?xml version="1.0"?>\n<!DOCTYPE TS>\n<TS version="2.1"></TS>\n', None),
        ("x.d", b"module a;\nimport std.stdio;\n", "D"),
        ("x.d", b"build/x.o: src/x.c \\\n  src/x.h\n", None),
        ("x.v", b"module counter(input clk);\nendmodule\n", "Verilog"),
        ("x.v", b"Require Import List.\nLemma a : True.\nProof. auto. Qed.\n", "Coq"),
        ("x.inc", b"<?php\nfunction f() {}\n", "PHP"),
        ("x.inc", b'#include "a.h"\nint x;\n', "C++"),
        ("x.inc", b"section one\nsection two\n", None),
        ("x.fs", b"#version 330\nvoid main() {}\n", "GLSL"),
        ("x.fs", b"module A\nlet f x = x\n", "F#"),
        ("x.py", b"#!/bin/sh\n", "Python"),
    ],
)
def test_the_content_tells_what_a_shared_extension_means(path: str, head: bytes, name: str | None) -> None:
    language = language_of(path, head)
    assert (language and language.name) == name


@pytest.mark.parametrize(
    ("alias", "name"), [("py", "Python"), ("JS", "JavaScript"), ("ts", "TypeScript"), ("c++", "C++"), ("golang", "Go")]
)
def test_aliases(alias: str, name: str) -> None:
    language = language_named(alias)
    assert language is not None
    assert language.name == name


def test_no_two_languages_claim_the_same_extension_or_name() -> None:
    extensions = [extension for language in LANGUAGES for extension in language.extensions]
    filenames = [filename for language in LANGUAGES for filename in language.filenames]
    interpreters = [interpreter for language in LANGUAGES for interpreter in language.interpreters]
    names = [name.lower() for language in LANGUAGES for name in (language.name, *language.aliases)]
    for claimed in (extensions, filenames, interpreters, names):
        assert len(claimed) == len(set(claimed))
    assert language_named("klingon") is None


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_language_has_comments_and_nests_only_where_there_is_something_to_nest(language: Language) -> None:
    assert language.line_comments or language.block_comments or language.name == "JSON"
    assert not language.nested or language.block_comments
    for extension in language.extensions:
        assert extension.startswith(".")
        assert extension == extension.lower()
    assert all(language_named(piece.language) for piece in language.embedded)
