"""The formats a notice is written in."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from attrib.notices import html, markdown, text
from attrib.notices.document import NoticeDocument


@dataclass(frozen=True, slots=True)
class NoticeFormat:
    """How a notice is written in a format, from its data or from its text; what its file is called and sent as."""

    render: Callable[[NoticeDocument], str]
    verbatim: Callable[[str], str]
    file_name: str
    media_type: str


FORMATS: Final = MappingProxyType(
    {
        "text": NoticeFormat(text.render, text.verbatim, "THIRD-PARTY-NOTICES.txt", "text/plain"),
        "markdown": NoticeFormat(markdown.render, markdown.verbatim, "THIRD-PARTY-NOTICES.md", "text/markdown"),
        "html": NoticeFormat(html.render, html.verbatim, "THIRD-PARTY-NOTICES.html", "text/html"),
    }
)
