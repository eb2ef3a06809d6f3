"""Audits of released trees that carry others' code: what is found, said rightly, and under the right licence.

Run `python -m benchmarks.audit_vendored [TREE...]`. For each tree the upstreams that its own lists name are indexed, at
their versions, in a home of their own, and the tree is audited twice: with its vendor folder unknown, and known. A file
counts as found where a finding that is not common names its upstream. Of the tree's own files none is to be accused,
but for those of pip that were looked at by hand and do hold others' code.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from attrib.audits.findings import Finding
from attrib.bootstrap import build_service
from benchmarks.reference_corpus import built_reference, corpus_config, reference_files
from benchmarks.vendored_trees import VendoredTree, plain, trees
from index.matches import SearchStatus
from index.purls import source_name


@dataclass(frozen=True, slots=True)
class Told:
    """What the audit said of one file: whether it can be found at all, the package it named, licence and provenance."""

    path: str
    upstream: str
    wanted: bool
    found: str
    license_right: bool
    accused: bool
    declared: bool
    real_copy: bool


def main() -> int:
    """Print a table, and every mistake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", nargs="*", help=", ".join(trees()))
    parser.add_argument("--mistakes", type=int, default=15, help="so many are listed of each tree")
    arguments = parser.parse_args()
    names = ("files", "wanted", "recall", "precision", "licence", "own files", "accused", "declared")
    print(f"{'tree':<24}{''.join(f'{name:>11}' for name in names)}")
    mistakes: list[str] = []
    for name in arguments.tree or trees():
        tree = trees()[name]()
        built_reference(list(tree.upstreams.values()), tree.home)
        for known in (False, True):
            told = list(_told(tree, known))
            print(_row(f"{name}, {'known' if known else 'unknown'}", told), flush=True)
            if not known:
                mistakes += [*_mistakes(name, told)][: arguments.mistakes]
    print("mistakes where the folders are unknown:")
    print("\n".join(mistakes) or "  none")
    return 0


def _told(tree: VendoredTree, known: bool) -> Iterator[Told]:
    indexed = {(_package(file.purl), file.path.rpartition("/")[2]) for file in reference_files(tree.home)}
    paths = {tree.place(path, known): path for path in tree.files}
    with build_service(corpus_config(tree.home)) as service:
        report = service.audit(tree.written(known))
    for file in report.files:
        path = paths[file.path]
        upstream = tree.upstream(path)
        findings = [finding for finding in file.findings if not finding.match.common]
        best = max(findings, key=lambda finding: finding.match.lexemes, default=None)
        found = _package(best.match.origins[0].purl) if best else ""
        yield Told(
            path=path,
            upstream=upstream,
            wanted=file.status is not SearchStatus.TOO_SHORT and (upstream, path.rpartition("/")[2]) in indexed,
            found=found,
            license_right=best is not None and found == upstream and _licensed(best, tree, path),
            accused=any(finding.verdict.value != "allow" for finding in findings),
            declared=bool(findings) and all(finding.provenance for finding in findings),
            real_copy=path in tree.real_copies,
        )


def _licensed(finding: Finding, tree: VendoredTree, path: str) -> bool:
    return finding.match.origins[0].license == tree.license(path)


def _row(name: str, told: list[Told]) -> str:
    vendored = [one for one in told if one.upstream]
    wanted = [one for one in vendored if one.wanted]
    own = [one for one in told if not one.upstream]
    named = [one for one in told if one.found]
    right = [one for one in vendored if one.found == one.upstream]
    return (
        f"{name:<24}{len(vendored):>11}{len(wanted):>11}"
        f"{_share(sum(one.found == one.upstream for one in wanted), len(wanted)):>11}"
        f"{_share(len(right) + sum(one.real_copy for one in named), len(named)):>11}"
        f"{_share(sum(one.license_right for one in right), len(right)):>11}"
        f"{len(own):>11}{sum(one.accused for one in told):>11}"
        f"{_share(sum(one.declared for one in wanted), len(wanted)):>11}"
    )


def _mistakes(name: str, told: list[Told]) -> Iterator[str]:
    sums: Mapping[str, list[str]] = defaultdict(list)
    for one in told:
        if one.wanted and one.found != one.upstream:
            sums[f"not found or said to be of {one.found or 'nothing'}"].append(one.path)
        elif one.found and one.found != one.upstream and not one.real_copy:
            sums[f"own file said to be of {one.found}"].append(one.path)
        elif one.found and not one.license_right:
            sums[f"another licence than {one.upstream} has"].append(one.path)
    for what, paths in sums.items():
        yield f"  {name}: {what}: {len(paths)}: {', '.join(paths[:6])}"


def _share(some: int, of: int) -> str:
    return f"{some / of:.1%}" if of else "-"


def _package(purl: str) -> str:
    return plain(source_name(purl).rpartition("/")[2])


if __name__ == "__main__":
    sys.exit(main())
