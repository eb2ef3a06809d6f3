"""Asks ScanCode for the copyright statements of many files, in its own environment; nothing of Attrib is needed.

Run as `PYTHON copyright_peer.py`, with paths on standard input, a line each. Prints a line of JSON for every path: the
statements, and the seconds of processor time that they took. What it takes to get ready is not counted.
"""

import importlib
import json
import sys
import tempfile
import time


def main() -> int:
    """Answer every path."""
    get_copyrights = importlib.import_module("scancode.api").get_copyrights
    paths = sys.stdin.read().splitlines()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as first:
        first.write("Copyright 2001 Ann Bee\n")
        first.flush()
        get_copyrights(first.name)
    for path in paths:
        begun = time.process_time()
        statements = [found["copyright"] for found in get_copyrights(path)["copyrights"]]
        print(json.dumps({"statements": statements, "seconds": time.process_time() - begun}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
