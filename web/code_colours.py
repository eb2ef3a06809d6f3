"""Code colours: two palettes for Pygments and the style sheet made from them."""

from typing import ClassVar

from pygments.style import Style
from pygments.token import (
    STANDARD_TYPES,
    Comment,
    Error,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Token,
    _TokenType,
)


class LightCode(Style):  # type: ignore[misc]
    """Ink on paper; every colour is at least 4.5:1 on each background that marks a line."""

    background_color = "#ffffff"
    styles: ClassVar[dict[_TokenType, str]] = {
        Token: "#24272e",
        Comment: "italic #5a6270",
        Keyword: "#8a2470",
        Keyword.Constant: "#7a4300",
        Operator.Word: "#8a2470",
        Name.Builtin: "#0b5a73",
        Name.Function: "#1d4fa0",
        Name.Class: "#1d4fa0",
        Name.Decorator: "#6b4a00",
        Name.Tag: "#8a2470",
        Name.Attribute: "#0b5a73",
        String: "#22602b",
        String.Escape: "#7a4300",
        Number: "#7a4300",
        Literal: "#7a4300",
        Punctuation: "#4a505c",
        Operator: "#4a505c",
        Generic.Error: "#24272e",
        Error: "#24272e",
    }


class DarkCode(Style):  # type: ignore[misc]
    """Pale ink on slate; every colour is at least 4.5:1 on each background that marks a line."""

    background_color = "#1a1d23"
    styles: ClassVar[dict[_TokenType, str]] = {
        Token: "#dfe2e8",
        Comment: "italic #a8b0bd",
        Keyword: "#eaa0d4",
        Keyword.Constant: "#f0bd84",
        Operator.Word: "#eaa0d4",
        Name.Builtin: "#82d0e4",
        Name.Function: "#9dc1ff",
        Name.Class: "#9dc1ff",
        Name.Decorator: "#e2c67e",
        Name.Tag: "#eaa0d4",
        Name.Attribute: "#82d0e4",
        String: "#9bd3a2",
        String.Escape: "#f0bd84",
        Number: "#f0bd84",
        Literal: "#f0bd84",
        Punctuation: "#b6bcc8",
        Operator: "#b6bcc8",
        Generic.Error: "#dfe2e8",
        Error: "#dfe2e8",
    }


def colours(style: type[Style]) -> dict[_TokenType, str]:
    """Return the colour of every kind of token, as `rrggbb`."""
    return {token: definition["color"] for token, definition in style if definition["color"]}


def style_sheet() -> str:
    """Return the CSS of both palettes in one: each colour is the one of the scheme that applies where it stands."""
    light, dark = colours(LightCode), colours(DarkCode)
    return "\n".join(
        f".code .k-{STANDARD_TYPES[token]} {{ color: light-dark(#{colour}, #{dark[token]});{_slant(token)} }}"
        for token, colour in light.items()
        if STANDARD_TYPES.get(token)
    )


def _slant(token: _TokenType) -> str:
    return " font-style: italic;" if LightCode.style_for_token(token)["italic"] else ""
