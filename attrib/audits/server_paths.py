"""Which paths of the server itself may be audited when somebody asks for it over the network: those below its roots."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from attrib.audits.decision_file import DecisionFile, decision_file_of, read_decisions
from attrib.audits.projects import Project
from attrib.errors import PathNotAllowed


class ServerPaths:
    """Holds paths against the folders that the setting `audit_roots` names; with none of them every path is refused."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(roots)

    def allowed(self, path: str) -> Path:
        """Return a path that may be audited, the one that is meant and no link.

        Raises PathNotAllowed, which tells of nothing outside the roots whether it is there.
        """
        if not self._roots:
            raise PathNotAllowed(
                "no folder of the server may be audited over the network: name some in the setting audit_roots, "
                "or run `attrib audit` there."
            )
        given = PurePosixPath(path)
        if not given.is_absolute() or ".." in given.parts or "\0" in path:
            raise PathNotAllowed(f"{path!r} is no whole path: give one from the root on, without `..`.")
        for root in self._roots:
            if given.is_relative_to(root):
                return _real(path, root, given.relative_to(root))
        raise PathNotAllowed(f"{path} lies below none of the folders that the setting audit_roots names.")

    def project(self, path: Path, name: str | None) -> Project:
        """Return the project of an allowed path with its decisions, under a name that is given or its own.

        Its decisions file may lie in a folder around it, but below a root as well. Raises UnreadableInput with every
        mistake in that file.
        """
        place = decision_file_of(path)
        # Of a link, and of what lies outside the roots, nothing is read.
        readable = place.is_file() and not place.is_symlink() and self._holds(place)
        file = read_decisions(place) if readable else DecisionFile()
        return Project(name or file.project or str(place.parent), place, file)

    def _holds(self, place: Path) -> bool:
        try:
            return bool(self.allowed(str(place)))
        except PathNotAllowed:
            return False


def _real(path: str, root: Path, below: PurePosixPath) -> Path:
    try:
        real = (root / below).resolve(strict=True)
        expected = root.resolve(strict=True) / below
    except (OSError, RuntimeError) as error:
        raise PathNotAllowed(f"{path} is not there, or cannot be read.") from error
    if real != expected:
        raise PathNotAllowed(f"{path} is a link, or leads through one: give the path that it leads to.")
    if not real.is_dir() and not real.is_file():
        raise PathNotAllowed(f"{path} is neither a folder nor a file.")
    return real
