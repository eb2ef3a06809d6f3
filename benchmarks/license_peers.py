"""Asks one licence scanner about many files, in its own environment; nothing of Attrib is needed or imported.

Run as `PYTHON license_peers.py TOOL`, with paths on standard input, a line each. Prints JSON: first the seconds that
the tool takes to get ready, its index and one small file included, then for every path an SPDX expression (null for
none) and the seconds of processor time that it took.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

Ask = Callable[[str], str | None]


def scancode() -> Ask:
    """Return ScanCode's answer for a whole file, in SPDX ids, as its API gives it."""
    from licensedcode.cache import get_index  # type: ignore[import-not-found]
    from scancode.api import get_licenses  # type: ignore[import-not-found]

    get_index()
    return lambda path: get_licenses(path)["detected_license_expression_spdx"] or None


def askalono() -> Ask:
    """Return the one licence text that a file is most like, where it is like it enough."""
    import askalono as tool  # type: ignore[import-not-found]

    def ask(path: str) -> str | None:
        found = tool.identify(Path(path).read_bytes().decode("utf-8", "replace"))
        return found.name if found is not None and found.score > 0.8 else None

    return ask


def main() -> int:
    """Answer every path."""
    paths = sys.stdin.read().splitlines()
    begun = time.perf_counter()
    ask = {"scancode": scancode, "askalono": askalono}[sys.argv[1]]()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as first:
        first.write("Licensed under the MIT licence.\n")
        first.flush()
        ask(first.name)
    print(json.dumps({"ready": time.perf_counter() - begun}))
    for path in paths:
        begun = time.process_time()
        answer = ask(path)
        print(json.dumps({"answer": answer, "seconds": time.process_time() - begun}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
