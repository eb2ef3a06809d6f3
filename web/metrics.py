"""What is counted and timed, in the text format of Prometheus; no label holds what a user sent."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from attrib.answers import AttributedMatch, CheckAnswer, GenerateAnswer
from attrib.observing import Observer
from web.finished import Finished

MILLISECONDS = (0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
ELSEWHERE = "unmatched"


class Metrics(Observer):
    """The numbers of one process, or of all the processes that share a folder."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "attrib_http_requests_total", "Answered requests.", ["method", "route", "status"], registry=registry
        )
        self._request_seconds = Histogram(
            "attrib_http_request_seconds",
            "From the arrival of a request to the end of its answer.",
            ["route"],
            registry=registry,
            buckets=MILLISECONDS + SECONDS[7:],
        )
        self._in_flight = Gauge(
            "attrib_http_requests_in_flight", "Requests at work.", registry=registry, multiprocess_mode="livesum"
        )
        self._check_seconds = Histogram(
            "attrib_check_seconds", "A check, its record stored.", registry=registry, buckets=MILLISECONDS
        )
        self._checks = Counter("attrib_checks_total", "Checks.", ["status", "verdict"], registry=registry)
        self._generation_seconds = Histogram(
            "attrib_generation_seconds", "A generation, its record stored.", registry=registry, buckets=SECONDS
        )
        self._choices = Counter("attrib_choices_total", "Generated texts.", ["status", "verdict"], registry=registry)
        self._waiting = Gauge(
            "attrib_generations_waiting",
            "Generations that wait for their first token.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._hold_back_seconds = Histogram(
            "attrib_hold_back_seconds",
            "From the writing of a text to its leaving in a stream.",
            registry=registry,
            buckets=SECONDS[:8],
        )
        self._matches = Counter(
            "attrib_matches_total", "Matches, by their best origin.", ["license", "verdict"], registry=registry
        )
        self._index = {
            name: Gauge(f"attrib_index_{name}", said, registry=registry, multiprocess_mode="mostrecent")
            for name, said in (
                ("sources", "Sources in the index."),
                ("files", "Files in the index."),
                ("lexemes", "Lexemes in the index."),
            )
        }

    def request_begun(self) -> None:
        """A request has arrived."""
        self._in_flight.inc()

    def request_finished(self, finished: Finished) -> None:
        """The last byte of an answer has left, or its reader has."""
        self._in_flight.dec()
        route = finished.route or ELSEWHERE
        self._requests.labels(finished.method, route, str(finished.status)).inc()
        self._request_seconds.labels(route).observe(finished.seconds)

    def checked(self, answer: CheckAnswer, seconds: float) -> None:
        """Count a check, and its matches."""
        self._check_seconds.observe(seconds)
        self._checks.labels(answer.status.value, answer.verdict.value).inc()
        self._count_matches(answer.matches)
        self.index_seen(answer.index.sources, answer.index.files, answer.index.lexemes)

    def waiting(self) -> AbstractContextManager[None]:
        """Count a generation as waiting while the block runs."""
        return self._waiting.track_inprogress()

    def held_back(self, seconds: float) -> None:
        """Note how long a text was held back."""
        self._hold_back_seconds.observe(seconds)

    def generated(self, answer: GenerateAnswer, seconds: float) -> None:
        """Count a generation, and the matches in all of its choices."""
        self._generation_seconds.observe(seconds)
        for choice in answer.choices:
            self._choices.labels(choice.check.status.value, choice.check.verdict.value).inc()
            self._count_matches(choice.check.matches)

    def index_seen(self, sources: int, files: int, lexemes: int) -> None:
        """Note how much the index holds."""
        for gauge, value in zip(self._index.values(), (sources, files, lexemes), strict=True):
            gauge.set(value)

    def text(self) -> bytes:
        """Return all numbers in the text format of Prometheus."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)

    def _count_matches(self, matches: Sequence[AttributedMatch]) -> None:
        for match in matches:
            self._matches.labels(match.origins[0].license, match.verdict.action.value).inc()
