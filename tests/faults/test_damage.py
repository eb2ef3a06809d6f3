"""Files that were harmed: what is answered is true or refused, never clean by mistake, and mending brings it back."""

from pathlib import Path

from benchmarks.fault_damage import cut_short, flipped_bits, other_days


def test_a_flipped_bit_makes_no_answer_wrong(tmp_path: Path) -> None:
    row = flipped_bits(tmp_path, each=1)
    assert row.tried >= 14
    assert row.held, row


def test_a_segment_cut_short_makes_no_answer_wrong(tmp_path: Path) -> None:
    row = cut_short(tmp_path)
    assert row.held, row


def test_what_does_not_belong_together_makes_no_answer_wrong(tmp_path: Path) -> None:
    row = other_days(tmp_path)
    assert row.held, row
