"""What a tree and whoever audits it leave out: .gitignore, .attribignore, the globs of settings and options."""

from collections.abc import Callable, Iterable
from functools import cache

from pathspec import GitIgnoreSpec

OWN_RULES = ".attribignore"
GIT_RULES = ".gitignore"
LARGEST_RULES = 1024 * 1024

# Given a path below the root, that of a folder with a slash at its end: why it is left out, None where it is not.
Rules = Callable[[str], str | None]


def no_rules(path: str) -> str | None:
    """Leave nothing out."""
    return None


def first_of(rules: Iterable[Rules]) -> Rules:
    """Return the rules that leave out what any of several do, for the reason of the first."""
    every = tuple(rules)
    return lambda path: next((reason for one in every if (reason := one(path))), None)


def globs(patterns: Iterable[str], reason: str) -> Rules:
    """Return the rules of patterns as a .gitignore at the root would have them."""
    spec = _spec(patterns)
    return lambda path: reason if spec.match_file(path) else None


def listed(paths: frozenset[str], reason: str) -> Rules:
    """Return the rules that leave out what is listed by its path."""
    return lambda path: reason if path in paths else None


def rule_files(name: str, text_in: Callable[[str], str], reason: str) -> Rules:
    """Return the rules of the files of that name, each for its folder and what is below (gitignore, "PATTERN FORMAT").

    `text_in` gives the text of the one in a folder ('' or `a/b/`), '' where there is none. The deepest that says
    anything of a path counts; those in a folder that is left out are not asked.
    """

    @cache
    def spec_in(folder: str) -> GitIgnoreSpec | None:
        text = text_in(folder + name)
        return _spec(text[:LARGEST_RULES].splitlines()) if text else None

    @cache
    def folder_is_out(folder: str) -> bool:
        return folder != "" and (folder_is_out(_parent(folder)) or said_of(folder))

    def said_of(path: str) -> bool:
        folder = path
        while folder:
            folder = _parent(folder)
            spec = spec_in(folder)
            said = None if spec is None else spec.check_file(path[len(folder) :]).include
            if said is not None:
                return bool(said)
        return False

    def rules(path: str) -> str | None:
        out = folder_is_out(path) if path.endswith("/") else folder_is_out(_parent(path)) or said_of(path)
        return reason if out else None

    return rules


def _parent(path: str) -> str:
    """Return the folder of a path, with its slash; '' for what stands at the root."""
    return path[: path.rstrip("/").rfind("/") + 1]


def _spec(patterns: Iterable[str]) -> GitIgnoreSpec:
    """Read patterns; like git, pass over those that are none."""
    usable = []
    for pattern in patterns:
        try:
            GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            continue
        usable.append(pattern)
    return GitIgnoreSpec.from_lines(usable)
