"""Takes the markup out of a licence text, line for line, so that only its words are left."""

import html
import re

_HTML = re.compile(r"<(?:!doctype|html|head|body|p|br|pre|div|li|h[1-6]|a)\b", re.IGNORECASE)
_TAG = re.compile(r"<(?:!--.*?--|/?[A-Za-z!][^<>]*)>", re.DOTALL)
# What m4 and batch files begin a comment with is a word to the eye.
_WORDY_COMMENT = re.compile(r"^[^\w\n]*(?:dnl|rem)\b", re.IGNORECASE | re.MULTILINE)


def plain_text(text: str) -> str:
    """Return a text without tags, entities and worded comment marks; its lines stay where they are."""
    if "<" in text and _HTML.search(text):
        text = html.unescape(_TAG.sub(_gap, text))
    return _WORDY_COMMENT.sub("", text)


def _gap(tag: re.Match[str]) -> str:
    return "\n" * tag[0].count("\n") or " "
