"""A model behind an OpenAI-compatible server: a real one on loopback that says what such servers say."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from generator.base import GenerationRequest, Message
from generator.errors import FillInMiddleUnsupported, GeneratorBusy, InvalidRequest, UpstreamError
from generator.fim import FAMILIES, family_of_name
from generator.remote import RemoteGenerator, RemoteModel


class Server(ThreadingHTTPServer):
    """Answers each request with the next of `answers`: (status, headers, events or body)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = []
        self.asked = []
        self.broken = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body, self.headers.get("Authorization")))
        status, headers, content = self.server.answers.pop(0)
        self.send_response(status)
        streamed = isinstance(content, list)
        self.send_header("Content-Type", "text/event-stream" if streamed else "application/json")
        for name, value in headers.items():
            self.send_header(name, value)
        if not streamed:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            for event in content if streamed else [content]:
                if isinstance(event, float):
                    time.sleep(event)
                    continue
                self.wfile.write(f"data: {event}\n\n".encode() if streamed else event)
                self.wfile.flush()
        except OSError:
            self.server.broken.set()


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()


def generator(server, name="bigcode/starcoderbase-7b", key=None):
    return RemoteGenerator(RemoteModel(server.url, name, key, family_of_name(name)), pause=lambda _: None)


def text_event(text, reason=None, index=0, **more):
    return json.dumps({"choices": [{"index": index, "text": text, "finish_reason": reason, **more}]})


USAGE = json.dumps({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5}})


def answered(*events):
    return 200, {}, [*events, "[DONE]"]


def test_pieces_arrive_as_they_are_sent_with_the_servers_count(server):
    server.answers = [answered(text_event("def "), text_event("f("), text_event("x)", "length"), USAGE)]
    pieces = list(generator(server, key="secret").stream(GenerationRequest("p", max_new_tokens=9, seed=3, stop=("#",))))
    assert [piece.text for piece in pieces] == ["def ", "f(", "x)"]
    assert pieces[-1].finish_reason == "length"
    assert pieces[-1].prompt_tokens == 7
    assert sum(piece.tokens for piece in pieces) == 5
    path, body, key = server.asked[0]
    assert (path, key) == ("/v1/completions", "Bearer secret")
    assert body["max_tokens"] == 9
    assert (body["prompt"], body["seed"], body["stop"], body["stream"]) == ("p", 3, ["#"], True)
    assert "top_k" not in body


def test_several_choices_are_kept_apart(server):
    events = [text_event("a", index=0), text_event("b", index=1), text_event("", "stop", 1), text_event("c", "stop", 0)]
    server.answers = [answered(*events, USAGE)]
    one, two = generator(server).complete(GenerationRequest("p", n=2))
    assert (one.text, two.text) == ("ac", "b")


def test_a_conversation_goes_to_chat_and_logprobs_come_back(server):
    delta = {"index": 0, "delta": {"content": "hi"}, "finish_reason": "stop"}
    token = {"token": "hi", "logprob": -0.5, "top_logprobs": [{"token": "ho", "logprob": -1.0}]}
    server.answers = [answered(json.dumps({"choices": [{**delta, "logprobs": {"content": [token]}}]}), USAGE)]
    request = GenerationRequest("", messages=(Message("user", "say hi"),), logprobs=1)
    (completion,) = generator(server).complete(request)
    assert completion.text == "hi"
    assert completion.logprobs[0].alternatives == (("ho", -1.0),)
    path, body, _ = server.asked[0]
    assert path == "/v1/chat/completions"
    assert body["messages"] == [{"role": "user", "content": "say hi"}]
    assert "prompt" not in body


@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        ("bigcode/starcoder2-3b", "<fim_prefix>A<fim_suffix>B<fim_middle>"),
        ("codellama/CodeLlama-7b-hf", "<PRE> A <SUF>B <MID>"),
        ("deepseek-ai/deepseek-coder-1.3b-base", "<｜fim▁begin｜>A<｜fim▁hole｜>B<｜fim▁end｜>"),
        ("Qwen/Qwen2.5-Coder-7B", "<|fim_prefix|>A<|fim_suffix|>B<|fim_middle|>"),
        ("mistralai/Codestral-22B-v0.1", "[SUFFIX]B[PREFIX]A"),
    ],
)
def test_fill_in_the_middle_is_rendered_for_the_family(server, name, prompt):
    server.answers = [answered(text_event("m", "stop"))]
    generator(server, name).complete(GenerationRequest("A", suffix="B"))
    assert server.asked[0][1]["prompt"] == prompt
    assert "suffix" not in server.asked[0][1]


