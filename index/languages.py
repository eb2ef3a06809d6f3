"""Which files count as code, in which language, and what a comment looks like there."""

import re
from dataclasses import dataclass

LARGEST_FILE = 2 * 1024 * 1024

_C_BLOCK = (("/*", "*/"),)
_XML_BLOCK = (("<!--", "-->"),)


@dataclass(frozen=True, slots=True)
class Language:
    """A programming language: its name, the files it lives in, its comments.

    `extensions` carry their dot and are lower case; `filenames` are exact names;
    `block_comments` are pairs of opening and closing marks.
    """

    name: str
    extensions: tuple[str, ...]
    filenames: tuple[str, ...] = ()
    line_comments: tuple[str, ...] = ()
    block_comments: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()


LANGUAGES: tuple[Language, ...] = (
    Language(
        "Python",
        (".py", ".pyi", ".pyw", ".pyx", ".pxd", ".pxi"),
        ("SConstruct", "wscript"),
        ("#",),
        (),
        ("py", "python3", "cython"),
    ),
    Language("JavaScript", (".js", ".mjs", ".cjs"), (), ("//",), _C_BLOCK, ("js", "node", "ecmascript")),
    Language("JSX", (".jsx",), (), ("//",), _C_BLOCK, ("javascriptreact",)),
    Language("TypeScript", (".ts", ".mts", ".cts"), (), ("//",), _C_BLOCK, ("ts",)),
    Language("TSX", (".tsx",), (), ("//",), _C_BLOCK, ("typescriptreact",)),
    Language("Java", (".java",), (), ("//",), _C_BLOCK),
    Language("C", (".c", ".h"), (), ("//",), _C_BLOCK),
    Language(
        "C++",
        (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".ipp", ".tpp"),
        (),
        ("//",),
        _C_BLOCK,
        ("cpp", "cxx", "cplusplus"),
    ),
    Language("CUDA", (".cu", ".cuh"), (), ("//",), _C_BLOCK),
    Language("Objective-C", (".m", ".mm"), (), ("//",), _C_BLOCK, ("objc", "objective-c++")),
    Language("C#", (".cs",), (), ("//",), _C_BLOCK, ("csharp",)),
    Language("F#", (".fs", ".fsi", ".fsx"), (), ("//",), (("(*", "*)"),), ("fsharp",)),
    Language("Visual Basic", (".vb", ".bas"), (), ("'",), (), ("vb", "vb.net")),
    Language("Go", (".go",), (), ("//",), _C_BLOCK, ("golang",)),
    Language("Rust", (".rs",), (), ("//",), _C_BLOCK, ("rs",)),
    Language("Zig", (".zig",), (), ("//",)),
    Language("D", (".d",), (), ("//",), _C_BLOCK),
    Language("Ruby", (".rb", ".rake", ".gemspec"), ("Rakefile", "Gemfile"), ("#",), (), ("rb",)),
    Language("PHP", (".php", ".phtml"), (), ("//", "#"), _C_BLOCK),
    Language("Kotlin", (".kt", ".kts"), (), ("//",), _C_BLOCK, ("kt",)),
    Language("Swift", (".swift",), (), ("//",), _C_BLOCK),
    Language("Scala", (".scala", ".sc"), (), ("//",), _C_BLOCK),
    Language("Groovy", (".groovy", ".gradle"), ("Jenkinsfile",), ("//",), _C_BLOCK),
    Language("Dart", (".dart",), (), ("//",), _C_BLOCK),
    Language("shell", (".sh", ".bash", ".zsh", ".ksh"), (), ("#",), (), ("sh", "bash", "zsh", "shellscript")),
    Language("PowerShell", (".ps1", ".psm1"), (), ("#",), (("<#", "#>"),), ("ps1", "pwsh")),
    Language("SQL", (".sql",), (), ("--",), _C_BLOCK),
    Language("HTML", (".html", ".htm", ".xhtml"), (), (), _XML_BLOCK),
    Language("CSS", (".css",), (), (), _C_BLOCK),
    Language("SCSS", (".scss",), (), ("//",), _C_BLOCK, ("sass",)),
    Language("Less", (".less",), (), ("//",), _C_BLOCK),
    Language("Vue", (".vue",), (), (), _XML_BLOCK),
    Language("Svelte", (".svelte",), (), (), _XML_BLOCK),
    Language("Lua", (".lua",), (), ("--",), (("--[[", "]]"),)),
    Language("Perl", (".pl", ".pm", ".t"), (), ("#",)),
    Language("R", (".r",), (), ("#",)),
    Language("Julia", (".jl",), (), ("#",), (("#=", "=#"),)),
    Language("Fortran", (".f90", ".f95", ".f03", ".f08"), (), ("!",)),
    Language("Haskell", (".hs",), (), ("--",), (("{-", "-}"),), ("hs",)),
    Language("OCaml", (".ml", ".mli"), (), (), (("(*", "*)"),)),
    Language("Erlang", (".erl", ".hrl"), (), ("%",)),
    Language("Elixir", (".ex", ".exs"), (), ("#",)),
    Language("Clojure", (".clj", ".cljs", ".cljc"), (), (";",)),
    Language("Lisp", (".lisp", ".el", ".scm", ".rkt"), (), (";",), (), ("scheme", "emacs-lisp", "racket")),
    Language("Assembly", (".asm", ".s"), (), (), _C_BLOCK, ("asm",)),
    Language("CMake", (".cmake",), ("CMakeLists.txt",), ("#",)),
    Language("Make", (".mk",), ("Makefile", "GNUmakefile"), ("#",), (), ("makefile",)),
    Language("Dockerfile", (".dockerfile",), ("Dockerfile",), ("#",), (), ("docker",)),
    Language("Protocol Buffers", (".proto",), (), ("//",), _C_BLOCK, ("protobuf", "proto")),
    Language("GLSL", (".glsl", ".vert", ".frag"), (), ("//",), _C_BLOCK),
    # Known by name only, so that a caller asking for its comments learns that there are none.
    Language("JSON", ()),
)

