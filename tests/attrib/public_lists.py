"""Two public sources of what licences ask for, fetched once by npm into an ignored folder."""

import json
import shutil
import subprocess
import tarfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

CACHE = Path(__file__).parents[2] / ".bench" / "obligations"


def choosealicense() -> dict[str, set[str]]:
    """Return the conditions of each licence by its SPDX id, as choosealicense-list 1.2.0 has them; skip without npm."""
    entries = _packed("choosealicense-list@1.2.0", "choosealicense-list-1.2.0.tgz", "licenses.json")
    return {entry["spdx-id"]: set(entry["conditions"]) for entry in entries.values()}


def blue_oak() -> dict[str, str]:
    """Return the rating of each licence on @blueoak/list 15.0.0, all permissive, by SPDX id; skip without npm."""
    ratings = _packed("@blueoak/list@15.0.0", "blueoak-list-15.0.0.tgz", "index.json")
    return {license["id"]: rating["name"] for rating in ratings for license in rating["licenses"]}


@lru_cache
def _packed(package: str, archive: str, name: str) -> Any:
    if not (CACHE / archive).exists():
        _fetch(package)
    with tarfile.open(CACHE / archive) as packed:
        member = packed.extractfile(f"package/{name}")
        assert member is not None
        return json.load(member)


def _fetch(package: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"npm is not installed, and {package} is fetched by it")
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            [npm, "pack", "--silent", "--pack-destination", CACHE, package], capture_output=True, timeout=60, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"{package} cannot be fetched by npm: {error}")
