"""A few seconds of `python -m benchmarks.fuzz`, and everything that it ever found."""

from pathlib import Path

import pytest

from benchmarks.fuzz import breaks
from benchmarks.fuzz_targets import Target, targets

FOUND = Path(__file__).parent / "found"


@pytest.mark.parametrize("name", targets())
def test_anything_is_read_or_refused(name: str) -> None:
    tried, data, error = breaks(targets()[name], examples=60, start=3)
    assert error is None, (data, error)
    assert tried >= 30


@pytest.mark.parametrize("path", sorted(FOUND.rglob("*.bin")), ids=lambda path: path.stem)
def test_what_was_found_once_is_read_or_refused(path: Path) -> None:
    targets()[path.parent.name].read(path.read_bytes())


def test_a_target_that_breaks_is_told_with_what_broke_it() -> None:
    def careless(data: bytes) -> None:
        if b"(" in data:
            raise ValueError("a bracket")

    _, data, error = breaks(Target(careless, (b"a (b) c",)), examples=200, start=1)
    assert data is not None
    assert b"(" in data
    assert str(error) == "a bracket"
