"""Contrast: every text colour on every background it can stand on is at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

import re
from pathlib import Path

import pytest

import web
from web.code_colours import DarkCode, LightCode, colours

SHEET = (Path(web.__file__).parent / "static" / "attrib.css").read_text(encoding="utf-8")
BACKGROUNDS = [
    "surface", "allow-tint", "attribute-tint", "review-tint", "block-tint", "changed-tint", "changed-mark",
    "left-tint", "right-tint",
]  # fmt: skip
TEXTS = [
    ("ink", ["paper", "surface", "review-tint", "block-tint", "hidden-tint"]),
    ("muted", ["paper", "surface", *[f"{verdict}-tint" for verdict in ("allow", "attribute", "review", "block")]]),
    ("accent", ["paper", "surface", "attribute-tint"]),
    ("on-accent", ["accent", "accent-strong"]),
    *[(verdict, [f"{verdict}-tint", "surface"]) for verdict in ("allow", "attribute", "review", "block")],
]


PAIRS = re.findall(r"--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);", SHEET)
LIGHT = {name: light for name, light, _ in PAIRS}
DARK = {name: dark for name, _, dark in PAIRS}


def _luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("palette", "style"), [(LIGHT, LightCode), (DARK, DarkCode)], ids=["light", "dark"])
def test_code_is_readable_on_every_mark(palette, style):
    poor = {
        (str(token), background): round(_contrast(colour, palette[background]), 2)
        for token, colour in colours(style).items()
        for background in BACKGROUNDS
        if _contrast(colour, palette[background]) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_are_readable_wherever_they_stand(palette):
    poor = {
        (text, background): round(_contrast(palette[text], palette[background]), 2)
        for text, backgrounds in TEXTS
        for background in backgrounds
        if _contrast(palette[text], palette[background]) < 4.5
    }
    assert poor == {}
