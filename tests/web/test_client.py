"""The Python client against a real server on loopback, and its patience against one that is busy."""

import asyncio
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime
from typing import get_args, get_type_hints

import httpx2
import pytest
from recorded import CODE
from typing_extensions import is_typeddict

from attrib import answer_json
from attrib.actions import Action
from attrib.client import (
    ApiError,
    AsyncClient,
    BatchItem,
    ChoiceEvent,
    Client,
    ClientError,
    DoneEvent,
    GenerateOptions,
    Retries,
    TextEvent,
    Unreachable,
    answers,
    audit_answers,
)
from attrib.client.retries import retry_after
from attrib.client.synchronous import DEFAULTS
from index.matches import SearchStatus
from web import answers as web_answers
from web import decision_answers
from web.schemas import GenerateRequest

TEXT = CODE.decode()
WRITE = GenerateOptions(max_new_tokens=30, seed=1)


@pytest.fixture
def client(address):
    with Client(address) as client:
        yield client


def test_a_check_is_typed(client):
    answer = client.check(TEXT, path="finder.py")
    assert (answer.status, answer.verdict) == (SearchStatus.MATCHED, Action.ATTRIBUTE)
    (match,) = answer.matches
    assert (match.origins[0].purl, match.origins[0].license) == ("pkg:pypi/upward@2.1.0", "MIT")
    assert "The Upward Authors" in answer.attribution.notice
    assert client.record(answer.id).code == TEXT
    assert client.notice(answer.id) == answer.attribution.notice
    assert client.check(TEXT, exclude=["pkg:pypi/upward"]).matches == ()


def test_look_ups_are_typed(client):
    (source,) = client.sources("upward")
    assert client.source(source.purl) == source
    assert list(client.sources("nothing of that name")) == []
    assert client.license("GPL-2.0 OR MIT")["license"] == "GPL-2.0-only OR MIT"


def test_a_stream_says_what_the_whole_answer_says(client):
    whole = client.generate("def find_up(start, name):\n", WRITE)
    events = list(client.stream("def find_up(start, name):\n", WRITE))
    text = "".join(event.text for event in events if isinstance(event, TextEvent))
    (choice,) = [event.answer for event in events if isinstance(event, ChoiceEvent)]
    assert text == choice.code == whole.choices[0].code
    assert isinstance(events[-1], DoneEvent)
    assert client.record(events[-1].id).kind == "generation"


def test_a_batch_is_answered_in_order_and_read_as_it_is_needed(client):
    given = []

    def items():
        for number in range(400):
            given.append(number)
            yield BatchItem(TEXT + f"# {number}\u2028\x85\n", id=number)

    read = client.check_batch(items())
    first = next(read)
    assert (first.line, first.id, first.check.status) == (1, 0, SearchStatus.MATCHED)
    assert len(given) < 300, "not everything is read before the first answer"
    rest = list(read)
    assert [answer.id for answer in rest] == list(range(1, 400))
    assert [answer.line for answer in rest] == list(range(2, 401))
    (wrong,) = client.check_batch([BatchItem("x", language="klingon")])
    assert wrong.problem.errors[0].field == "language"


def test_a_refusal_has_the_problem_inside(client):
    with pytest.raises(ApiError, match="Fields are wrong") as refused:
        client.check("x", path="a\nb")
    assert isinstance(refused.value, ClientError)
    problem = refused.value.problem
    assert (problem.status, problem.type, problem.errors[0].pointer) == (422, "/problems/invalid-fields", "/path")
    with pytest.raises(ApiError) as refused:
        client.record("none")
    assert refused.value.problem.type == "/problems/no-such-record"
    with pytest.raises(ApiError) as refused:
        next(iter(client.stream("x" * 150_000)))
    assert refused.value.problem.type == "/problems/not-generated"


def test_asyncio_says_the_same(address, client):
    async def ask():
        async with AsyncClient(address) as asking:
            checks = await asyncio.gather(*(asking.check(TEXT, path=f"{name}.py") for name in "abc"))
            batch = [answer async for answer in asking.check_batch([TEXT, "x"])]
            events = [event async for event in asking.stream("def find_up(start, name):\n", WRITE)]
            sources = [source async for source in asking.sources()]
            whole = await asking.generate("def find_up(start, name):\n", WRITE)
            with pytest.raises(ApiError):
                await asking.record("none")
            return checks, batch, events, sources, whole

    checks, batch, events, sources, whole = asyncio.run(ask())
    assert {check.matches for check in checks} == {client.check(TEXT).matches}
    assert [answer.check.status for answer in batch] == [SearchStatus.MATCHED, SearchStatus.TOO_SHORT]
    assert "".join(event.text for event in events if isinstance(event, TextEvent)) == whole.choices[0].code
    assert sources == list(client.sources())


def test_events_are_read_however_a_network_cuts_them():
    sent = (
        b'event: text\ndata: {"choice": 0, "text": "a\xe2\x80\xa8b"}\n\n'
        b"event: news\ndata: {}\n\n"
        b'event: error\ndata: {"type": "/problems/internal", "title": "Wrong", "status": 500, "detail": "d"}\n\n'
    )
    pieces = [sent[at : at + 7] for at in range(0, len(sent), 7)]
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=iter(pieces)))
    events = Client("http://server", transport=transport).stream("x")
    assert next(events) == TextEvent(0, "a\u2028b")
    with pytest.raises(ApiError, match="Wrong: d"):
        next(events)


