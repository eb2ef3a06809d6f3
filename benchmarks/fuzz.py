"""Does anything that others write break what reads it?

    python -m benchmarks.fuzz [--minutes N] [--target T] [--seed S] [--keep FOLDER]

Hypothesis feeds each target with well-formed input that was edited: bytes cut, repeated, exchanged, and words of its
format put in. What breaks a target is made as small as can be and printed; with `--keep` it is written to a folder, as
tests/faults/found holds what was found before. Status 1 where anything was found.
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.fuzz_targets import Target, targets

_AT_ONCE = 300
_WORDS = (
    *(b"", b"\0", b"\n", b"\r", b'"', b"'", b"(", b")", b"[", b"]", b"{", b"}", b"\\", b"/", b"../", b" ", b"\xff"),
    *(b" AND ", b" OR ", b" WITH ", b"+", b",", b"-only", b"GPL", b"true", b"null", b"-1", b"1e999", b"9" * 40),
    *(b"[[decision]]\n", b"[policy]\n", b'"""', b"#", b"=", b"\xc3\xa9", b"\\ud800", b"\x80" * 9),
    *(b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"ustar"),
)  # fmt: skip
"""What is put in: nothing, marks, and words of one format or another."""


def edited(target: Target) -> st.SearchStrategy[bytes]:
    """Return input for a target: a seed with some edits, or anything at all."""
    edit = st.tuples(
        st.floats(0, 1), st.integers(0, 24), st.sampled_from(_WORDS) | st.binary(max_size=6), st.booleans()
    )
    return st.one_of(
        st.builds(_apply, st.sampled_from(target.seeds), st.lists(edit, max_size=8)), st.binary(max_size=300)
    )


def _apply(data: bytes, edits: list[tuple[float, int, bytes, bool]]) -> bytes:
    for place, length, put, repeated in edits:
        at = int(place * len(data))
        taken = data[at : at + length]
        data = data[:at] + put + (taken * 2 if repeated else b"") + data[at + length :]
    return data


def breaks(target: Target, examples: int, start: int) -> tuple[int, bytes | None, Exception | None]:
    """Feed a target so often; return how often it was, and what broke it, made small, with what it raised."""
    tried = 0
    last: bytes | None = None

    def feed(data: bytes) -> None:
        nonlocal tried, last
        tried += 1
        last = data
        target.read(data)

    run: Callable[[], None] = given(edited(target))(feed)
    run = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )(run)  # fmt: skip
    try:
        seed(start)(run)()
    except Exception as error:
        return tried, last, error
    return tried, None, None


def main() -> int:
    """Print a line a target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="for how long each target is fed")
    parser.add_argument("--target", choices=tuple(targets()), help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder that what breaks a target is written to")
    arguments = parser.parse_args()
    found = 0
    for name, target in targets().items():
        if arguments.target in (None, name):
            found += _fuzz(name, target, arguments.minutes * 60, arguments.seed, arguments.keep)
    return 1 if found else 0


def _fuzz(name: str, target: Target, seconds: float, start: int, keep: Path | None) -> int:
    begun = time.monotonic()
    tried, broken = 0, {}
    while time.monotonic() - begun < seconds:
        count, data, error = breaks(target, _AT_ONCE, start)
        tried, start = tried + count, start + 1
        if data is not None and error is not None:
            broken[data] = error
            # The same again and again says nothing new.
            if len(broken) == 5:
                break
    print(f"{name:<12}{tried:>10,} inputs in {time.monotonic() - begun:>5.0f} s, {len(broken)} broke it", flush=True)
    for data, error in broken.items():
        print(f"    {data[:120]!r}: {type(error).__name__}: {str(error)[:200]}")
        if keep is not None:
            (keep / name).mkdir(parents=True, exist_ok=True)
            (keep / name / f"{hashlib.sha256(data).hexdigest()[:16]}.bin").write_bytes(data)
    return len(broken)


if __name__ == "__main__":
    sys.exit(main())
