"""The programs of a service, found where they are; a test that needs them is skipped with the reason elsewhere."""

import shutil
from pathlib import Path

import pytest


def required(program: str, package: str, *places: str) -> Path:
    """Return where a program is, on the path or under one of the places (patterns below /, the last match first).

    Where it is not, the test is skipped, and `make test-services` says so.
    """
    on_path = shutil.which(program)
    found = [Path(on_path)] if on_path else []
    found += [path for place in places for path in sorted(Path("/").glob(f"{place}/{program}"), reverse=True)]
    if not found:
        pytest.skip(f"{program} is not here: apt-get install {package}")
    return found[0]
