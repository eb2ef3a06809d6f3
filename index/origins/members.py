"""The members of an archive or tree, one after another, and what makes an archive hostile."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from index.errors import UnreadableOrigin
from index.origins.base import SkippedFile

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file of an archive, `size` bytes long; `read` works until the next member is asked for.

    `read` raises UnreadableOrigin where the archive is damaged there.
    """

    path: str
    size: int
    read: Callable[[], bytes]


# Opens the archive anew on every call, so that it can be gone through several times.
Members = Callable[[], Iterator[Member | SkippedFile]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an archive may become; `ratio` is unpacked bytes for every packed one, looked at above `small`."""

    members: int = 250_000
    unpacked: int = 8 * 1024**3
    ratio: int = 250
    small: int = 64 * 1024**2


LIMITS = Limits()


class Guard:
    """Looks at every member of one archive, and raises UnreadableOrigin at the first that no honest archive has."""

    def __init__(self, name: str, packed: int | None = None, limits: Limits = LIMITS) -> None:
        """`packed` is the size of the archive in bytes; None where nothing is compressed."""
        self._name = name
        self._limits = limits
        self._most = limits.unpacked
        if packed is not None:
            self._most = min(limits.unpacked, max(limits.small, packed * limits.ratio))
        self._seen: set[str] = set()
        self._members = 0
        self._unpacked = 0

    def path(self, path: str) -> str:
        """Return a member's path in its plain form, without '.' parts; a backslash may be a separator elsewhere."""
        self._members += 1
        if self._members > self._limits.members:
            raise self.refusal(f"has more than {self._limits.members:,} members")
        parts = path.replace("\\", "/").split("/")
        if not parts[0] or _DRIVE.match(path) or ".." in parts or "\0" in path:
            raise self.refusal(f"has a member that would lie outside it ({_shown(path)})")
        return "/".join(part for part in path.split("/") if part not in ("", "."))

    def file(self, path: str, size: int) -> SkippedFile | None:
        """Count a regular file of a checked path; return it with a reason where it is left out."""
        self._unpacked += size
        if size < 0 or self._unpacked > self._most:
            raise self.refusal(f"unpacks to more than {self._most / 1e6:,.0f} MB")
        try:
            path.encode()
        except UnicodeEncodeError:
            return SkippedFile(path.encode("utf-8", "replace").decode(), "its name is not UTF-8")
        if path in self._seen:
            return SkippedFile(path, "stands in the archive twice")
        self._seen.add(path)
        return None

    def link(self, path: str, target: str) -> SkippedFile:
        """Return a link as left out, for none is followed; `target` is relative to the archive's root."""
        parts = target.replace("\\", "/").split("/")
        depth = 0
        for part in parts:
            depth += 0 if part in ("", ".") else -1 if part == ".." else 1
            if depth < 0:
                break
        if not parts[0] or _DRIVE.match(target) or depth < 0:
            raise self.refusal(f"has a link that leads out of it ({_shown(path)})")
        return SkippedFile(path.encode("utf-8", "replace").decode(), "a link")

    def refusal(self, why: str) -> UnreadableOrigin:
        """Return the refusal of the whole archive."""
        return UnreadableOrigin(f"{self._name} {why}, which is not safe to read: leave it out, or add its folder.")


def _shown(path: str) -> str:
    return ascii(path if len(path) <= 80 else path[:80] + "...")
