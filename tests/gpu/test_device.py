"""On a real GPU: the tokens of transformers from captured steps, a thread's graphs, memory that runs out."""

import pytest
import torch
from torch._dynamo.utils import counters

from benchmarks import gpu_speed
from generator.base import GenerationRequest
from generator.errors import OutOfMemory
from generator.local import LocalGenerator

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU is here: torch.cuda.is_available() is false"),
]


@pytest.fixture(scope="module")
def loaded():
    return gpu_speed.random_model(gpu_speed.tiny(), torch.device("cuda"))


def test_a_captured_step_writes_the_tokens_of_transformers(loaded):
    counters.clear()
    generator = LocalGenerator(loaded, "compiled", slots=2)
    prompt = " ".join(f"w{number:05}" for number in range(20))
    answers = generator.complete(GenerationRequest(prompt, max_new_tokens=40, n=2))
    ids = torch.arange(20, device="cuda")[None]
    loaded.model.set_attn_implementation("sdpa")
    written = loaded.model.generate(ids, max_new_tokens=40, do_sample=False, pad_token_id=0)[0, 20:]
    expected = loaded.tokenizer.decode(written)
    assert [answer.text for answer in answers] == [expected, expected]
    assert counters["inductor"]["cudagraph_skips"] == 0


def test_a_device_without_memory_fails_that_request_only(loaded):
    generator = LocalGenerator(loaded, "eager", slots=1)
    long = GenerationRequest(" ".join(["w00001"] * 400), max_new_tokens=4)
    torch.cuda.empty_cache()
    hoard = []
    for size in (1 << 28, 1 << 21, 512):
        try:
            while True:
                hoard.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
        except torch.OutOfMemoryError:
            continue
    with pytest.raises(OutOfMemory):
        generator.complete(long)
    del hoard
    torch.cuda.empty_cache()
    assert generator.complete(long)[0].completion_tokens == 4


def test_every_figure_can_be_taken(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["gpu_speed", "--tiny", "--rounds", "1"])
    assert gpu_speed.main() == 0
    assert "times transformers' generate" in capsys.readouterr().out
