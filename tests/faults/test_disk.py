"""A full disk and a read-only one: refused in a sentence, nothing acknowledged lost, healed by having room again."""

from pathlib import Path

import pytest

from benchmarks.fault_disk import CANNOT_MOUNT, full_disk, may_mount, read_only

pytestmark = pytest.mark.skipif(not may_mount(), reason=CANNOT_MOUNT)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    row = full_disk(tmp_path, steps=4)
    assert row.held, row


def test_a_read_only_disk_is_refused_and_loses_nothing(tmp_path: Path) -> None:
    row = read_only(tmp_path)
    assert row.held, row
