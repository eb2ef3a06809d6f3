"""Killed at every write, whatever it was at: before or after, never in between, and nothing acknowledged is lost."""

from pathlib import Path

import pytest

from benchmarks.fault_killing import SCENES, Scene, killing


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name.replace(" ", "-") for scene in SCENES])
def test_a_process_that_is_killed_at_any_write_leaves_before_or_after(scene: Scene, tmp_path: Path) -> None:
    row = killing(scene, tmp_path)
    assert row.tried >= 4, row
    assert row.held, row
