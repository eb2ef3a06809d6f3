"""The client for asyncio; the same calls as those of the one for threads."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from attrib.client import calls
from attrib.client.answers import BatchAnswer, Check, Generation, Record, Source
from attrib.client.audit_answers import Comparison, ReviewedFinding
from attrib.client.calls import BatchItem, Call, GenerateOptions, NoticeFormat
from attrib.client.errors import Unreachable
from attrib.client.events import Event, EventReader
from attrib.client.reading import Lines
from attrib.client.retries import Retries
from attrib.client.synchronous import CONNECT_SECONDS, DEFAULT_RETRIES, DEFAULTS, SECONDS

T = TypeVar("T")


class AsyncClient:
    """Asks a server; as many tasks as you like may share it.

    `key` is an API key, `timeout` the seconds between two pieces of an answer. Every call raises ApiError where the
    server refuses it, and Unreachable where it does not answer.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        key: str | None = None,
        timeout: float = SECONDS,
        retries: Retries = DEFAULT_RETRIES,
        transport: httpx2.AsyncBaseTransport | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        limits = httpx2.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
        self._http = httpx2.AsyncClient(base_url=url, headers=headers, timeout=limits, transport=transport)
        self._retries = retries
        self._pause = pause

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def check(
        self,
        code: str,
        *,
        path: str | None = None,
        language: str | None = None,
        exclude: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> Check:
        """Check code; a call that has to be sent again has the same Idempotency-Key, so it happens once."""
        return await self._ask(calls.check(code, path, language, exclude, idempotency_key))

    async def check_batch(self, items: Iterable[BatchItem | str]) -> AsyncIterator[BatchAnswer]:
        """Check many pieces of code and yield their answers in order, while the items are still read."""
        before = 0
        for call in calls.batches(items):
            last = 0
            async with self._opened(call) as response:
                lines = Lines()
                async for part in response.aiter_bytes():
                    for line in lines.feed(part):
                        answer = calls.read_batch_line(line, before)
                        last = answer.line
                        yield answer
            before = last

    async def generate(
        self, prompt: str, options: GenerateOptions = DEFAULTS, *, idempotency_key: str | None = None
    ) -> Generation:
        """Generate code, checked and attributed."""
        return await self._ask(calls.generate(prompt, options, idempotency_key))

    async def stream(self, prompt: str, options: GenerateOptions = DEFAULTS) -> AsyncIterator[Event]:
        """Generate code and yield it as it is written; closing the iterator ends the writing."""
        lines, reader = Lines(), EventReader()
        async with self._opened(calls.stream(prompt, options)) as response:
            async for part in response.aiter_bytes():
                for line in lines.feed(part):
                    event = reader.feed(line)
                    if event is not None:
                        yield event

    async def record(self, id: str) -> Record:
        """Return what was asked and answered under an id."""
        return await self._ask(calls.record(id))

    async def notice(self, id: str, format: NoticeFormat = "text") -> str:
        """Return the notice of a record."""
        return await self._ask(calls.notice(id, format))

    async def sources(self, q: str = "", *, collection: str | None = None) -> AsyncIterator[Source]:
        """Yield the sources of the index whose purl or licence holds `q`, page after page."""
        cursor: str | None = None
        while True:
            page = await self._ask(calls.sources(q, collection, cursor))
            for source in page.sources:
                yield source
            cursor = page.cursor
            if cursor is None:
                return

    async def source(self, purl: str) -> Source:
        """Return one source of the index."""
        return await self._ask(calls.source(purl))

    async def license(self, expression: str) -> dict[str, Any]:
        """Return what is known of a licence, as the reference describes it."""
        return await self._ask(calls.license(expression))

    async def finding(self, audit_id: str, fingerprint: str) -> ReviewedFinding:
        """Return a finding of an audit with what was decided about it."""
        return await self._ask(calls.finding(audit_id, fingerprint))

    async def decide(
        self,
        audit_id: str,
        fingerprint: str,
        decision: str,
        *,
        reason: str,
        until: str | None = None,
        by: str | None = None,
    ) -> ReviewedFinding:
        """Decide about a finding: accepted, attributed, rewritten, false_positive, or waived `until` a day.

        `by` is named only where the server asks nobody who they are.
        """
        return await self._ask(calls.decide(audit_id, fingerprint, decision, reason, until, by))

    async def withdraw(self, audit_id: str, fingerprint: str, *, reason: str, by: str | None = None) -> ReviewedFinding:
        """Withdraw the decision about a finding."""
        return await self._ask(calls.withdraw(audit_id, fingerprint, reason, by))

    async def compare(self, audit_id: str, earlier: str) -> Comparison:
        """Tell what is new, gone and unchanged in an audit since an earlier one."""
        return await self._ask(calls.compare(audit_id, earlier))

    async def _ask(self, call: Call[T]) -> T:
        async with self._opened(call) as response:
            return call.read(await response.aread())

    @asynccontextmanager
    async def _opened(self, call: Call[Any]) -> AsyncGenerator[httpx2.Response, None]:
        """Send a request until it is answered or refused, and give its answer to be read."""
        try:
            response = await self._sent(call)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx2.TransportError as error:
            raise Unreachable(f"{self._http.base_url} does not answer ({type(error).__name__}): try again") from error

    async def _sent(self, call: Call[Any]) -> httpx2.Response:
        tried = 1
        while True:
            request = self._http.build_request(
                call.method, call.path, params=call.query, content=call.body, headers=call.headers
            )
            try:
                response = await self._http.send(request, stream=True)
            except httpx2.TransportError:
                pause = self._retries.lost(tried) if call.repeatable else None
                if pause is None:
                    raise
            else:
                if response.is_success:
                    return response
                body = await response.aread()
                pause = self._retries.pause(tried, response.status_code, response.headers)
                if pause is None:
                    raise calls.refused(response.status_code, body, response.reason_phrase)
            await self._pause(pause)
            tried += 1
