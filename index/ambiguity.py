"""Tells by a file's first bytes which language a name means that several share."""

import re
from collections.abc import Mapping

from index.language_table import LANGUAGE_BY_NAME
from index.syntax import Language

Signs = tuple[tuple[re.Pattern[bytes], str], ...]


def _signs(*pairs: tuple[str, str]) -> Signs:
    return tuple((re.compile(pattern.encode(), re.MULTILINE), name.lower()) for pattern, name in pairs)


# In this order; the name alone decides where no sign is there. An empty name says: no code that is known.
_OBJECTIVE_C = r"^[ \t]*(?:@(?:interface|implementation|protocol|class|property|import|end)\b|#import\b)"
_CPP = (
    r"^[ \t]*(?:class[ \t]+\w+[^;\n]*[{:]|class[ \t]+\w+;|namespace\b|template[ \t]*<|(?:public|private|protected):"
    r"|using[ \t]+\w|constexpr\b|#[ \t]*include[ \t]*<\w+>)|\bstd::"
)
_C = r"^[ \t]*#[ \t]*(?:include|define|if|pragma)\b|^[ \t]*/[/*]|[;{][ \t]*\r?$"
_PERL = (
    r"^#!.*perl|^[ \t]*(?:use[ \t]+(?:strict|warnings|Test|\d|[A-Z])|my[ \t]*[($@%]|package[ \t]+\w|sub[ \t]+\w|=\w+)"
)

_SIGNS: Mapping[str, Signs] = {
    ".h": _signs((_OBJECTIVE_C, "Objective-C"), (_CPP, "C++")),
    ".inc": _signs((r"<\?php|<\?=", "PHP"), (_C, "C++"), (r"", "")),
    ".m": _signs(
        (_OBJECTIVE_C, "Objective-C"),
        (r"\A\s*\(\*", ""),
        (r"^[ \t]*(?:function\b|classdef\b|%|end[ \t]*$|clear\b|close all)", "MATLAB"),
    ),
    ".pl": _signs((_PERL, "Perl"), (r"^:-[ \t]|^[a-z]\w*\([^\n]*\)[ \t]*:-|^[a-z]\w*\([^\n]*\)\.[ \t]*$", "Prolog")),
    ".t": _signs((_PERL, "Perl"), (r"\$\w+[ \t]*[=\[{]|[;}][ \t]*$", "Perl"), (r"", "")),
    ".ts": _signs((r"\A(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE|TS\b)", "")),
    ".d": _signs(
        (r"^[ \t]*(?:module|import|version|pragma|private|public|alias|template|struct|class|void|int)\b", "D"),
        (r"^[^\s:#]+:(?:[ \t]|\\?$)", ""),
    ),
    ".fs": _signs((r"^[ \t]*#version[ \t]+\d|\bgl_Frag|\bvoid[ \t]+main[ \t]*\(", "GLSL")),
    ".v": _signs(
        (r"^[ \t]*(?:Require|From[ \t]+\w+[ \t]+Require|Theorem|Lemma|Proof|Definition|Inductive)\b", "Coq"),
        (r"^[ \t]*(?:pub[ \t]+)?fn[ \t]+\w+[^\n]*\{", ""),
    ),
}


def language_by_content(extension: str, named: Language, head: bytes) -> Language | None:
    """Return the language that the first bytes of a file show, of those its extension may mean.

    `named` is what the name alone says; None comes back where the content is of a kind that is not known as code.
    """
    for sign, name in _SIGNS.get(extension, ()):
        if sign.search(head):
            return LANGUAGE_BY_NAME.get(name)
    return named
