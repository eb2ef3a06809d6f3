"""Runs git so that nothing of a repository runs with it, and reads what it answers."""

import os
import subprocess
from collections.abc import Iterator
from typing import IO

from index.errors import UnreadableOrigin

_PROTOCOLS = ("https", "http", "ssh", "git", "file")
_CHUNK = 64 * 1024


class BlobReader:
    """Reads one blob through `git cat-file --batch` (gitformat: oid, type, size, newline, bytes, newline)."""

    __slots__ = ("_name", "_object_id", "_objects")

    def __init__(self, objects: subprocess.Popen[bytes], object_id: str, name: str) -> None:
        self._objects = objects
        self._object_id = object_id
        self._name = name

    def __call__(self) -> bytes:
        """Return the blob's bytes; raises UnreadableOrigin."""
        asked, answers = self._objects.stdin, self._objects.stdout
        if asked is None or answers is None:
            raise UnreadableOrigin(f"{self._name}: git has stopped answering.")
        asked.write(f"{self._object_id}\n".encode())
        asked.flush()
        said = answers.readline().split()
        if len(said) != 3 or said[1] != b"blob":
            raise UnreadableOrigin(f"{self._name}: an object is missing or damaged: run `git fsck` there.")
        content = answers.read(int(said[2]))
        answers.read(1)
        return content


def git_command(arguments: tuple[str, ...]) -> list[str]:
    """Return the command line of a git that runs no hook, no monitor and no helper of the repository it looks at."""
    settings = {
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "gc.auto": "0",
        "maintenance.auto": "false",
        "protocol.allow": "never",
        **{f"protocol.{protocol}.allow": "always" for protocol in _PROTOCOLS},
    }
    return ["git", *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")), *arguments]


def git_environment() -> dict[str, str]:
    """Return the environment without what would point git elsewhere, and without anybody to ask for a password."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        "LC_ALL": "C.UTF-8",
    }


def records(stream: IO[bytes] | None) -> Iterator[bytes]:
    """Yield what stands between the zero bytes of a stream (`-z`)."""
    rest = b""
    while stream is not None and (chunk := stream.read(_CHUNK)):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def complaint(stderr: bytes) -> str:
    """Return the one thing git says is wrong, without a full stop."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "nothing")
    return said.removeprefix("fatal:").removeprefix("error:").strip().rstrip(".")