_BY_EXTENSION = {extension: language for language in LANGUAGES for extension in language.extensions}
_BY_FILENAME = {filename: language for language in LANGUAGES for filename in language.filenames}
_BY_NAME = {name.lower(): language for language in LANGUAGES for name in (language.name, *language.aliases)}

_HEAD = 2048
_GENERATED = re.compile(
    rb"@generated\b|(?:auto[- ]?matically|auto|machine"
    rb"|code)[- ]?generated\b[^\n]*(?:\n[^\n]*){0,3}?(?:do not|don't) (?:edit|modify|change)"
    rb"|generated (?:by|from|with)\b[^\n]*(?:\n[^\n]*){0,3}?(?:do not|don't) (?:edit|modify|change)"
    rb"|(?:do not|don't) (?:edit|modify|change)\b[^\n]*(?:\n[^\n]*){0,3}?(?:generated (?:by|from|with)"
    rb"|auto[- ]?(?:matically )?generated)"
    rb"|generated by the protocol buffer compiler",
    re.IGNORECASE,
)
_MINIFIED_NAME = re.compile(r"[.-]min\.(?:js|css|mjs|cjs)$|\.bundle\.js$", re.IGNORECASE)
_LONGEST_MEAN_LINE = 250
_LEAST_MINIFIED = 1024
_PROTOBUF_NAMES = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", ".pb.go", ".pb.h", ".pb.cc")


def language_of(path: str) -> Language | None:
    """Return the language of a path by its name, or None where it is no code that is known."""
    name = path[path.rfind("/") + 1 :]
    dot = name.rfind(".")
    if dot > 0:
        found = _BY_EXTENSION.get(name[dot:].lower())
        if found is not None:
            return found
    return _BY_FILENAME.get(name)


def language_named(name: str) -> Language | None:
    """Return the language of that name or alias (`py`, `js`, `c++`), in any case; None where unknown."""
    return _BY_NAME.get(name.strip().lower())


def exclusion_reason(path: str, content: bytes) -> str | None:
    """Say in one phrase why a file is not worth indexing; None says: index it."""
    if language_of(path) is None:
        return "no source code"
    if len(content) > LARGEST_FILE:
        return "larger than 2 MB"
    if not content or content.isspace():
        return "empty"
    if b"\0" in content:
        return "binary"
    if _MINIFIED_NAME.search(path) or (
        len(content) >= _LEAST_MINIFIED
        and len(content) > _LONGEST_MEAN_LINE * (max(content.count(b"\n"), content.count(b"\r")) + 1)
    ):
        return "minified"
    head = content[:_HEAD]
    if path.endswith(_PROTOBUF_NAMES) or ((b"enerated" in head or b"ENERATED" in head) and _GENERATED.search(head)):
        return "generated"
    return None
