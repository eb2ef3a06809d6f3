"""Code laid out anew by the tools people use: black for Python, prettier for JavaScript, TypeScript, style sheets."""

import json
import random
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import black
from black.parsing import InvalidInput

from benchmarks.reference_corpus import BENCH
from benchmarks.treatments import Code, Surroundings, Treatment

PRETTIER_VERSION = "3.10.1"
PRETTIER_PARSERS = {
    "JavaScript": "babel", "TypeScript": "typescript", "TSX": "typescript", "CSS": "css", "SCSS": "scss"
}  # fmt: skip
_LINE_LENGTHS = (60, 80, 120)


class FormatterMissing(Exception):
    """A formatter cannot be had here; the message says why."""


def by_black(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
    """Format Python with black, for a line length drawn at random."""
    try:
        mode = black.Mode(line_length=drawn.choice(_LINE_LENGTHS))
        formatted = black.format_str(textwrap.dedent(code.text), mode=mode)
    except (InvalidInput, ValueError):
        return None
    return formatted if formatted != code.text else None


@contextmanager
def prettier() -> Iterator[Treatment]:
    """Give the treatment that formats with prettier, kept running meanwhile; raises FormatterMissing."""
    command = [_node(), str(Path(__file__).with_name("prettier_lines.mjs")), str(_prettier_module())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def by_prettier(code: Code, around: Surroundings, drawn: random.Random) -> str | None:
            if process.stdin is None or process.stdout is None:
                return None
            options = {
                "printWidth": drawn.choice(_LINE_LENGTHS),
                "semi": drawn.random() < 0.7,
                "singleQuote": drawn.random() < 0.5,
                "tabWidth": drawn.choice((2, 4)),
            }
            request = {"code": code.text, "parser": PRETTIER_PARSERS[code.language], "options": options}
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            formatted = answer.get("code")
            return formatted if formatted and formatted != code.text else None

        try:
            yield by_prettier
        finally:
            process.terminate()


def _node() -> str:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise FormatterMissing("node and npm are not installed")
    return node


def _prettier_module() -> Path:
    folder = BENCH / "prettier"
    module = folder / "node_modules" / "prettier" / "index.mjs"
    if not module.exists():
        folder.mkdir(parents=True, exist_ok=True)
        installed = subprocess.run(
            ["npm", "install", "--silent", "--no-save", "--prefix", str(folder), f"prettier@{PRETTIER_VERSION}"],
            check=False,
            capture_output=True,
            text=True,
        )
        if not module.exists():
            raise FormatterMissing(f"npm cannot install prettier: {installed.stderr.strip()[:200]}")
    return module.resolve()
