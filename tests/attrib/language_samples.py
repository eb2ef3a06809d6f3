"""Code in every language of the table, with what makes comments dangerous there: texts, continued lines, prologues."""

SAMPLES: dict[str, str] = {
    "Python": (
        "#!/usr/bin/env python3\n"
        "# -*- coding: utf-8 -*-\n"
        '"""Text\n'
        "\n"
        'over lines."""\n'
        "import os\n"
        "\n"
        "\n"
        "def total(values, *,\n"
        "          start=0):\n"
        '    text = """a\n'
        "  # no comment\n"
        '"""\n'
        "    if values and \\\n"
        "            start:\n"
        "        return sum(\n"
        "            values, start)\n"
        "    return text\n"
    ),
    "JavaScript": (
        "#!/usr/bin/env node\n"
        '"use strict";\n'
        "const a = `one\n"
        "// no comment ${[1, 2].map(\n"
        "  (x) => x + 1\n"
        ")}\n"
        "`;\n"
        "function f(x) {\n"
        "  return /[/*]+/.test(x) &&\n"
        "    x > 1;\n"
        "}\n"
        "module.exports = { f, a };\n"
    ),
    "JSX": (
        'import React from "react";\n'
        "\n"
        "export function App({ name }) {\n"
        "  return (\n"
        "    <div>\n"
        "      // shown\n"
        "      {name}\n"
        "    </div>\n"
        "  );\n"
        "}\n"
        "\n"
        "export default App;\n"
    ),
    "TypeScript": (
        "type Pair<T> = [T, T];\n"
        "export function swap<T>(pair: Pair<T>): Pair<T> {\n"
        "  const text = `a\n"
        "b`;\n"
        "  return [pair[1], pair[0]];\n"
        "}\n"
    ),
    "TSX": ("const Box = (props: { a: number }) => (\n  <p>\n    it's {props.a}\n  </p>\n);\nexport const b = 1;\n"),
    "Java": (
        "package a;\n"
        "\n"
        "/** Adds. */\n"
        "public class Add {\n"
        '    String text = """\n'
        "        // text\n"
        '        """;\n'
        "    int add(int a,\n"
        "            int b) {\n"
        "        return a + b;\n"
        "    }\n"
        "}\n"
    ),
    "C": (
        "#include <stdio.h>\n"
        "#define MAX(a, b) \\\n"
        "    ((a) > (b) ? (a) : (b))\n"
        "\n"
        "/* over\n"
        "   lines */\n"
        "int main(void)\n"
        "{\n"
        '    printf("%d" \\\n'
        '           "\\n", MAX(1, 2));\n'
        "    return 0;\n"
        "}\n"
    ),
    "C++": (
        "#include <string>\n"
        'static const char *text = R"x(\n'
        "// text\n"
        ')x";\n'
        "template <typename T>\n"
        "T twice(T a)\n"
        "{\n"
        "    return a + a;\n"
        "}\n"
    ),
    "CUDA": ("__global__ void add(float *a, const float *b)\n{\n    int i = threadIdx.x;\n    a[i] += b[i];\n}\n"),
    "Objective-C": (
        "#import <Foundation/Foundation.h>\n"
        "int main(void) {\n"
        "    @autoreleasepool {\n"
        '        NSLog(@"a");\n'
        "    }\n"
        "    return 0;\n"
        "}\n"
    ),
    "C#": (
        'using System;\nclass A {\n    string text = @"a\n// text\n";\n    int Twice(int a) =>\n        a * 2;\n}\n'
    ),
    "F#": ('module A\n\nlet text = "a\n// text"\nlet twice x =\n    x * 2\n'),
    "Visual Basic": (
        "Module A\n"
        "    Function Twice(ByVal a As Integer, _\n"
        "            ByVal b As Integer) As Integer\n"
        "        Return a * 2\n"
        "    End Function\n"
        "End Module\n"
    ),
    "Go": (
        "package a\n"
        "\n"
        "// #include <math.h>\n"
        'import "C"\n'
        "\n"
        "import (\n"
        '\t"fmt"\n'
        ")\n"
        "\n"
        "var text = `a\n"
        "// text\n"
        "`\n"
        "\n"
        "func Twice(a int) int {\n"
        "\tfmt.Println(text,\n"
        "\t\ta)\n"
        "\treturn a * 2\n"
        "}\n"
    ),
    "Rust": (
        "//! Doc.\n"
        "use std::fmt;\n"
        "\n"
        'const TEXT: &str = r#"a\n'
        '// text "quoted"\n'
        '"#;\n'
        "\n"
        "/* a /* b */ c */\n"
        "fn twice<'a>(a: &'a str) -> String {\n"
        '    format!("{}{}",\n'
        "        a, a)\n"
        "}\n"
    ),
    "Zig": (
        'const std = @import("std");\n'
        "const text =\n"
        "    \\\\a\n"
        "    \\\\// text\n"
        ";\n"
        "fn twice(a: i32) i32 {\n"
        "    return a * 2;\n"
        "}\n"
    ),
    "D": ("import std.stdio;\nstring text = `a\n// text`;\n/+ a /+ b +/ c +/\nvoid main()\n{\n    writeln(text);\n}\n"),
    "Ruby": (
        "# encoding: utf-8\n"
        "# frozen_string_literal: true\n"
        "\n"
        "def total(values)\n"
        "  text = <<~EOS\n"
        "    # text\n"
        "  EOS\n"
        "  values\n"
        "    .map { |v| v + 1 }\n"
        "    .sum\n"
        "end\n"
        "\n"
        "=begin\n"
        "long\n"
        "=end\n"
        "puts DATA.read\n"
        "__END__\n"
        "# data\n"
    ),
    "PHP": (
        "<?php\n"
        "declare(strict_types=1);\n"
        "\n"
        "function total(array $values): int {\n"
        "    $text = <<<EOT\n"
        "// text\n"
        "EOT;\n"
        "    return array_sum($values);\n"
        "}\n"
        "?>\n"
        "<p>// shown</p>\n"
        "<?php\n"
        "$a = 1;\n"
        "?>\n"
        "<p>end</p>\n"
    ),
    "Kotlin": ('package a\n\nval text = """a\n// text\n"""\n\nfun twice(a: Int): Int =\n    a * 2\n'),
    "Swift": (
        'import Foundation\n\nlet text = """\na\n// text\n"""\n\nfunc twice(_ a: Int) -> Int {\n    return a * 2\n}\n'
    ),
    "Scala": ('package a\n\nobject A {\n  val text = """a\n// text\n"""\n  def twice(a: Int): Int =\n    a * 2\n}\n'),
    "Groovy": ("class A {\n    String text = '''a\n// text\n'''\n    int twice(int a) {\n        a * 2\n    }\n}\n"),
    "Dart": ("const text = '''a\n// text\n''';\n\nint twice(int a) {\n  return a * 2;\n}\n"),
    "shell": (
        "#!/bin/bash\n"
        "set -e\n"
        "cat <<EOF\n"
        "# text\n"
        "EOF\n"
        "for f in a \\\n"
        "    b; do\n"
        '  echo "$f\n'
        '# text" |\n'
        "    sort\n"
        "done\n"
        "case x in\n"
        "  x) echo 1 ;;\n"
        "esac\n"
    ),
    "PowerShell": (
        'function Total($values) {\n    $text = @"\n# text\n"@\n    Write-Output $values `\n        -NoEnumerate\n}\n'
    ),
    "SQL": ("CREATE TABLE a (\n  b INT,\n  c TEXT DEFAULT 'x\n-- text'\n);\n\nSELECT b\nFROM a\nWHERE c = 'y';\n"),
    "HTML": (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN"\n'
        '  "http://example.org/a.dtd">\n'
        "<html>\n"
        "<body>\n"
        "<script>\n"
        "  const a = 1 < 2;\n"
        "</script>\n"
        "<p\n"
        '  id="a">x</p>\n'
        "</body>\n"
        "</html>\n"
    ),
    "CSS": ('@charset "utf-8";\na {\n  color: red;\n}\n\n@media print {\n  b::after {\n    content: "x";\n  }\n}\n'),
    "SCSS": ("$a: 1px;\n.b {\n  background: url(//example.org/a.png);\n  &:hover {\n    width: $a;\n  }\n}\n"),
    "Less": ("@a: 1px;\n.b {\n  background: url(//example.org/a.png);\n  &:hover {\n    width: @a;\n  }\n}\n"),
    "Vue": (
        "<template>\n"
        "  <p>{{ a }}</p>\n"
        "</template>\n"
        "\n"
        "<script>\n"
        "export default {\n"
        "  data: () => ({ a: 1 }),\n"
        "}\n"
        "</script>\n"
    ),
    "Svelte": ("<script>\n  let a = 1;\n</script>\n\n<p>{a}</p>\n\n<style>\n  p { color: red; }\n</style>\n"),
    "Lua": (
        "#!/usr/bin/lua\n"
        "local text = [[a\n"
        "-- text\n"
        "]]\n"
        "\n"
        "local function twice(a)\n"
        "  return a * 2\n"
        "end\n"
        "\n"
        "return twice\n"
    ),
    "Perl": (
        "#!/usr/bin/perl\n"
        "use strict;\n"
        'my $text = <<"EOT";\n'
        "# text\n"
        "EOT\n"
        "\n"
        "=pod\n"
        "\n"
        "Long.\n"
        "\n"
        "=cut\n"
        "\n"
        "sub twice {\n"
        "    my ($a) = @_;\n"
        "    return $a * 2;\n"
        "}\n"
        "print twice(2),\n"
        "    $text;\n"
        "__DATA__\n"
        "# data\n"
    ),
    "Prolog": (
        ":- module(a, [twice/2]).\n\ntwice(A, B) :-\n    B is A * 2.\n\n/* over\n   lines */\nfirst([X|_], X).\n"
    ),
    "R": ('total <- function(values) {\n  text <- "a\n# text"\n  sum(values,\n      1)\n}\n'),
    "Julia": (
        'module A\n\ntext = """a\n# text\n"""\n\n#= over\nlines =#\nfunction twice(a)\n    return a * 2\nend\n\nend\n'
    ),
    "MATLAB": ("function b = twice(a)\n    b = a * ...\n        2;\n    %{\n    over lines\n    %}\nend\n"),
    "Fortran": (
        "module a\n"
        "  implicit none\n"
        "contains\n"
        "  function twice(x) result(y)\n"
        "    integer, intent(in) :: x\n"
        "    integer :: y\n"
        "    y = x * &\n"
        "        2\n"
        "  end function twice\n"
        "end module a\n"
    ),
    "Haskell": (
        "{-# LANGUAGE GADTs #-}\n"
        "module A where\n"
        "\n"
        "text :: String\n"
        'text = "a\\\n'
        '  \\b"\n'
        "\n"
        "{- over\n"
        "lines -}\n"
        "twice :: Int -> Int\n"
        "twice a =\n"
        "  a * 2\n"
    ),
    "OCaml": ('let text = "a\n(* text *)"\n\n(* over\n   lines *)\nlet twice a =\n  a * 2\n'),
    "Coq": ("Require Import Arith.\n\n(* over\n   lines *)\nDefinition twice (a : nat) : nat :=\n  a * 2.\n"),
    "Erlang": ('-module(a).\n-export([twice/1]).\n\ntwice(A) ->\n    "% text",\n    A * 2.\n'),
    "Elixir": (
        'defmodule A do\n  @moduledoc """\n  # text\n  """\n  def twice(a) do\n    a\n    |> Kernel.*(2)\n  end\nend\n'
    ),
    "Clojure": ('(ns a)\n\n(def text "a\n; text")\n\n(defn twice [a]\n  (* a\n     2))\n'),
    "Lisp": ('#lang racket\n(define text "a\n; text")\n\n#| over\nlines |#\n(define (twice a)\n  (* a\n     2))\n'),
    "Assembly": (
        "section .text\nglobal _start\n; begins\n_start:\n    mov eax, 1\n    mov ebx, 0 ; none\n    int 0x80\n"
    ),
    "Verilog": (
        "`define MAX(a, b) \\\n"
        "    ((a) > (b) ? (a) : (b))\n"
        "module a(input b, output c);\n"
        "    assign c =\n"
        "        ~b;\n"
        "endmodule\n"
    ),
    "CMake": ("cmake_minimum_required(VERSION 3.10)\nset(text [[a\n# text\n]])\nadd_executable(a\n    a.c\n    b.c)\n"),
    "Make": (
        "CC = gcc\n"
        "define text\n"
        "a\n"
        "# in it\n"
        "endef\n"
        "\n"
        "all: a.o \\\n"
        "     b.o\n"
        "\t$(CC) -o $@ $^\n"
        "\t@echo done \\\n"
        "\t  well\n"
        "\n"
        "%.o: %.c\n"
        "\t$(CC) -c $<\n"
    ),
    "Dockerfile": (
        "# syntax=docker/dockerfile:1\n"
        "# escape=\\\n"
        "FROM debian\n"
        "RUN apt-get update && \\\n"
        "    apt-get install -y gcc\n"
        "COPY a /a\n"
        'CMD ["/a"]\n'
    ),
    "Protocol Buffers": (
        'syntax = "proto3";\n\npackage a;\n\nmessage B {\n  string c = 1;\n  repeated int32 d = 2;\n}\n'
    ),
    "GLSL": (
        "#version 330 core\n"
        "out vec4 color;\n"
        "\n"
        "void main()\n"
        "{\n"
        "    color = vec4(1.0,\n"
        "                 0.0, 0.0, 1.0);\n"
        "}\n"
    ),
}
