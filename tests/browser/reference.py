"""A small real index for the browser: what the embedded model knows by heart, and a source for every other verdict."""

import shutil
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from attrib.service import Service
from generator.embedded.corpus import MANIFEST, Function, read_manifest
from index.collection import Collection

PACKAGES = {"networkx": "BSD-3-Clause", "rich": "MIT", "click": "BSD-3-Clause"}
MOST_FILES = 6

LICENSE = """{license}

Copyright (c) {year} The {name} Authors

Whoever keeps this notice may use this.
"""

GUARDED = '''def seal_ledger(entries, keyring, opened):
    """Close a ledger with the key of its day, and carry what is left over into the next one."""
    carried = []
    balance = opened.balance
    for entry in sorted(entries, key=lambda entry: (entry.booked, entry.number)):
        if entry.day > opened.day:
            carried.append(entry)
            continue
        balance = balance - entry.amount if entry.is_debit else balance + entry.amount
        opened.lines.append((entry.number, entry.amount, balance))
        if balance < opened.overdraft:
            raise LedgerOverdrawn(entry.number, balance, opened.overdraft)
    signature = keyring.sign(opened.day, repr(opened.lines).encode("utf-8"))
    opened.close(balance, signature)
    return opened.following(balance), carried
'''
"""A function of a source that may not be copied."""

WEAK = '''def plan_watering(beds, forecast, tank):
    """Share what is in the tank among the beds that no rain will reach before they are dry."""
    thirsty = {}
    for bed in beds:
        rain = sum(hour.millimetres for hour in forecast if hour.reaches(bed.place))
        missing = bed.need * bed.area - rain * bed.area
        if missing > 0 and bed.moisture < bed.wilting_point + bed.reserve:
            thirsty[bed.name] = missing
    wanted = sum(thirsty.values())
    if wanted <= tank.litres:
        return dict(thirsty)
    share = tank.litres / wanted
    return {name: round(missing * share, 1) for name, missing in thirsty.items()}
'''
"""A function of a source whose licence somebody should look at."""

IDIOM = '''def flatten_tree(root, children, depth=0):
    """Yield every node of a tree with its depth, parents before their children."""
    waiting = [(root, depth)]
    seen = set()
    while waiting:
        node, level = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node, level
        for child in reversed(list(children(node))):
            waiting.append((child, level + 1))
'''
"""A function that stands in many sources, so that nobody can tell whose it is."""


@dataclass(frozen=True, slots=True)
class Known:
    """What stands in the index: `learnt` are functions of real packages, which the embedded model continues."""

    learnt: tuple[Function, ...]
    guarded: str = GUARDED
    weak: str = WEAK
    idiom: str = IDIOM

    def function(self, name: str) -> Function:
        """Return a learnt function by its name."""
        return next(function for function in self.learnt if function.name == name)


def add_reference(service: Service, folder: Path) -> Known:
    """Fill an index and return what it knows."""
    learnt: list[Function] = []
    functions, _ = read_manifest(MANIFEST)
    for package, license in PACKAGES.items():
        purl = f"pkg:pypi/{package}@{distribution(package).version}"
        of_package = [function for function in functions if function.purl == purl]
        paths = list(dict.fromkeys(function.path for function in of_package))[:MOST_FILES]
        for path in paths:
            to = folder / package / path
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(distribution(package).locate_file(path)), to)
        learnt += [function for function in of_package if function.path in paths]
        _add(service, folder / package, purl, license, package.title())
    for number in range(8):
        name = f"orchard{number}"
        _write(folder / name / "orchard" / "tree.py", f"{IDIOM}\n\nPART = {number}\n")
        _add(service, folder / name, f"pkg:pypi/{name}@1.{number}", "MIT", f"{name.title()} {number}")
    _write(folder / "garden" / "garden" / "water.py", WEAK)
    _add(service, folder / "garden", "pkg:npm/garden@4.0.2", "MPL-2.0", "Garden", Collection.RESTRICTED)
    _write(folder / "vault" / "vault" / "ledger.py", GUARDED)
    _add(service, folder / "vault", "pkg:deb/debian/vault@2.4", "GPL-3.0-only", "Vault", Collection.RESTRICTED)
    return Known(tuple(learnt))


def _add(
    service: Service,
    folder: Path,
    purl: str,
    license: str,
    name: str,
    collection: Collection = Collection.PERMISSIVE,
) -> None:
    _write(folder / "NOTICE", LICENSE.format(license=license, year=2019, name=name))
    service.add([str(folder)], purl=purl, license=license, collection=collection)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
