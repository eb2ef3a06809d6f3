"""A real HTTP server on this machine that plays a package registry."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What one path answers; `failures` answers 503 so many times first."""

    body: bytes
    type: str = "application/octet-stream"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    cut: bool = False


@dataclass
class Registry:
    """Pages by path, and the paths that were asked for, in order."""

    address: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, body: bytes | str, type: str = "application/octet-stream", **options: object) -> str:
        """Serve a body under a path and return its address."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Page(data, type, **options)  # type: ignore[arg-type]
        return self.address + path

    def project(self, name: str, archives: dict[str, bytes], **digests: str) -> None:
        """Serve a project's page of the simple API (PEP 503) with its archives."""
        links = []
        for file, content in archives.items():
            digest = digests.get(file, hashlib.sha256(content).hexdigest())
            links.append(f'<a href="{self.put(f"/files/{file}", content)}#sha256={digest}">{file}</a>')
        self.put(f"/simple/{name}/", "<!DOCTYPE html><html><body>" + "".join(links) + "</body></html>", "text/html")


@contextmanager
def registry() -> Iterator[Registry]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            page = served.pages.get(self.path, Page(b"not here", status=404))
            if page.failures:
                page.failures -= 1
                page = Page(b"busy", status=503)
            self.send_response(page.status)
            self.send_header("Content-Type", page.type)
            self.send_header("Content-Length", str(len(page.body)))
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.body[: len(page.body) // 2] if page.cut else page.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Registry(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
