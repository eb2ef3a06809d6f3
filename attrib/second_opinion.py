"""A second opinion on licences from ScanCode, a program of its own that need not be installed.

It is asked once a source, for the heads of its files and its licence files: `scancode --license --json`, see the
documentation of scancode-toolkit 32.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from attrib.errors import NoSecondOpinion, UnknownLicense
from attrib.licenses import Category, category_of, license_ids, resolve_choice
from index.origins.base import SkippedFile, SourcePackage

NAME = "ScanCode"
_HEAD_BYTES = 12_000
_SECONDS_A_FILE = 120
_LESS_PERMISSIVE = (Category.WEAK_COPYLEFT, Category.COPYLEFT, Category.RESTRICTED)


class SecondOpinion(Protocol):
    """Somebody else who tells licences."""

    def of(self, package: SourcePackage) -> Mapping[str, str]:
        """Return an SPDX expression for every path of a source it can say one of; raises NoSecondOpinion."""
        ...


class ScanCode:
    """The program `scancode`, as it is found on the PATH or given."""

    def __init__(self, program: str | None = None) -> None:
        """Raise NoSecondOpinion where there is no such program."""
        found = shutil.which(program or "scancode")
        if found is None:
            raise NoSecondOpinion(
                "There is no program scancode on the PATH: install scancode-toolkit-mini in an environment of its own "
                "and put its bin folder on the PATH, or leave --second-opinion out."
            )
        self._program = found

    def of(self, package: SourcePackage) -> Mapping[str, str]:
        """Return what ScanCode says of the files and licence files of a source."""
        with tempfile.TemporaryDirectory(prefix="attrib-scancode-") as folder:
            asked = Path(folder) / "asked"
            asked.mkdir()
            # Under numbers, for a path may be anything; with its ending, by which comments are told.
            paths: dict[str, str] = {}
            for number, (path, content) in enumerate(_heads(package)):
                name = f"{number}{os.path.splitext(path)[1][:10]}" if path.isprintable() else str(number)
                (asked / name).write_bytes(content)
                paths[name] = path
            if not paths:
                return {}
            answer = Path(folder) / "answer.json"
            self._run(asked, answer, len(paths), package.purl)
            return dict(_expressions(answer, paths, package.purl))

    def _run(self, asked: Path, answer: Path, files: int, purl: str) -> None:
        command = [self._program, "--license", "--quiet", "--processes", "1", "--json", str(answer), str(asked)]
        try:
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, text=True, timeout=_SECONDS_A_FILE + files, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoSecondOpinion(
                f"scancode gave no answer on {purl} ({type(error).__name__}): run it by hand."
            ) from error
        if not answer.exists():
            said = " ".join(done.stderr.split())[-200:]
            raise NoSecondOpinion(
                f"scancode gave no answer on {purl} ({said}): run `{self._program} --version` by hand."
            )


def less_permissive(expression: str) -> bool:
    """Whether an expression asks for more than a notice, its mildest branch taken; what is not known does not count."""
    try:
        taken = resolve_choice(expression).expression
    except UnknownLicense:
        return False
    return any(category_of(license_id) in _LESS_PERMISSIVE for license_id in license_ids(taken))


def _heads(package: SourcePackage) -> Iterator[tuple[str, bytes]]:
    for legal in package.legal:
        yield legal.path, legal.text.encode(errors="surrogateescape")
    for file in package.files():
        if not isinstance(file, SkippedFile):
            try:
                yield file.path, file.read()[:_HEAD_BYTES]
            except OSError:
                continue


def _expressions(answer: Path, paths: Mapping[str, str], purl: str) -> Iterator[tuple[str, str]]:
    try:
        files: Any = json.loads(answer.read_text("utf-8"))["files"]
        said = [(Path(file["path"]).name, file.get("detected_license_expression_spdx")) for file in files]
    except (ValueError, LookupError, TypeError, OSError) as error:
        raise NoSecondOpinion(
            f"scancode's answer on {purl} cannot be read: use version 32 of scancode-toolkit."
        ) from error
    for name, expression in said:
        if name in paths and isinstance(expression, str) and expression:
            yield paths[name], expression
