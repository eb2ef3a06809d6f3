"""The file a batch writes: whole lines in the order of the prompts, gone on with where an earlier run ended."""

import fcntl
import io
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrib.batch_lines import WholeLine, encoded, settings_json, whole_lines
from attrib.errors import UnreadableInput
from attrib.prompt_files import FilePrompt

_WRITTEN_UNDER = {
    "model": "model",
    "steering": "steering",
    "policy": "policy",
    "index_revision": "revision of the index",
    "collections": "collections",
    "exclude": "excluded sources",
}


class BatchOutput:
    """An output file that this process alone writes to; `lines` is how many answers it has."""

    def __init__(self, path: Path, file: io.FileIO) -> None:
        self._path = path
        self._file = file
        self._whole = os.fstat(file.fileno()).st_size
        self.lines = 0

    def resume(self, prompts: Iterator[FilePrompt], run: Mapping[str, Any]) -> None:
        """Take as many prompts as are answered already, and cut off what is not whole behind them.

        Raises UnreadableInput, with nothing changed, where the file is not what these prompts under this run make.
        """
        done = whole = 0
        self._file.seek(0)
        # The buffer must not close the file it reads.
        buffer = io.BufferedReader(self._file)
        try:
            for line in whole_lines(buffer, str(self._path)):
                self._require_same(line, next(prompts, None), run)
                done, whole = line.number, line.end
        finally:
            buffer.detach()
        self._whole, self.lines = whole, done
        self._cut()

    def append(self, line: Mapping[str, Any]) -> None:
        """Write a line whole, or raise OSError and leave nothing of it."""
        left = memoryview(encoded(line))
        size = len(left)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            with suppress(OSError):
                self._cut()
            raise
        self._whole += size
        self.lines += 1

    def clear(self) -> None:
        """Begin again with an empty file."""
        self._whole = self.lines = 0
        self._cut()

    def _cut(self) -> None:
        self._file.truncate(self._whole)

    def _require_same(self, line: WholeLine, prompt: FilePrompt | None, run: Mapping[str, Any]) -> None:
        told = line.told
        if prompt is None:
            raise self._other(f"has more lines than there are prompts: {line.number} and more")
        if (told["line"], told["input"]) != (prompt.line, prompt.given):
            raise self._other(f"has another prompt in its line {line.number} than line {prompt.line} of the prompts")
        for name, value in run.items():
            if told["run"].get(name) != value:
                raise self._other(_difference(_WRITTEN_UNDER[name], told["run"].get(name), value))
        for name, value in settings_json(prompt.prompt).items():
            if told["settings"].get(name) != value:
                raise self._other(_difference(name, told["settings"].get(name), value))

    def _other(self, what: str) -> UnreadableInput:
        return UnreadableInput(f"{self._path} {what}: name another --output, or begin again with --restart")


@contextmanager
def opened_output(path: Path) -> Iterator[BatchOutput]:
    """Open or make the file of a batch's results; raises UnreadableInput where it cannot be, or another run has it."""
    try:
        file = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666), "r+")
    except OSError as error:
        raise UnreadableInput(f"{path} cannot be written: {error.strerror}") from error
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise UnreadableInput(f"{path} is no ordinary file, and a batch goes on where its file ends: name one")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnreadableInput(f"{path} is being written by another run: wait until it is done") from error
        yield BatchOutput(path, file)
        os.fsync(file.fileno())


def _difference(what: str, then: object, now: object) -> str:
    return f"was made with {what} {then!r}, which is {now!r} now"
