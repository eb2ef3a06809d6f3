"""What happens when things break? Each fault is made many times, and what came of it is counted.

    python -m benchmarks.faults [--each N] [--only WORDS]

Needs no index: it makes small ones. A full and a read-only disk are tried where file systems may be mounted.
`--each` is how often those faults are made that could be made for ever. docs/faults.md
says of each fault what is seen of it and how it heals. Status 1 where anything was lost, wrong, or did not heal.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.fault_clock import leaping
from benchmarks.fault_damage import cut_short, flipped_bits, other_days
from benchmarks.fault_disk import full_disk, read_only
from benchmarks.fault_killing import SCENES, killing
from benchmarks.fault_rows import FaultRow, table
from benchmarks.fault_serving import clients_dawdle, clients_vanish, database_away, worker_killed

Make = Callable[[Path], FaultRow]


def faults(each: int) -> Mapping[str, Make]:
    """Return every fault by name; `each` is how often those are made that could be made for ever."""
    return {
        **{scene.name: partial(killing, scene) for scene in SCENES},
        "full disk": lambda folder: full_disk(folder, each),
        "read-only": read_only,
        "flipped bits": lambda folder: flipped_bits(folder, each),
        "cut short": cut_short,
        "other days": other_days,
        "clock": leaping,
        "worker killed": lambda folder: worker_killed(folder, each),
        "clients vanish": lambda folder: clients_vanish(folder, 10 * each),
        "clients dawdle": clients_dawdle,
        "database away": lambda folder: database_away(folder, each),
    }


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=10, help="how often a fault without an end is made")
    parser.add_argument("--only", default="", help="only faults whose name has this in it")
    arguments = parser.parse_args()
    rows = []
    for name, make in faults(arguments.each).items():
        if arguments.only in name:
            with tempfile.TemporaryDirectory() as folder:
                rows.append(make(Path(folder)))
            print(f"{name}: {'held' if rows[-1].held else rows[-1]}", file=sys.stderr, flush=True)
    print(table(rows))
    return 0 if all(row.held or row.skipped for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