def test_every_family_is_found_by_its_own_name():
    assert [family_of_name(family.family) for family in FAMILIES] == list(FAMILIES)


def test_an_unknown_family_and_a_mark_in_the_text_are_refused(server):
    with pytest.raises(FillInMiddleUnsupported, match=r"\?fim=starcoder"):
        generator(server, "gpt-9").stream(GenerationRequest("a", suffix="b"))
    with pytest.raises(InvalidRequest, match="<fim_middle>"):
        generator(server).stream(GenerationRequest("a<fim_middle>", suffix="b"))


def test_busy_servers_are_asked_again_and_then_passed_on(server):
    busy = (503, {"Retry-After": "1"}, b'{"error": {"message": "queue is\\nfull"}}')
    server.answers = [busy, busy, answered(text_event("x", "stop"))]
    assert generator(server).complete(GenerationRequest("p"))[0].text == "x"
    server.answers = [busy] * 4
    with pytest.raises(GeneratorBusy, match="503: queue is full"):
        generator(server).complete(GenerationRequest("p"))


def test_a_refusal_is_passed_on_at_once(server):
    server.answers = [(400, {}, b'{"object": "error", "message": "prompt is too long"}')]
    with pytest.raises(UpstreamError, match="400: prompt is too long"):
        generator(server).complete(GenerationRequest("p"))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}, ["{broken"]), "not JSON"),
        ((200, {}, b"{}"), "does not stream"),
        ((200, {}, [json.dumps({"error": {"message": "engine died"}})]), "engine died"),
        ((200, {}, [text_event("half")]), "without saying why"),
    ],
)
def test_nonsense_is_an_error_and_never_an_answer(server, answer, said):
    server.answers = [answer]
    with pytest.raises(UpstreamError, match=said):
        generator(server).complete(GenerationRequest("p"))


def test_nobody_there(server):
    gone = RemoteGenerator(RemoteModel("http://127.0.0.1:9/v1", "m"), pause=lambda _: None)
    with pytest.raises(UpstreamError, match="is the server running"):
        gone.complete(GenerationRequest("p"))


def test_cancelling_closes_the_connection(server):
    server.answers = [answered(*[event for _ in range(400) for event in (text_event("x" * 200), 0.005)])]
    cancel = threading.Event()
    pieces = []
    for piece in generator(server).stream(GenerationRequest("p"), cancel):
        pieces.append(piece)
        if len(pieces) == 3:
            cancel.set()
    assert pieces[-1].finish_reason == "cancelled"
    assert len(pieces) < 10
    assert server.broken.wait(5)


class Fence:
    """Bars one word after another."""

    def __init__(self, word):
        self.word = word
        self.seen = ""

    def barred(self, choice, text):
        self.seen += text
        return (self.word,) if self.seen.rstrip().endswith("return") else ()


def test_a_guide_cuts_an_answer_and_asks_for_it_anew_from_there(server):
    server.answers = [
        answered(text_event("x\n  return"), text_event(" secret + 1\n"), text_event("", "stop")),
        answered(text_event(" sec"), text_event("", "stop")),
        answered(text_event(" other\n"), text_event("", "stop"), USAGE),
    ]
    request = GenerationRequest("def f():", max_new_tokens=50, seed=1)
    pieces = list(generator(server).stream(request, guide=(fence := Fence("secret"))))
    assert "".join(piece.text for piece in pieces) == "x\n  return other\n" == fence.seen
    assert sum(piece.steered for piece in pieces) == 2
    asked = [body for _, body, _ in server.asked]
    assert [body["prompt"] for body in asked] == ["def f():", "def f():x\n  return", "def f():x\n  return"]
    assert asked[0]["temperature"] < asked[1]["temperature"] < asked[2]["temperature"]
    assert len({body["seed"] for body in asked}) == 3


def test_an_answer_that_knows_no_other_way_ends_there(server):
    server.answers = [answered(text_event("return secret"), text_event("", "stop"))]
    server.answers += [answered(text_event(" secret"), text_event("", "stop"))] * 4
    (completion,) = generator(server).complete(GenerationRequest("p", max_new_tokens=50), guide=Fence("secret"))
    assert (completion.text, completion.finish_reason) == ("return", "stop")
    assert not server.answers
