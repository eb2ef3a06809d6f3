"""The code in an answer in words: what stands in its fenced blocks (CommonMark 0.31, section 4.5)."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n]*)$")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """One fenced block: what its fence says of the language, and its lines."""

    info: str
    code: str

    @property
    def language(self) -> str | None:
        """The first word behind the fence, or None."""
        return self.info.split()[0].strip("{}.,") or None if self.info.split() else None


def code_blocks(text: str) -> tuple[CodeBlock, ...]:
    """Return the fenced blocks of a text in order; one that is never closed goes on to the end."""
    found: list[CodeBlock] = []
    fence, info = "", ""
    lines: list[str] = []
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if not fence and mark and not (mark["fence"][0] == "`" and "`" in mark["info"]):
            fence, info, lines = mark["fence"], mark["info"].strip(), []
        elif fence and mark and mark["fence"].startswith(fence) and not mark["info"].strip():
            found.append(CodeBlock(info, _joined(lines)))
            fence = ""
        elif fence:
            lines.append(line)
    if fence and lines:
        found.append(CodeBlock(info, _joined(lines)))
    return tuple(found)


def code_of(text: str) -> tuple[str, str | None]:
    """Return the code of an answer and its language: its blocks one after another, or all of it where it has none."""
    blocks = code_blocks(text)
    if not blocks:
        return text, None
    return "\n".join(block.code for block in blocks), next((block.language for block in blocks if block.language), None)


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
