"""A reference of one package, and trees that hold a copy of its code: what tests of audits share."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from attrib.service import Service

PURL = "pkg:pypi/newest@1.0"
COPIED = '''"""Finds the newest files below a folder."""

import os


def newest(folder, ending, limit=3):
    found = []
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            if not name.endswith(ending):
                continue
            path = os.path.join(place, name)
            changed = os.stat(path).st_mtime
            found.append((changed, path))
    found.sort(reverse=True)
    return [path for _, path in found[:limit]]


def oldest_first(folder, ending, limit=3):
    ordered = newest(folder, ending, limit)
    while ordered and not os.path.exists(ordered[-1]):
        ordered.pop()
    return list(reversed(ordered))
'''
OWN = """class Account:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("a deposit is more than nothing")
        self.balance += amount
        self.history.append(("deposit", amount))

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError("there is not so much on it")
        self.balance -= amount
        self.history.append(("withdraw", amount))
"""


def add_reference(service: Service, folder: Path, purl: str = PURL, path: str = "newest/finding.py") -> None:
    """Index one package of one file, under the MIT licence."""
    legal = "SPDX-License-Identifier: MIT\nCopyright (c) 2019 Ada Example\n"
    write(folder, {path: COPIED, "LICENSE": legal, str(Path(path).with_name("LICENSE")): legal})
    report = service.add([str(folder)], purl=purl, license="MIT")
    assert [source.files for source in report.added] == [1]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder, and return it."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder as a person without settings would."""
    settings = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    ran = subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return ran.stdout.strip()
