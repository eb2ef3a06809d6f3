"""The main job, shown: index the installed packages, let a real model write, and see what it copied and from where.

Run `make demo`, or `python -m benchmarks.demo` with ATTRIB_HOME set to where the index shall be.
"""

import json
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from sysconfig import get_path

from generator.embedded.corpus import MANIFEST

_PROMPT_LINES = 3
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Prompt:
    """The first lines of a function the embedded model has learnt, and where they stand."""

    text: str
    purl: str
    path: str
    start_line: int


def main() -> int:
    """Run the demo; 0 when a generated function was matched and attributed."""
    _say("1. Index the packages of this Python environment: licence found, admitted or refused, file by file")
    if _attrib("index", "add", "installed").returncode:
        return 1
    _attrib("index", "stats")
    for prompt in _prompts():
        _say(
            f"2. Let the embedded model continue {_PROMPT_LINES} lines "
            f"(those of {prompt.path} line {prompt.start_line}, which it was trained on), and check what it writes"
        )
        print(textwrap.indent(prompt.text, "    | "), flush=True)
        with tempfile.TemporaryDirectory() as folder:
            given = Path(folder) / "prompt.py"
            given.write_text(prompt.text, encoding="utf-8")
            told = _attrib("generate", "--prompt-file", str(given), "--language", "python", "--json", quiet=True)
            if told.returncode:
                return 1
            if not _is_attributed(json.loads(told.stdout)):
                print("    (it went its own way this time; another function)")
                continue
            _attrib("generate", "--prompt-file", str(given), "--language", "python")
            _say("   The same code, as it may be shipped: REUSE tags around the reproduced lines")
            print(json.loads(told.stdout)["choices"][0]["code_with_attribution"], flush=True)
        _say("3. What to type next")
        print(
            textwrap.dedent(
                """\
                make serve                                   the web form, on http://127.0.0.1:8000
                export ATTRIB_HOME=.demo                     for the commands below: the index just built
                .venv/bin/attrib check FILE                  is this code copied?
                .venv/bin/attrib audit FOLDER                the same for a whole tree; then: attrib notice FOLDER
                .venv/bin/attrib index list                  what it is compared with
                .venv/bin/attrib --help"""
            )
        )
        return 0
    print("attrib demo: none of the functions the embedded model learnt was matched", file=sys.stderr)
    return 1


def _prompts() -> Iterator[Prompt]:
    """Yield the opening lines of functions whose packages are installed as they were when the model was trained."""
    offered = 0
    for function in json.loads(MANIFEST.read_text(encoding="utf-8"))["functions"]:
        name, _, pinned = function["purl"].removeprefix("pkg:pypi/").partition("@")
        try:
            if version(name) != pinned:
                continue
        except PackageNotFoundError:
            continue
        if function["end_line"] - function["start_line"] < 14:
            continue
        source = (Path(get_path("purelib")) / function["path"]).read_text(encoding="utf-8")
        start = function["start_line"]
        lines = source.splitlines(keepends=True)[start - 1 : start - 1 + _PROMPT_LINES]
        yield Prompt(textwrap.dedent("".join(lines)), function["purl"], function["path"], start)
        offered += 1
        if offered == _ATTEMPTS:
            return


def _is_attributed(answer: dict) -> bool:  # type: ignore[type-arg]
    return any(
        match["kind"] in ("exact", "near") and match["verdict"] == "attribute"
        for choice in answer["choices"]
        for match in choice["check"]["matches"]
    )


def _attrib(*arguments: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    if not quiet:
        print(f"$ attrib {' '.join(arguments)}", flush=True)
    return subprocess.run(
        [sys.executable, "-m", "attrib", *arguments], stdout=subprocess.PIPE if quiet else None, text=True, check=False
    )


def _say(text: str) -> None:
    print(f"\n{text}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
