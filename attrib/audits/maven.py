"""Reads a Maven project (POM 4.0.0), whatever namespace it writes; one that defines entities is not read."""

import re
from xml.etree import ElementTree

_DEFINES = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NAMESPACE = re.compile(r"\{[^}]*\}")


def project_of(text: str) -> ElementTree.Element:
    """Return the project with its elements named without namespace; raises ValueError where there is none."""
    if _DEFINES.search(text):
        raise ValueError("a project defines no entities")
    try:
        # Without a definition of entities nothing can expand.
        project = ElementTree.fromstring(text)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    for element in project.iter():
        element.tag = _NAMESPACE.sub("", element.tag)
    return project


def text_below(element: ElementTree.Element, *names: str) -> str | None:
    """Return the text of an element below another by their names; None for none, and for what is filled in later."""
    text = (element.findtext("/".join(names)) or "").strip()
    return None if not text or "${" in text else text
