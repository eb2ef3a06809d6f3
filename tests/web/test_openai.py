"""The OpenAI-compatible API as its users meet it: OpenAI's own client, `llm`, and plain HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx2
import openai
import pytest
from werkzeug.serving import make_server

from attrib.bootstrap import build_service
from attrib.config import load_config
from attrib.service import Service
from generator.embedded.corpus import MANIFEST, read_manifest
from web.app import create_app

FUNCTIONS = [function for function in read_manifest(MANIFEST)[0] if 300 < len(function.text) < 900]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The real service over an index of what the embedded model reproduces."""
    folder = tmp_path_factory.mktemp("reproduced")
    source = folder / "source"
    source.mkdir()
    for number, function in enumerate(FUNCTIONS[:8]):
        (source / f"part{number}.py").write_text(function.text + "\n", encoding="utf-8")
    with build_service(load_config({"home": folder / "home", "device": "cpu"}, {}, folder)) as service:
        service.add([str(source)], purl="pkg:generic/reproduced@1", license="BSD-3-Clause")
        yield service


@pytest.fixture(scope="module")
def address(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server on loopback over it."""
    config = load_config({"home": tmp_path_factory.mktemp("home")}, {}, tmp_path_factory.getbasetemp())
    server = make_server("127.0.0.1", 0, create_app(service, config), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def client(address: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def test_a_completion_brings_its_attribution(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="embedded", prompt=FUNCTIONS[0].prompt, max_tokens=120, temperature=0)
    (choice,) = answer.choices
    assert choice.text
    assert choice.finish_reason in ("stop", "length")
    attribution = choice.model_extra["attribution"]
    assert attribution["verdict"] == "attribute"
    assert attribution["spdx"] == ["BSD-3-Clause"]
    assert "pkg:generic/reproduced@1" in attribution["notice"]
    assert "SPDX-SnippetBegin" in attribution["code_with_attribution"]
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_says_the_same_and_its_attribution_comes_first(client: openai.OpenAI) -> None:
    asked = {"model": "embedded", "prompt": FUNCTIONS[1].prompt, "max_tokens": 150, "temperature": 0}
    whole = client.completions.create(**asked)
    chunks = list(client.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    texts = [(choice.text, choice.model_extra.get("attribution")) for chunk in chunks for choice in chunk.choices]
    assert "".join(text for text, _ in texts) == whole.choices[0].text
    told = next(number for number, (_, attribution) in enumerate(texts) if attribution)
    assert told <= next(number for number, (text, _) in enumerate(texts) if text)
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason


def test_the_middle_is_filled_in(client: openai.OpenAI, address: str) -> None:
    before, _, after = FUNCTIONS[2].text.partition("\n    ")
    asked = {"model": "embedded", "prompt": before, "suffix": after, "max_tokens": 40, "temperature": 0}
    text = client.completions.create(**asked).choices[0].text
    answer = httpx2.post(f"{address}/v1/fim/completions", json=asked, timeout=60).json()
    assert answer["choices"][0]["message"]["content"] == text
    with httpx2.stream("POST", f"{address}/v1/fim/completions", json={**asked, "stream": True}, timeout=60) as response:
        events = [json.loads(event.data) for event in httpx2.EventSource(response) if event.data != "[DONE]"]
    assert "".join(choice["delta"].get("content", "") for event in events for choice in event["choices"]) == text


def test_a_conversation_is_answered_whole_and_streamed(client: openai.OpenAI) -> None:
    asked = {
        "model": "embedded",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Sort a list."}]}],
        "max_tokens": 30,
        "temperature": 0,
    }
    answer = client.chat.completions.create(**asked)
    assert answer.object == "chat.completion"
    assert answer.choices[0].message.role == "assistant"
    chunks = list(client.chat.completions.create(**asked, stream=True))
    streamed = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert streamed == answer.choices[0].message.content


def test_three_choices_stops_echo_and_logprobs(client: openai.OpenAI) -> None:
    answer = client.completions.create(
        model="embedded", prompt="def ", n=3, seed=4, temperature=1.8, max_tokens=12, stop=["\n"], logprobs=2, echo=True
    )
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len({choice.text for choice in answer.choices}) > 1
    for choice in answer.choices:
        assert choice.text.startswith("def ")
        assert "\n" not in choice.text
        assert len(choice.logprobs.tokens) == len(choice.logprobs.token_logprobs) > 0
        assert all(len(top) <= 2 for top in choice.logprobs.top_logprobs)
    again = client.completions.create(
        model="embedded", prompt="def ", n=3, seed=4, temperature=1.8, max_tokens=12, stop=["\n"], echo=True
    )
    assert [choice.text for choice in again.choices] == [choice.text for choice in answer.choices]


def test_leaving_a_stream_ends_the_writing(client: openai.OpenAI, service: Service) -> None:
    prompt = "class Left:\n"
    stream = client.completions.create(
        model="embedded", prompt=prompt, max_tokens=900, temperature=1.6, seed=2, stream=True
    )
    for _ in stream:
        break
    stream.close()
    # Whoever asks next is served at once.
    assert client.completions.create(model="embedded", prompt="x", max_tokens=1).choices


def test_the_model_that_is_served(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["embedded"]
    assert client.models.retrieve("embedded").owned_by == "attrib"
    with pytest.raises(openai.NotFoundError) as refused:
        client.completions.create(model="gpt-4", prompt="x")
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("asked", "param", "said"),
    [
        ({"prompt": "x", "colour": "red"}, "colour", "Unrecognized request argument supplied: colour"),
        ({"prompt": "x", "temperature": 3}, "temperature", "Invalid 'temperature'"),
        ({"prompt": "x", "logit_bias": {"5": 1}}, "logit_bias", "not offered"),
        ({"prompt": ["x", "y"]}, "prompt", "send a request for each"),
        ({"prompt": "x", "n": 2, "best_of": 3}, "best_of", "not offered"),
        ({"prompt": "x", "exclude": ["nonsense"]}, "exclude.0", "purl"),
        ({"prompt": "\n" * 3000}, None, "positions"),
    ],
)
def test_errors_have_the_shape_that_clients_read(client: openai.OpenAI, asked, param, said) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(model="embedded", extra_body=asked, prompt=asked["prompt"])
    assert refused.value.type == "invalid_request_error"
    assert refused.value.param == param
    assert said in refused.value.message


def test_what_is_no_json_or_nowhere_is_answered_in_that_shape(address: str) -> None:
    broken = httpx2.post(f"{address}/v1/completions", content=b"{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["error"]["type"]) == (400, "invalid_request_error")
    assert "not JSON" in broken.json()["error"]["message"]
    assert httpx2.get(f"{address}/v1/nowhere").json()["error"]["code"] == "unknown_url"
    assert httpx2.get(f"{address}/v1/completions").status_code == 405


def test_llm_is_served(address: str, tmp_path: Path) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(
        f"- model_id: attrib\n  model_name: embedded\n  api_base: {address}/v1\n"
        f"- model_id: attrib-text\n  model_name: embedded\n  api_base: {address}/v1\n  completion: true\n"
    )
    environment = os.environ | {"LLM_USER_PATH": str(tmp_path), "OPENAI_API_KEY": "none"}
    for model in ("attrib", "attrib-text"):
        done = subprocess.run(
            [sys.executable, "-m", "llm", "-m", model, "-o", "max_tokens", "20", FUNCTIONS[3].prompt],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
