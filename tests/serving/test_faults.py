"""What befalls a running server: it is told clearly, costs nobody else their answer, and heals by itself."""

from pathlib import Path

from benchmarks.fault_serving import clients_dawdle, clients_vanish, database_away, worker_killed


def test_a_worker_that_dies_in_the_middle_of_a_generation_records_nothing_half(tmp_path: Path) -> None:
    row = worker_killed(tmp_path, times=2)
    assert row.held, row


def test_clients_that_vanish_leave_the_threads_to_others(tmp_path: Path) -> None:
    row = clients_vanish(tmp_path, clients=12)
    assert row.held, row


def test_clients_that_send_a_byte_a_second_do_not_hold_every_thread_for_ever(tmp_path: Path) -> None:
    row = clients_dawdle(tmp_path)
    assert row.held, row
    assert row.healing_seconds < 60


def test_a_database_that_was_moved_away_is_used_again_when_it_is_back(tmp_path: Path) -> None:
    row = database_away(tmp_path, times=2)
    assert row.held, row
