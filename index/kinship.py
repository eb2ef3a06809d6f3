"""How many unrelated sources hold the same code: a project in ten packages is one, an idiom in six projects is six.

Two places are related where they hold the same content, belong to one project or owner, where one is the vendored
copy of the other's file, or where a path says that it is a copy of another source. Relations carry on: what is related
to the same third place is related.
"""

from collections.abc import Hashable, Iterable, Sequence

from index.matches import ReferenceFile
from index.source_names import owner_of, plain, project_of, without_affixes
from index.vendoring import copies, vendored_in

_Trait = tuple[str, Hashable]


def unrelated_sources(files: Sequence[ReferenceFile]) -> int:
    """Return how many groups of files there are that have nothing to do with each other."""
    copied = copies(files)
    projects = {plain(without_affixes(project_of(file.purl))) for file in files}
    vendored = {_file_name(file) for file in files if vendored_in(file.path) is not None}
    groups: list[set[_Trait]] = []
    for file in files:
        traits: set[_Trait] = {("content", file.swhid), *(("project", name) for name in _projects(file, projects))}
        if (owner := owner_of(file.purl)) is not None:
            traits.add(("owner", owner))
        if file.url:
            traits.add(("home", file.url.lower().removesuffix("/").removesuffix(".git")))
        if _file_name(file) in vendored:
            traits.add(("vendored", _file_name(file)))
        if file in copied:
            traits.add(("project", copied[file]))
        related = sorted((group for group in groups if not group.isdisjoint(traits)), key=len)
        if not related:
            groups.append(traits)
            continue
        # The largest takes the others in, so that many files of one group do not copy it again and again.
        *smaller, largest = related
        largest.update(traits, *smaller)
        groups = [group for group in groups if all(group is not one for one in smaller)]
    return len(groups)


def _projects(file: ReferenceFile, known: set[str]) -> Iterable[str]:
    """Yield the plain names of a file's project and of those it belongs to.

    `lodash.debounce` is of the family `lodash`; `lodash-es` is so where `lodash` itself is among the sources.
    """
    project = without_affixes(project_of(file.purl))
    yield plain(project)
    family, dot, _ = project.partition(".")
    if dot and family:
        yield plain(family)
    for place, character in enumerate(project):
        if character in "-_" and (first := plain(project[:place])) in known:
            yield first


def _file_name(file: ReferenceFile) -> str:
    return file.path.rpartition("/")[2].lower()
