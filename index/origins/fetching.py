"""Fetches from a registry: whole, checked against its checksum, kept for the next run, and within limits."""

import hashlib
import os
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx2

from index.errors import UnreadableOrigin
from index.origins.held import HeldFile

LARGEST_FILE = 1024**3
LARGEST_DOCUMENT = 128 * 1024**2
KEPT_BYTES = 2 * 1024**3
_ATTEMPTS = 4
_LONGEST_PAUSE = 20.0
_CHUNK = 256 * 1024
_UNFINISHED = "unfinished-"
_ABANDONED_SECONDS = 24 * 3600
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

_REDIRECTS = 10
_Taken = TypeVar("_Taken")

# Called from any thread with (bytes that have just arrived, what they belong to).
Arrived = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum as a registry states it; `hexdigest` is lower case."""

    algorithm: str
    hexdigest: str


class Fetcher:
    """Fetches documents and files over HTTP; safe to use from several threads.

    Files are kept in `folder` under their checksum, so that a run that was interrupted does not fetch them again; when
    there are more than `kept_bytes` of them, those not used for longest go. `certificates` is a file of authorities to
    trust in place of the usual ones; `pause` is how many seconds the first new attempt waits.
    """

    def __init__(
        self,
        folder: Path,
        arrived: Arrived | None = None,
        certificates: str | None = None,
        pause: float = 0.5,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self._folder = folder
        self._arrived = arrived
        self._certificates = certificates
        self._pause = pause
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._opened: httpx2.Client | None = None

    def get(
        self, url: str, headers: Mapping[str, str] | None = None, auth: httpx2.Auth | None = None
    ) -> httpx2.Response:
        """Return a document with its content, whatever its status says.

        Raises UnreadableOrigin where the server cannot be reached, keeps failing, or sends more than 128 MB.
        """
        return self._answered(url, headers, auth, _whole)

    def file(self, url: str, checksum: Checksum, name: str, auth: httpx2.Auth | None = None) -> HeldFile:
        """Return a file, held open, fetched unless it was kept; `name` is what progress and errors call it.

        Raises UnreadableOrigin where it cannot be fetched or is not what its checksum says.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / f"{checksum.algorithm}-{checksum.hexdigest}"
        if (kept := _opened_if_whole(place, checksum)) is not None:
            return kept

        def keep(response: httpx2.Response) -> HeldFile:
            if response.status_code != 200:
                raise UnreadableOrigin(
                    f"{name}: {shown(url)} answers {response.status_code} {response.reason_phrase}: "
                    "check the name and the version."
                )
            return self._kept(response, place, checksum, name)

        return self._answered(url, {"Accept-Encoding": "identity"}, auth, keep)

    def close(self) -> None:
        """Stop what is still being fetched, and close the connections."""
        self._closed.set()
        with self._lock:
            if self._opened is not None:
                self._opened.close()

    def _kept(self, response: httpx2.Response, place: Path, checksum: Checksum, name: str) -> HeldFile:
        descriptor, unfinished = tempfile.mkstemp(prefix=_UNFINISHED, dir=self._folder)
        try:
            hashed = hashlib.new(checksum.algorithm)
            with os.fdopen(descriptor, "wb") as file:
                for chunk in _bounded(response, LARGEST_FILE):
                    if self._closed.is_set():
                        raise UnreadableOrigin(f"{name}: fetching was stopped: run it again.")
                    hashed.update(chunk)
                    file.write(chunk)
                    if self._arrived:
                        self._arrived(len(chunk), name)
            if hashed.hexdigest() != checksum.hexdigest:
                raise UnreadableOrigin(
                    f"{name} is not what its registry says it is (its {checksum.algorithm} differs): "
                    "try again, and distrust the registry or what lies between if it stays so."
                )
            os.replace(unfinished, place)
        finally:
            Path(unfinished).unlink(missing_ok=True)
        held = HeldFile(place)
        self._let_go()
        return held

    def _let_go(self) -> None:
        """Delete what was not used for longest; whoever has it open still can read it."""
        with self._lock:
            files = []
            for path in self._folder.iterdir():
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue
                if not path.name.startswith(_UNFINISHED):
                    files.append((status.st_mtime, status.st_size, path))
                elif time.time() - status.st_mtime > _ABANDONED_SECONDS:
                    path.unlink(missing_ok=True)
            size = sum(size for _, size, _ in files)
            for _, one, path in sorted(files):
                if size <= self._kept_bytes:
                    break
                path.unlink(missing_ok=True)
                size -= one

    def _answered(
        self,
        url: str,
        headers: Mapping[str, str] | None,
        auth: httpx2.Auth | None,
        take: Callable[[httpx2.Response], _Taken],
    ) -> _Taken:
        """Return what `take` makes of the answer, asking again where the fault may pass."""
        fault = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._closed.wait(min(self._pause * 4 ** (attempt - 1), _LONGEST_PAUSE))
            if self._closed.is_set():
                break
            try:
                with self._streamed(url, headers, auth) as response:
                    if response.status_code not in _PASSING:
                        return take(response)
                    fault = f"{response.status_code} {response.reason_phrase}"
            except (httpx2.RequestError, httpx2.InvalidURL) as error:
                fault = str(error) or type(error).__name__
        raise UnreadableOrigin(
            f"{shown(url)} cannot be fetched ({fault}, {_ATTEMPTS} attempts): check the address and the network, "
            "or try again later."
        )

    @contextmanager
    def _streamed(
        self, url: str, headers: Mapping[str, str] | None, auth: httpx2.Auth | None
    ) -> Iterator[httpx2.Response]:
        """Open the answer, having followed redirects over HTTP only, and never from an encrypted to a plain place."""
        client = self._client()
        request = client.build_request("GET", url, headers=headers)
        for _ in range(_REDIRECTS):
            if request.url.scheme not in ("http", "https"):
                raise UnreadableOrigin(f"{shown(str(request.url))} is no web address, and {shown(url)} leads there.")
            response = client.send(
                request, stream=True, auth=httpx2.USE_CLIENT_DEFAULT if auth is None else auth, follow_redirects=False
            )
            try:
                if response.next_request is None:
                    yield response
                    return
                if request.url.scheme == "https" and response.next_request.url.scheme == "http":
                    raise UnreadableOrigin(f"{shown(url)} leads from an encrypted to a plain address: not followed.")
                request = response.next_request
            finally:
                response.close()
        raise UnreadableOrigin(f"{shown(url)} leads on and on ({_REDIRECTS} redirects).")

    def _client(self) -> httpx2.Client:
        with self._lock:
            if self._opened is None:
                self._opened = httpx2.Client(
                    verify=ssl.create_default_context(cafile=self._certificates) if self._certificates else True,
                    timeout=httpx2.Timeout(60, connect=15),
                    headers={"User-Agent": "attrib"},
                )
            return self._opened


