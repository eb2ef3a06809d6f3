"""schemathesis against a real server and the OpenAPI document it serves, with every check that schemathesis has.

    python -m benchmarks.api_fuzz [--cases N] [--seed S]

The server has a real index and the embedded model; a generation ends after a moment, as the setting
`max_generation_seconds` has it. Prints how many cases were generated, and ends with status 1 where one failed.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server

from attrib.bootstrap import build_service
from attrib.config import load_config
from web.app import create_app

SOURCE = '''import os


def walk_up(path, name):
    """Find a file in a folder or in one above it."""
    current = os.path.abspath(path)
    while True:
        candidate = os.path.join(current, name)
        if os.path.exists(candidate):
            return candidate
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent
'''
GENERATION_SECONDS = 1
OPERATIONS = 20
"""About how many routes there are: the cases asked for are spread over them."""

SETTINGS = """[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "410", "429", "5xx"]

[[operations]]
include-name = "POST /api/v1/audits"
checks.negative_data_rejection.expected-statuses = ["202", "400", "401", "403", "413", "415", "422", "429", "5xx"]
"""
"""As schemathesis has it, and 410 as well as 404: that a record was deleted is as true as that there is none.

A file is no value of a JSON schema, and schemathesis holds every request with a real archive to be wrong: what is
refused there is tested in tests/web/test_audits.py.
"""

COUNTED = re.compile(r"(\d[\d,]*) generated")


class _Quiet(WSGIRequestHandler):
    """Logs nothing: thousands of lines say nothing that the report does not."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leave it out."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a small real index on loopback and yield the address."""
    source = folder / "source"
    source.mkdir()
    (source / "walk.py").write_text(SOURCE, encoding="utf-8")
    config = replace(load_config({"home": folder / "home"}, {}, folder), max_generation_seconds=GENERATION_SECONDS)
    with build_service(config) as service:
        service.add([str(source)], purl="pkg:pypi/upward@2.1.0", license="MIT")
        # The model is loaded before anybody waits for an answer.
        service.model()
        app = create_app(service, config)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def fuzz(address: str, examples: int, seed: int, phases: str, folder: Path) -> tuple[int, str]:
    """Run schemathesis in a process of its own; return its status and what it says."""
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "benchmarks.api_fuzz_hooks", "COLUMNS": "120"}
    settings = folder / "schemathesis.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run",
        f"{address}/openapi.json", "--checks", "all",
        "--max-examples", str(examples), "--seed", str(seed), "--phases", phases, "--workers", "2", "--no-color",
        "--generation-database", "none", "--continue-on-failure", "--request-timeout", "60",
    ]  # fmt: skip
    # Elsewhere, because schemathesis leaves files where it runs.
    path = os.pathsep.join([str(Path.cwd()), environment.get("PYTHONPATH", "")])
    done = subprocess.run(
        command, cwd=folder, env=environment | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def generated(said: str) -> int:
    """Return how many cases schemathesis says it has generated."""
    found = COUNTED.search(said)
    return int(found[1].replace(",", "")) if found else 0


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=5_000, help="how many cases there are at least, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as address:
        status, said = fuzz(address, max(1, asked.cases // OPERATIONS), asked.seed, asked.phases, Path(place))
    print(said)
    print(f"{generated(said):,} cases, every check of schemathesis, {'no failure' if status == 0 else 'FAILED'}")
    sys.exit(status)


if __name__ == "__main__":
    main()
