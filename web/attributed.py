"""Puts the attribution of a check into the code that was checked, or beside it."""

from collections.abc import Mapping
from typing import Any

from attrib.answers import Action
from attrib.attribution import tag_language
from attrib.side_files import side_file
from attrib.snippet_tags import Snippet, tag_snippets


def attributed_code(code: bytes | None, path: str | None, answer: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return checked code with REUSE snippet tags around what needs credit, or else the text of its side file.

    Both are None where nothing needs credit that it does not have, and where the code was not kept.
    """
    wanted = [match for match in answer["matches"] if Action(match["verdict"]).asks_for_credit]
    if code is None or not wanted:
        return None, None
    snippets = [_snippet(match) for match in wanted]
    language = tag_language(answer["language"], path, wanted[0]["origins"][0]["path"])
    try:
        text = code.decode("utf-8")
    except UnicodeDecodeError:
        return None, side_file(snippets)
    tagged = tag_snippets(text, language, snippets)
    return (None, side_file(snippets)) if tagged == text else (tagged, None)


def _snippet(match: Mapping[str, Any]) -> Snippet:
    best = match["origins"][0]
    output = match["output"]
    return Snippet(output["start_line"], output["end_line"], tuple(best["copyright"]), best["license"])