def shown(url: str) -> str:
    """Return an address without name, password and query, as it may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def strongest(hexdigests: Mapping[str, str]) -> Checksum | None:
    """Return the strongest of several checksums; None where none is at least SHA-256."""
    for algorithm in ("sha512", "sha384", "sha256"):
        if hexdigests.get(algorithm):
            return Checksum(algorithm, hexdigests[algorithm].lower())
    return None


def _whole(response: httpx2.Response) -> httpx2.Response:
    content = b"".join(_bounded(response, LARGEST_DOCUMENT))
    headers = {name: value for name, value in response.headers.items() if name != "content-encoding"}
    return httpx2.Response(response.status_code, headers=headers, content=content, request=response.request)


def _bounded(response: httpx2.Response, limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_bytes(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise UnreadableOrigin(f"{shown(str(response.url))} is larger than {limit / 1e6:,.0f} MB: leave it out.")
        yield chunk


def _opened_if_whole(place: Path, checksum: Checksum) -> HeldFile | None:
    """Open a kept file, marking it as used; one that was altered or cut short since is not taken."""
    try:
        held = HeldFile(place)
    except FileNotFoundError:
        return None
    if not held.has(checksum.algorithm, checksum.hexdigest):
        place.unlink(missing_ok=True)
        return None
    held.mark_used()
    return held
