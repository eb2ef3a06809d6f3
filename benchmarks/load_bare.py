"""A Flask application with one route that does nothing, under the same gunicorn settings as our own.

`python -m benchmarks.load_bare PORT WORKERS` is what `benchmarks.load` measures beside ours.
"""

import sys

from flask import Flask, request
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from web.server import gunicorn_settings


class _Bare(BaseApplication):  # type: ignore[misc]
    """Reads the body of a request and answers it with a few bytes of JSON."""

    def __init__(self, port: int, workers: int) -> None:
        self._settings = gunicorn_settings(f"127.0.0.1:{port}", workers, 30)
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = Flask(__name__)

        @app.post("/")
        def bare() -> dict[str, int]:
            return {"bytes": len(request.get_data())}

        return app


if __name__ == "__main__":
    _Bare(int(sys.argv[1]), int(sys.argv[2])).run()
