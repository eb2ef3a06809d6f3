"""How fast is a tree audited the first time and the second, how much memory do very many files take, beside its peers?

Run `python -m benchmarks.audit_speed` with ATTRIB_HOME set to the demo's index (`make demo` builds it in `.demo`). The
tree is a part of Python's standard library, which is not indexed, so few of its files end early. Every audit runs in a
process of its own. With `--peers`, ScanCode and copydetect, installed into environments of their own below `.bench`,
get the part of the tree that they are fast enough for, and Attrib gets the same part: ScanCode looks for licences and
copyright statements with as many processes as there are cores, and copydetect compares the part with itself, in one
process, for neither has an index.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

from attrib.auditor import AUDIT_CACHE
from attrib.bootstrap import build_service
from attrib.config import load_config
from benchmarks.peer_environments import install, program_of
from index.languages import exclusion_reason

_SMALL = '''def {name}_{number}(values, limit={number}):
    """Return the {name} of the values below a limit."""
    chosen = [value for value in values if value < limit]
    return {name}(chosen) if chosen else {number}
'''
_NAMES = ("sum", "max", "min", "len", "sorted", "any", "all", "tuple")
_OLD = (1_000_000_000, 1_000_000_000)


@dataclass(frozen=True, slots=True)
class Audited:
    """What one audit took: seconds of the clock and of processors, the most memory in MB, and what it found.

    `own` is the memory at the end without mapped files: the index's pages can be taken away at any time.
    """

    seconds: float
    processor: float
    peak: float
    own: float
    files: int
    findings: int


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=10, help="how much of the standard library")
    parser.add_argument("--small-files", type=int, default=100_000)
    parser.add_argument("--peers", action="store_true", help="time ScanCode and copydetect, too, on a part")
    parser.add_argument("--part", type=float, default=0.5, help="megabytes that the peers get")
    parser.add_argument("--audit", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.audit:
        print(json.dumps(_audit(arguments.audit)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "library")
        size = _library(tree, arguments.megabytes)
        print(
            f"{size / 1e6:.1f} MB of the standard library, {len(os.sched_getaffinity(0))} cores, load", os.getloadavg()
        )
        for name in ("first", "second"):
            _row(name, size, _audited(tree, anew=name == "first"))
        small = Path(folder, "small")
        size = _small_files(small, arguments.small_files)
        print(f"{arguments.small_files:,} small files, {size / 1e6:.1f} MB")
        for name in ("first", "second"):
            _row(name, size, _audited(small, anew=name == "first"))
        if arguments.peers:
            _beside_peers(Path(folder), arguments.part)
    return 0


def _beside_peers(folder: Path, megabytes: float) -> None:
    """Time Attrib and its peers on the same part of the library; raises CalledProcessError where a peer fails."""
    part = folder / "part"
    size = _library(part, megabytes)
    print(f"{size / 1e6:.2f} MB of the library, for Attrib and its peers")
    for name in ("Attrib, first", "Attrib, second"):
        _row(name, size, _audited(part, anew=name == "Attrib, first"))
    for peer, arguments in _peers(part, folder).items():
        if not program_of(peer, peer).exists():
            install(peer)
        command = [program_of(peer, peer), *arguments]
        begun, before = time.perf_counter(), _processors_of_children()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds, spent = time.perf_counter() - begun, _processors_of_children() - before
        speed = size / 1e6 / seconds
        print(f"  {peer:<14}{speed:>9.3f} MB/s  {seconds:>6.1f} s  {spent:>6.1f} s of processors", flush=True)


def _peers(part: Path, folder: Path) -> Mapping[str, Sequence[str | Path]]:
    processes = str(len(os.sched_getaffinity(0)))
    return {
        "scancode": ("-lc", "-n", processes, "--json", folder / "scan.json", part),
        "copydetect": ("-t", part, "-e", "py", "-O", folder / "report.html", "-a"),
    }


def _processors_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _audit(tree: Path) -> tuple[float, float, float, float, int, int]:
    """Audit a tree in this process and return what `Audited` has."""
    with build_service(load_config({}, os.environ, Path.cwd())) as service:
        service.warm_up()
        begun, processor = time.perf_counter(), time.process_time()
        report = service.audit(tree)
        seconds, spent = time.perf_counter() - begun, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return seconds, spent, peak, _own_memory(), len(report.files), len(report.findings)


def _own_memory() -> float:
    """Return the megabytes of this process that are no mapped file's (proc_pid_status(5), RssAnon)."""
    found = re.search(r"^RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1000 if found else float("nan")


def _audited(tree: Path, anew: bool) -> Audited:
    """Audit a tree in a process of its own; `anew` forgets first what earlier audits remember."""
    home = load_config({}, os.environ, Path.cwd()).home
    for place in home.glob(f"{AUDIT_CACHE}*") if anew else ():
        place.unlink()
    command = [sys.executable, "-m", "benchmarks.audit_speed", "--audit", str(tree)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Audited(*json.loads(answer))


def _row(name: str, size: int, audited: Audited) -> None:
    speed = size / 1e6 / audited.seconds
    print(
        f"  {name:<14}{speed:>9.2f} MB/s  {audited.seconds:>6.1f} s  {audited.processor:>6.1f} s of processors  "
        f"{audited.peak:>5.0f} MB at most, {audited.own:.0f} of its own at the end  "
        f"{audited.files:,} files, {audited.findings:,} findings",
        flush=True,
    )


def _library(tree: Path, megabytes: float) -> int:
    """Copy a part of the standard library, evenly chosen and old enough to be known by stamp; return its bytes."""
    root = Path(get_path("stdlib"))
    every = [
        place
        for place in sorted(root.rglob("*.py"))
        if "site-packages" not in place.parts and exclusion_reason(place.name, place.read_bytes()) is None
    ]
    whole = sum(place.stat().st_size for place in every)
    step = max(1, round(whole / (megabytes * 1e6)))
    return _copied(every[::step], root, tree)


def _copied(places: Sequence[Path], root: Path, tree: Path) -> int:
    size = 0
    for place in places:
        target = tree / place.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, target)
        os.utime(target, _OLD)
        size += place.stat().st_size
    return size


def _small_files(tree: Path, count: int) -> int:
    size = 0
    for number in range(count):
        target = tree / f"{number // 1000:03}" / f"part_{number}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        size += target.write_text(_SMALL.format(name=_NAMES[number % len(_NAMES)], number=number))
    return size


if __name__ == "__main__":
    sys.exit(main())
