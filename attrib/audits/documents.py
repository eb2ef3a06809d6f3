"""The files in which a tree says what it is, what it needs, what it vendors, and whom it credits."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from attrib.audits.credit_files import gives_credit
from attrib.audits.declared import Declared, ReadPurls, purls_in
from attrib.audits.ignoring import OWN_RULES
from attrib.audits.locks_node import NODE_LOCKS
from attrib.audits.locks_other import OTHER_LOCKS, vendored_go_modules
from attrib.audits.locks_python import PYTHON_LOCKS, requirements
from attrib.audits.manifests import MANIFESTS, distribution
from index.origins.metadata import METADATA
from index.vendoring import vendored_in

LARGEST_DOCUMENT = 32 * 1024 * 1024
_LOCKS: Mapping[str, ReadPurls] = {**PYTHON_LOCKS, **NODE_LOCKS, **OTHER_LOCKS}
# pip's list, others' like it, Go's, and the metadata that setuptools leaves beside what it vendors.
_VENDOR_LISTS: Mapping[str, ReadPurls] = {
    "vendor.txt": requirements,
    "vendored.txt": requirements,
    "requirements*.txt": requirements,
    "modules.txt": vendored_go_modules,
    METADATA: distribution,
}


def is_document(path: str) -> bool:
    """Tell whether a file is one of them, by its name."""
    name = _name(path)
    listed = _is_list(path, _LOCKS) or _is_list(path, _VENDOR_LISTS)
    return name == OWN_RULES or name in MANIFESTS or listed or gives_credit(path)


def dependencies(documents: Mapping[str, str]) -> tuple[Declared, ...]:
    """Return what lock files declare, those of vendored code left out: it has dependencies of its own."""
    return tuple(_declared({path: text for path, text in documents.items() if vendored_in(path) is None}, _LOCKS))


def vendored(documents: Mapping[str, str]) -> tuple[Declared, ...]:
    """Return what the lists in vendor folders declare to stand there."""
    return tuple(_declared({path: text for path, text in documents.items() if vendored_in(path)}, _VENDOR_LISTS))


def own_packages(documents: Mapping[str, str]) -> tuple[Declared, ...]:
    """Return the packages that the manifests at the root say the tree is.

    Those further down may be of code that was copied with its manifest, which does not make it one's own.
    """
    return tuple(
        Declared(purl, path)
        for path in sorted(documents)
        if "/" not in path and path in MANIFESTS
        for purl in purls_in(MANIFESTS[path], documents[path])
    )


def _declared(documents: Mapping[str, str], readers: Mapping[str, ReadPurls]) -> Iterator[Declared]:
    for path in sorted(documents):
        for pattern, read in readers.items():
            if fnmatchcase(_name(path), pattern):
                yield from (Declared(purl, path) for purl in purls_in(read, documents[path]))


def _is_list(path: str, readers: Mapping[str, ReadPurls]) -> bool:
    return any(fnmatchcase(_name(path), pattern) for pattern in readers)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