class Server:
    """Answers with what it is given, one after the other, and keeps what it was asked."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.asked = []
        self.pauses = []

    def __call__(self, request):
        self.asked.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def client(self, **settings):
        transport = httpx2.MockTransport(self)
        return Client("http://server", transport=transport, pause=self.pauses.append, **settings)


def _source():
    return httpx2.Response(200, json={"sources": [], "cursor": None})


def test_a_busy_server_is_asked_again_when_it_says_so():
    server = Server(
        httpx2.Response(503, headers={"Retry-After": "7"}),
        httpx2.Response(429, headers={"Retry-After": "2"}),
        _source(),
    )
    assert list(server.client().sources()) == []
    assert server.pauses == [7.0, 2.0]


def test_a_post_that_was_lost_is_sent_again_under_the_same_key():
    answer = httpx2.Response(503, json={"type": "/problems/not-ready", "title": "Not ready", "status": 503})
    server = Server(httpx2.ReadError("gone"), answer, answer, answer)
    with pytest.raises(ApiError, match="Not ready"):
        server.client().check("x")
    assert len({request.headers["Idempotency-Key"] for request in server.asked}) == 1
    assert len(server.asked) == 4
    assert [round(pause) for pause in server.pauses] in ([0, 1, 2], [1, 1, 2])


def test_patience_ends():
    too_long = httpx2.Response(503, headers={"Retry-After": "3600"}, text="<html>")
    server = Server(too_long)
    with pytest.raises(ApiError) as refused:
        server.client().source("pkg:pypi/x")
    assert (refused.value.problem.type, refused.value.problem.status) == ("about:blank", 503)
    assert server.pauses == []
    server = Server(*[httpx2.ConnectError("no")] * 2)
    with pytest.raises(Unreachable, match="does not answer"):
        server.client(retries=Retries(tries=2)).source("pkg:pypi/x")
    with pytest.raises(ClientError, match="not the API's"):
        Server(httpx2.Response(200, text="hello")).client().source("pkg:pypi/x")
    assert [request.url.raw_path for request in server.asked] == [b"/api/v1/sources/pkg%3Apypi%2Fx"] * 2


def test_a_stream_that_was_lost_is_not_begun_again():
    server = Server(httpx2.ReadError("gone"))
    with pytest.raises(Unreachable):
        list(server.client().stream("x"))


def test_the_key_is_sent_and_never_shown():
    server = Server(_source())
    asking = server.client(key="attrib_secret")
    list(asking.sources())
    assert server.asked[0].headers["Authorization"] == "Bearer attrib_secret"
    assert "attrib_secret" not in repr(asking)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("5", 5), ("Tue, 24 Nov 2026 12:00:30 GMT", 30), ("soon", None), (None, None), ("-1", None)],
)
def test_how_long_to_wait_is_read_in_both_ways(written, seconds):
    assert retry_after(written, datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)) == seconds


PAIRS = [
    (answers.Check, answer_json.CheckJson),
    (answers.Match, answer_json.MatchJson),
    (answers.Origin, answer_json.OriginJson),
    (answers.Attribution, answer_json.AttributionJson),
    (answers.Index, answer_json.IndexJson),
    (answers.Generation, answer_json.GenerateJson),
    (answers.GeneratedChoice, answer_json.GeneratedChoiceJson),
    (answers.Model, answer_json.ModelJson),
    (answers.Token, answer_json.TokenJson),
    (answers.Source, web_answers.SourceJson),
    (answers.Record, web_answers.RecordJson),
    (answers.Problem, web_answers.ProblemJson),
    (answers.BatchAnswer, web_answers.BatchAnswerJson),
    (audit_answers.ReviewedFinding, decision_answers.ReviewedFindingJson),
    (audit_answers.Decision, decision_answers.DecisionJson),
    (audit_answers.Said, decision_answers.SaidJson),
    (audit_answers.Comparison, decision_answers.ComparisonJson),
    (audit_answers.ComparedAudit, decision_answers.ComparedAuditJson),
    (audit_answers.ComparedTotals, decision_answers.ComparedTotalsJson),
    (audit_answers.ComparedFinding, decision_answers.ComparedFindingJson),
    (audit_answers.KeptFinding, decision_answers.KeptFindingJson),
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_the_client_knows_every_field_that_the_server_answers(ours, theirs):
    assert is_typeddict(theirs)
    assert {field.name for field in fields(ours)} == set(get_type_hints(theirs))


def test_the_options_are_those_of_the_request():
    told = {name: field for name, field in GenerateRequest.model_fields.items() if name not in ("prompt", "stream")}
    assert {field.name for field in fields(GenerateOptions)} == set(told)
    assert {name: field.default for name, field in told.items()} == {name: getattr(DEFAULTS, name) for name in told}
    assert get_args(get_type_hints(GenerateOptions)["mode"])


def test_it_loads_neither_the_web_nor_a_model():
    script = "import sys, attrib.client; print({'web', 'torch', 'flask', 'transformers', 'numba'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout.strip() == "set()"
