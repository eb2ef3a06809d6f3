"""Code that a visitor brings: with every kind of match in it, and very long."""

import builtins
import keyword
import re

from .reference import Known

NAMES = re.compile(r"(?<![\w\"'`])[A-Za-z_]\w*(?![\w\"'`])")


def everything_in_one(known: Known) -> str:
    """Return code that holds an exact, a near and a renamed copy, and one of every verdict."""
    parts = [
        "# a module of mine\nimport os\n",
        known.function("confirmation_option").text,
        edited(known.function("auto_repr").text),
        renamed(known.function("edit_files").text),
        known.guarded,
        known.weak,
        known.idiom,
    ]
    return "\n\n\n".join(parts)


def edited(text: str) -> str:
    """Return a text with a line changed here and there, and one put between."""
    lines = text.split("\n")
    lines[3] += " or None"
    lines[8] = lines[8].replace("(", "(  1 + ", 1)
    lines.insert(6, "    # put in by hand")
    return "\n".join(lines)


def renamed(text: str) -> str:
    """Return a text in which every name is another, apart from what the language itself names."""
    names: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        name = found[0]
        if keyword.iskeyword(name) or hasattr(builtins, name) or name == "self":
            return name
        return names.setdefault(name, f"thing{len(names)}")

    return NAMES.sub(other, text)


def long_code(known: Known, lines: int) -> str:
    """Return code of exactly so many lines, a known function here and there in it."""
    written: list[str] = []
    for number, function in enumerate(known.learnt * 9):
        written += [f"own_{number}_{line} = {line} * {number} + other_{line * 31 + number}" for line in range(25)]
        written += function.text.split("\n")
        if len(written) >= lines:
            break
    return "\n".join(written[:lines])
