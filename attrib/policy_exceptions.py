"""Exceptions from a policy: what is allowed or forbidden besides the rules, on whose word, why, and until when."""

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from attrib.answers import Action
from attrib.licenses import base_id
from index.matches import MatchKind
from index.purls import covers

SOON: Final = timedelta(days=30)
_WILD: Final = re.compile(r"(\*\*/)|(\*\*)|(\*)|(\?)|(.)", re.DOTALL)
_READ: Final = ("(?:.*/)?", ".*", "[^/]*", "[^/]")


def today() -> date:
    """Return the day it is, in UTC, so that every machine of a team ends an exception at the same moment."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How and where code was reproduced, as far as it is known: rules that ask for more than is known do not hold.

    `purl` and `swhid` are of the reference file, `path` is of the checked one as `path_under_rules` gives it, `on` is
    the day of the judgement.
    """

    kind: MatchKind | None = None
    purl: str = ""
    swhid: str = ""
    path: str | None = None
    on: date = field(default_factory=today)


@dataclass(frozen=True, slots=True)
class PolicyException:
    """What is done about code that everything given here fits; `line` names it in the settings.

    `license` is an SPDX id or WITH pair, `source` a pattern of `index.purls`, `path` a glob, `swhid` a content's id.
    `expires` is the last day on which it counts.
    """

    line: str
    action: Action
    owner: str
    reason: str
    expires: date
    license: str | None = None
    source: str | None = None
    path: str | None = None
    swhid: str | None = None

    def covers(self, license_id: str, where: Circumstances) -> bool:
        """Tell whether this licence's code, there, is what the exception is for, whatever the day."""
        return (
            (self.license is None or self.license in (license_id, base_id(license_id)))
            and (self.source is None or covers(self.source, where.purl))
            and (self.swhid is None or self.swhid == where.swhid)
            and (self.path is None or (where.path is not None and fits_glob(self.path, where.path)))
        )

    def ended(self, on: date) -> bool:
        """Tell whether it no longer counts."""
        return on > self.expires

    def ends_soon(self, on: date) -> bool:
        """Tell whether it still counts, but not for much longer."""
        return not self.ended(on) and self.expires - on <= SOON

    @property
    def what(self) -> str:
        """Say what it is for: "GPL-3.0-only, pkg:pypi/x, tools/**"."""
        return ", ".join(part for part in (self.license, self.source, self.path, self.swhid) if part is not None)


def fits_glob(glob: str, path: str) -> bool:
    """Tell whether a path fits a glob: `*` and `?` stay within a folder, `**` does not, `x/` is all of a folder."""
    told = "".join(
        next((read for read, part in zip(_READ, parts, strict=False) if part), None) or re.escape(parts[-1])
        for parts in _WILD.findall(glob.removeprefix("./"))
    )
    return re.fullmatch(told + (".*" if glob.endswith("/") else ""), path, re.DOTALL) is not None


def path_under_rules(place: str, below: str, folder: Path | None) -> str:
    """Return the path that globs are held against, in posix form.

    It is taken from the folder of the settings where the file lies in that; otherwise it is `below`, the path in what
    is checked. So one glob means the same file from whatever folder of the project a check is run.
    """
    if folder is not None:
        here, there = os.path.abspath(folder), os.path.abspath(place)
        if there.startswith(os.path.join(here, "")):
            return os.path.relpath(there, here).replace(os.sep, "/")
    return os.path.normpath(below).replace(os.sep, "/")
