"""Puts the attribution of a check into the code that was checked."""

from collections.abc import Mapping
from typing import Any

from attrib.answers import Action
from attrib.attribution import language_name
from attrib.snippet_tags import Snippet, tag_snippets, untaggable


def attributed_code(code: bytes | None, answer: Mapping[str, Any]) -> str | None:
    """Return checked code with REUSE snippet tags around what needs credit.

    None where nothing does, where the code was not kept or is no UTF-8, and where its language has no comments.
    """
    wanted = [match for match in answer["matches"] if match["verdict"] != Action.ALLOW.value]
    if code is None or not wanted:
        return None
    language = answer["language"] or language_name(wanted[0]["origins"][0]["path"])
    if untaggable(language) is not None:
        return None
    try:
        text = code.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return tag_snippets(text, language, [_snippet(match) for match in wanted])


def _snippet(match: Mapping[str, Any]) -> Snippet:
    best = match["origins"][0]
    output = match["output"]
    return Snippet(output["start_line"], output["end_line"], tuple(best["copyright"]), best["license"])
