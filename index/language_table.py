"""The languages that are known, and what they look like."""

from index.syntax import (
    BACKQUOTES,
    BACKTICK_DOUBLE,
    CHARACTER,
    COMMAND,
    CPP_RAW,
    CSHARP_VERBATIM,
    DOLLAR_SINGLE,
    DOUBLE,
    HERE_STRING,
    LUA_BRACKETS,
    PERCENT,
    PHP_HEREDOC,
    PYTHON_SINGLE,
    RAW_LINE_DOUBLE,
    RAW_LINE_SINGLE,
    RAW_TEXT_DOUBLE,
    RAW_TEXT_SINGLE,
    RAW_TRIPLE,
    REGEX,
    RUBY_HEREDOC,
    RUST_HASHED,
    RUST_RAW,
    SHELL_HEREDOC,
    SINGLE,
    SQL_SINGLE,
    SWIFT_HASHED,
    TEMPLATE,
    TEXT_DOUBLE,
    TEXT_SINGLE,
    TRIPLE_DOUBLE,
    TRIPLE_SINGLE,
    ZIG_LINES,
    Embedded,
    Language,
    Quote,
)

_C = (("/*", "*/"),)
_ML = (("(*", "*)"),)
_XML = (("<!--", "-->"),)
# An address in running text (JSX) or without quotes (style sheets) is no comment.
_ADDRESS = ("://",)
_C_STRINGS = (DOUBLE, CHARACTER)
_SCRIPT_STRINGS = (DOUBLE, SINGLE, TEMPLATE, REGEX)
_STYLE_STRINGS = (DOUBLE, SINGLE)
_LISP_LOOKALIKES = (r"#\;", r"#\"", "?;", '?"', r"?\;", r"?\"")
_SCRIPT = Embedded(r"<[sS][cC][rR][iI][pP][tT]\b[^<>]*+>", r"</[sS][cC][rR][iI][pP][tT]", "JavaScript")
_STYLE = Embedded(r"<[sS][tT][yY][lL][eE]\b[^<>]*+>", r"</[sS][tT][yY][lL][eE]", "SCSS")
_MARKUP_OF_PHP = Embedded(r"\?>", r"<\?(?:php\b|=)", "HTML")


def _c_like(
    name: str,
    extensions: tuple[str, ...],
    aliases: tuple[str, ...] = (),
    interpreters: tuple[str, ...] = (),
    strings: tuple[Quote, ...] = _C_STRINGS,
    nested: bool = False,
    lookalikes: tuple[str, ...] = (),
) -> Language:
    return Language(
        name,
        extensions,
        aliases=aliases,
        interpreters=interpreters,
        line_comments=("//",),
        block_comments=_C,
        strings=strings,
        nested=nested,
        lookalikes=lookalikes,
    )


def _script(
    name: str, extensions: tuple[str, ...], aliases: tuple[str, ...], interpreters: tuple[str, ...] = ()
) -> Language:
    return _c_like(name, extensions, aliases, interpreters, _SCRIPT_STRINGS, lookalikes=_ADDRESS)


def _markup(
    name: str, extensions: tuple[str, ...], aliases: tuple[str, ...] = (), embedded: tuple[Embedded, ...] = ()
) -> Language:
    return Language(name, extensions, aliases=aliases, block_comments=_XML, embedded=embedded)


