"""What a source is called, and whether a path says so: `src/requests/models.py` names `pkg:pypi/requests`."""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from index.purls import source_name

_NO_PART_OF_A_NAME = re.compile(r"[^a-z0-9]+")
# What an ecosystem's packages add to the name of what they are about: python-dateutil, chart.js, node-semver.
_AFFIX = re.compile(r"^(?:python|py|node)[-_.]|[-_.](?:python|py|js)$")
# Of these types the namespace is who made it (purl specification, "PURL types"); of the others, who ships it.
_OWNED_TYPES = frozenset({"npm", "github", "gitlab", "bitbucket", "composer", "maven", "golang", "swift"})
_REMEMBERED = 65_536


@lru_cache(maxsize=_REMEMBERED)
def names_of(purl: str) -> frozenset[str]:
    """Return the plain names a source goes by: `@babel/core` is `core` and `babelcore`, `python-six` also `six`."""
    name = project_of(purl)
    bare = name.rpartition("/")[2]
    return frozenset(plain(one) for one in (name, bare, _AFFIX.sub("", bare)) if plain(one))


def project_of(purl: str) -> str:
    """Return the name of a source's project in lower case, with its scope where npm gives it one: `@babel/core`."""
    kind, _, rest = unquote(source_name(purl)).removeprefix("pkg:").partition("/")
    namespace, _, name = rest.rpartition("/")
    return (f"{namespace}/{name}" if kind == "npm" and namespace else name).lower()


def owner_of(purl: str) -> str | None:
    """Return type and namespace of a source where that is who made it; None where it says nothing of the kind."""
    kind, _, rest = unquote(source_name(purl)).removeprefix("pkg:").partition("/")
    namespace = rest.rpartition("/")[0]
    return f"{kind}/{namespace}".lower() if namespace and kind in _OWNED_TYPES else None


def without_affixes(project: str) -> str:
    """Return a project's name without what an ecosystem adds to it: `python-dateutil` becomes `dateutil`."""
    return _AFFIX.sub("", project)


@lru_cache(maxsize=_REMEMBERED)
def plain(name: str) -> str:
    """Return a name's letters and digits in lower case, for `ruamel.yaml`, `ruamel-yaml` and `ruamel/yaml` are one."""
    return _NO_PART_OF_A_NAME.sub("", name.lower())


@lru_cache(maxsize=_REMEMBERED)
def path_names(path: str) -> tuple[str, ...]:
    """Return the plain names of the folders of a path, and of its file without the extension."""
    *folders, file = path.split("/")
    return tuple(plain(part) for part in (*folders, file.rpartition(".")[0] or file))


def runs_of(parts: tuple[str, ...], longest: int) -> Iterator[tuple[str, int]]:
    """Yield every run of parts written together, up to a number of characters, with the place it ends before."""
    for begin in range(len(parts)):
        together = ""
        for end in range(begin, len(parts)):
            together += parts[end]
            if len(together) > longest:
                break
            yield together, end + 1


def names_itself(path: str, purl: str) -> bool:
    """Tell whether a path says the name of its own source, as a folder, as several, or as the file."""
    names = names_of(purl)
    return any(run in names for run, _ in runs_of(path_names(path), max(map(len, names), default=0)))
