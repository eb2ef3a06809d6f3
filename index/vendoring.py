"""Vendored code: the folders packages keep other people's code in, and what paths say of whose code it is."""

from collections.abc import Iterable

from index.matches import ReferenceFile
from index.source_names import names_of, path_names, runs_of

VENDOR_FOLDERS = frozenset(
    {
        "_vendor",
        "vendor",
        "vendored",
        "_vendored",
        "third_party",
        "third-party",
        "thirdparty",
        "3rdparty",
        "bundled",
        "extern",
        "externals",
        "_externals",
        "_extern",
        "node_modules",
    }
)
# Folders that say how a project is laid out, and nothing of what it is called.
_LAYOUT = frozenset({"src", "lib", "libs", "include", "python", "js", "packages", "source"})


def vendored_in(path: str) -> str | None:
    """Return the outermost vendor folder a file lies in, or None where it lies in none."""
    parts = path.split("/")[:-1]
    place = next((place for place, part in enumerate(parts) if part.lower() in VENDOR_FOLDERS), None)
    return None if place is None else "/".join(parts[: place + 1])


def vendored_name(path: str) -> str | None:
    """Return the plain name that whoever vendored a file gave its project: what stands behind the vendor folder."""
    parts = path.split("/")
    places = [place for place, part in enumerate(parts[:-1]) if part.lower() in VENDOR_FOLDERS]
    if not places:
        return None
    behind = parts[places[-1] + 1 :]
    name = "".join(path_names("/".join(behind))[: 2 if behind[0].startswith("@") else 1])
    return name if name and name not in _LAYOUT else None


def copies(files: Iterable[ReferenceFile]) -> dict[ReferenceFile, str]:
    """Return the files whose own path says that they are copies of another source among these, with its plain name.

    That is where a part of the path is the other source's name and what follows is where that source itself has the
    file: `requests/packages/urllib3/util/retry.py` beside `src/urllib3/util/retry.py` of `pkg:pypi/urllib3`.
    """
    every = tuple(files)
    if len({names_of(file.purl) for file in every}) < 2:
        return {}
    own_paths: dict[str, list[ReferenceFile]] = {}
    for file in every:
        for name in names_of(file.purl):
            own_paths.setdefault(name, []).append(file)
    longest = max(map(len, own_paths), default=0)
    found: dict[ReferenceFile, str] = {}
    for file in every:
        parts = file.path.lower().split("/")
        own = names_of(file.purl)
        for run, end in runs_of(path_names(file.path), longest):
            tail = "/" + "/".join(parts[end:] or parts[-1:])
            if run not in own and any(
                f"/{other.path.lower()}".endswith(tail) and not own & names_of(other.purl)
                for other in own_paths.get(run, ())
            ):
                found[file] = run
                break
    return found
