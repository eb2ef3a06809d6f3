"""Makes characters visible that hide or reorder text."""

import unicodedata
from functools import lru_cache

from markupsafe import Markup, escape

BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Characters that count as letters or symbols and show nothing."""

PLAIN_CONTROLS = frozenset("\t\n")


def is_hidden(character: str) -> bool:
    """Tell whether a character is drawn as nothing or changes how its neighbours are drawn.

    Those are the control, format (bidirectional, zero width, tags), line and paragraph separator and
    surrogate categories of Unicode and a few blank letters; tab and line feed are not.
    """
    if character.isascii():
        return not character.isprintable() and character not in PLAIN_CONTROLS
    return character in BLANK_LETTERS or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def hidden_characters(text: str) -> list[str]:
    """Return the hidden characters of a text, each once, in the order of their first appearance."""
    return [character for character in dict.fromkeys(text) if is_hidden(character)]


@lru_cache(maxsize=512)
def describe(character: str) -> str:
    """Return code point and name of a character, such as `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, "control character")
    return f"U+{ord(character):04X} {name}"


def visible(text: str) -> Markup:
    """Return text as safe HTML in which every hidden character stands as a marked code point."""
    if text.isascii() and text.isprintable():
        return escape(text)
    pieces: list[Markup] = []
    start = 0
    for position, character in enumerate(text):
        if is_hidden(character):
            pieces.append(escape(text[start:position]))
            pieces.append(_flag(character))
            start = position + 1
    pieces.append(escape(text[start:]))
    return Markup("").join(pieces)


def visible_text(text: str) -> str:
    """Return text in which every hidden character stands as its code point, for where no markup can be."""
    return "".join(f"[U+{ord(character):04X}]" if is_hidden(character) else character for character in text)


@lru_cache(maxsize=512)
def _flag(character: str) -> Markup:
    return Markup('<span class="hidden-character" title="{}">U+{}</span>').format(
        describe(character), f"{ord(character):04X}"
    )