LANGUAGES: tuple[Language, ...] = (
    Language(
        "Python",
        (".py", ".pyi", ".pyw", ".pyx", ".pxd", ".pxi"),
        ("SConstruct", "SConscript", "wscript"),
        ("py", "python3", "cython"),
        ("python", "pypy"),
        line_comments=("#",),
        strings=(TRIPLE_DOUBLE, TRIPLE_SINGLE, DOUBLE, PYTHON_SINGLE),
    ),
    _script("JavaScript", (".js", ".mjs", ".cjs"), ("js", "node", "ecmascript"), ("node", "nodejs", "bun")),
    _script("JSX", (".jsx",), ("javascriptreact",)),
    _script("TypeScript", (".ts", ".mts", ".cts"), ("ts",), ("deno", "ts-node", "tsx")),
    _script("TSX", (".tsx",), ("typescriptreact",)),
    _c_like("Java", (".java",), strings=(TRIPLE_DOUBLE, *_C_STRINGS)),
    _c_like("C", (".c", ".h")),
    _c_like(
        "C++",
        (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".inc", ".ipp", ".tpp"),
        aliases=("cpp", "cxx", "cplusplus"),
        strings=(CPP_RAW, *_C_STRINGS),
    ),
    _c_like("CUDA", (".cu", ".cuh"), strings=(CPP_RAW, *_C_STRINGS)),
    _c_like("Objective-C", (".m", ".mm"), ("objc", "objective-c++")),
    _c_like("C#", (".cs",), aliases=("csharp",), strings=(RAW_TRIPLE, CSHARP_VERBATIM, *_C_STRINGS)),
    Language(
        "F#",
        (".fs", ".fsi", ".fsx"),
        aliases=("fsharp",),
        line_comments=("//",),
        block_comments=_ML,
        strings=(RAW_TRIPLE, CSHARP_VERBATIM, TEXT_DOUBLE, CHARACTER),
        nested=True,
        lookalikes=("(*)",),
    ),
    Language(
        "Visual Basic", (".vb", ".bas"), aliases=("vb", "vb.net"), line_comments=("'",), strings=(RAW_LINE_DOUBLE,)
    ),
    _c_like("Go", (".go",), aliases=("golang",), strings=(DOUBLE, CHARACTER, BACKQUOTES)),
    _c_like("Rust", (".rs",), aliases=("rs",), strings=(RUST_RAW, RUST_HASHED, TEXT_DOUBLE, CHARACTER), nested=True),
    Language("Zig", (".zig",), line_comments=("//",), strings=(ZIG_LINES, *_C_STRINGS)),
    Language(
        "D",
        (".d",),
        line_comments=("//",),
        block_comments=(*_C, ("/+", "+/")),
        strings=(RUST_RAW, TEXT_DOUBLE, CHARACTER, BACKQUOTES),
        nested=True,
    ),
    Language(
        "Ruby",
        (".rb", ".rake", ".gemspec"),
        ("Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile"),
        ("rb",),
        ("ruby", "jruby"),
        line_comments=("#",),
        strings=(TEXT_DOUBLE, TEXT_SINGLE, COMMAND, PERCENT, RUBY_HEREDOC, REGEX),
        pod=True,
        lookalikes=("?#", "#{"),
    ),
    Language(
        "PHP",
        (".php", ".phtml"),
        interpreters=("php",),
        line_comments=("//", "#"),
        block_comments=_C,
        strings=(PHP_HEREDOC, TEXT_DOUBLE, TEXT_SINGLE),
        lookalikes=("#[",),
        embedded=(_MARKUP_OF_PHP,),
    ),
    _c_like(
        "Kotlin",
        (".kt", ".kts"),
        aliases=("kt",),
        interpreters=("kotlin", "kscript"),
        strings=(RAW_TRIPLE, *_C_STRINGS),
        nested=True,
    ),
    _c_like("Swift", (".swift",), interpreters=("swift",), strings=(TRIPLE_DOUBLE, SWIFT_HASHED, DOUBLE), nested=True),
    _c_like("Scala", (".scala", ".sc"), interpreters=("scala", "amm"), strings=(RAW_TRIPLE, *_C_STRINGS), nested=True),
    Language(
        "Groovy",
        (".groovy", ".gradle"),
        ("Jenkinsfile",),
        interpreters=("groovy",),
        line_comments=("//",),
        block_comments=_C,
        strings=(TRIPLE_DOUBLE, TRIPLE_SINGLE, DOUBLE, SINGLE, REGEX),
    ),
    _c_like(
        "Dart",
        (".dart",),
        interpreters=("dart",),
        strings=(TRIPLE_DOUBLE, TRIPLE_SINGLE, DOUBLE, PYTHON_SINGLE),
        nested=True,
    ),
    Language(
        "shell",
        (".sh", ".bash", ".zsh", ".ksh"),
        (".bashrc", ".zshrc", ".profile", "PKGBUILD"),
        ("sh", "bash", "zsh", "shellscript"),
        ("sh", "bash", "zsh", "ksh", "dash", "ash", "mksh", "bats"),
        line_comments=("#",),
        strings=(TEXT_DOUBLE, DOLLAR_SINGLE, RAW_TEXT_SINGLE, SHELL_HEREDOC),
        spaced=True,
        lookalikes=(r"\"", r"\'", r"\#"),
    ),
    Language(
        "PowerShell",
        (".ps1", ".psm1"),
        aliases=("ps1", "pwsh"),
        interpreters=("pwsh", "powershell"),
        line_comments=("#",),
        block_comments=(("<#", "#>"),),
        strings=(HERE_STRING, BACKTICK_DOUBLE, RAW_TEXT_SINGLE),
        spaced=True,
    ),
    Language(
        "SQL",
        (".sql",),
        line_comments=("--",),
        block_comments=_C,
        strings=(SQL_SINGLE, RAW_LINE_DOUBLE, BACKQUOTES),
    ),
    _markup("HTML", (".html", ".htm", ".xhtml"), embedded=(_SCRIPT, _STYLE)),
    Language("CSS", (".css",), block_comments=_C, strings=_STYLE_STRINGS),
    _c_like("SCSS", (".scss",), aliases=("sass",), strings=_STYLE_STRINGS, lookalikes=("url(//", *_ADDRESS)),
    _c_like("Less", (".less",), strings=_STYLE_STRINGS, lookalikes=("url(//", *_ADDRESS)),
    _markup("Vue", (".vue",), embedded=(_SCRIPT, _STYLE)),
    _markup("Svelte", (".svelte",), embedded=(_SCRIPT, _STYLE)),
    Language(
        "Lua",
        (".lua",),
        interpreters=("lua", "luajit"),
        line_comments=("--",),
        strings=(DOUBLE, SINGLE, LUA_BRACKETS),
        brackets=True,
    ),
    Language(
        "Perl",
        (".pl", ".pm", ".t"),
        interpreters=("perl",),
        line_comments=("#",),
        strings=(DOUBLE, SINGLE, RUBY_HEREDOC, REGEX),
        spaced=True,
        pod=True,
        lookalikes=(r"\"", r"\'", r"\#"),
    ),
    Language(
        "Prolog", (), interpreters=("swipl",), line_comments=("%",), block_comments=_C, strings=(TEXT_DOUBLE, SINGLE)
    ),
    Language("R", (".r",), interpreters=("rscript",), line_comments=("#",), strings=(TEXT_DOUBLE, TEXT_SINGLE)),
    Language(
        "Julia",
        (".jl",),
        interpreters=("julia",),
        line_comments=("#",),
        block_comments=(("#=", "=#"),),
        strings=(TRIPLE_DOUBLE, TEXT_DOUBLE, CHARACTER),
        nested=True,
    ),
    Language(
        "MATLAB",
        (),
        aliases=("octave",),
        interpreters=("octave",),
        line_comments=("%",),
        block_comments=(("%{", "%}"),),
        strings=(RAW_LINE_DOUBLE, RAW_LINE_SINGLE),
    ),
    Language(
        "Fortran", (".f90", ".f95", ".f03", ".f08"), line_comments=("!",), strings=(RAW_LINE_DOUBLE, RAW_LINE_SINGLE)
    ),
    Language(
        "Haskell",
        (".hs",),
        aliases=("hs",),
        interpreters=("runhaskell", "runghc", "stack"),
        line_comments=("--",),
        block_comments=(("{-", "-}"),),
        strings=_C_STRINGS,
        nested=True,
        lookalikes=("-->", "|--"),
    ),
    Language(
        "OCaml",
        (".ml", ".mli"),
        interpreters=("ocaml",),
        block_comments=_ML,
        strings=(TEXT_DOUBLE, CHARACTER),
        nested=True,
        lookalikes=("(*)",),
    ),
    Language("Coq", (), aliases=("rocq",), block_comments=_ML, strings=(RAW_TEXT_DOUBLE,), nested=True),
    Language(
        "Erlang",
        (".erl", ".hrl"),
        interpreters=("escript",),
        line_comments=("%",),
        strings=(TEXT_DOUBLE, SINGLE),
        lookalikes=("$%", '$"', "$'"),
    ),
    Language(
        "Elixir",
        (".ex", ".exs"),
        interpreters=("elixir",),
        line_comments=("#",),
        strings=(TRIPLE_DOUBLE, TRIPLE_SINGLE, TEXT_DOUBLE, TEXT_SINGLE),
        lookalikes=("?#", '?"', r"?\""),
    ),
    Language(
        "Clojure",
        (".clj", ".cljs", ".cljc"),
        line_comments=(";",),
        strings=(TEXT_DOUBLE,),
        lookalikes=(r"\;", r"\""),
    ),
    Language(
        "Lisp",
        (".lisp", ".el", ".scm", ".rkt"),
        aliases=("scheme", "emacs-lisp", "racket"),
        interpreters=("sbcl", "guile", "racket"),
        line_comments=(";",),
        block_comments=(("#|", "|#"),),
        strings=(TEXT_DOUBLE,),
        nested=True,
        lookalikes=_LISP_LOOKALIKES,
    ),
    Language(
        "Assembly",
        (".asm", ".s"),
        aliases=("asm",),
        block_comments=_C,
        strings=_C_STRINGS,
        spaced=True,
        dialect_comments=("//", "# ", ";", "@ "),
    ),
    Language("Verilog", (".v", ".sv", ".svh"), (), ("systemverilog",), (), ("//",), _C, (DOUBLE,)),
    Language(
        "CMake",
        (".cmake",),
        ("CMakeLists.txt",),
        line_comments=("#",),
        strings=(TEXT_DOUBLE, LUA_BRACKETS),
        brackets=True,
        lookalikes=(r"\#", r"\""),
    ),
    Language(
        "Make",
        (".mk",),
        ("Makefile", "GNUmakefile", "makefile"),
        ("makefile",),
        ("make",),
        line_comments=("#",),
        strings=(DOUBLE, SINGLE),
        spaced=True,
        lookalikes=(r"\#", r"\"", r"\'"),
    ),
    Language(
        "Dockerfile",
        (".dockerfile",),
        ("Dockerfile", "Containerfile"),
        ("docker",),
        line_comments=("#",),
        strings=(DOUBLE, SINGLE),
        spaced=True,
    ),
    Language("Protocol Buffers", (".proto",), (), ("protobuf", "proto"), (), ("//",), _C, (DOUBLE, SINGLE)),
    _c_like("GLSL", (".glsl", ".vert", ".frag")),
    # Known by name only, so that a caller asking for its comments learns that there are none.
    Language("JSON"),
)

LANGUAGE_BY_NAME = {name.lower(): language for language in LANGUAGES for name in (language.name, *language.aliases)}
