"""Environments of the peers' own, below `.bench`, so that what they need never meets what Attrib needs."""

import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

from benchmarks.reference_corpus import BENCH

PEERS: Final = {
    "scancode": ("scancode-toolkit-mini==32.5.0", "pluggy<1.7"),
    "askalono": ("pyaskalono==0.2.0",),
    "copydetect": ("copydetect==0.5.0",),
}
"""What is installed for each peer, by the name of the peer."""


def program_of(peer: str, name: str = "python") -> Path:
    """Return where a program of a peer's environment is, or would be."""
    return BENCH / f"{peer}-venv" / "bin" / name


def install(peer: str) -> None:
    """Make the environment of a peer."""
    print(f"installing {peer} into {BENCH.name}", file=sys.stderr)
    venv.create(program_of(peer).parent.parent, with_pip=True)
    subprocess.run([program_of(peer), "-m", "pip", "install", "--quiet", *PEERS[peer]], check=True)
