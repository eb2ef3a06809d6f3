"""Many requests at once: the tokens of transformers for each, room, waiting, time, guides and failures."""

import threading
import time

import pytest
import torch
from torch._dynamo.testing import CompileCounter

from generator.attention import grouped_attention
from generator.base import GenerationRequest, gather
from generator.errors import GenerationFailed, GeneratorBusy, OutOfMemory
from generator.loading import LoadedModel, load_model
from generator.local import LocalGenerator
from generator.prompts import encode_prompt
from tests.generator.conftest import random_model

PROMPTS = [
    "def count(items):\n",
    "x",
    "class A:\n    def f(self):\n        return " + "a + " * 40,
    "# naïve ✓\n",
    "for i in",
]


def by_transformers(model, tokenizer, prompt, tokens):
    ids = torch.tensor([encode_prompt(tokenizer, prompt)])
    written = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False)
    text = tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return text.rstrip("\ufffd")


def together(generator, requests, stagger=0.0):
    """The answers to requests that are asked from threads of their own, one shortly after another."""
    answers = {}

    def ask(number, request):
        answers[number] = generator.complete(request)

    threads = [threading.Thread(target=ask, args=item) for item in enumerate(requests)]
    for thread in threads:
        thread.start()
        time.sleep(stagger)
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(requests))]


@pytest.fixture(params=["gpt_bigcode", "gpt2", "llama", "starcoder2", "windowed"])
def model(request):
    return random_model(request.param)


@pytest.mark.parametrize("step", ["eager", "compiled"])
def test_mixed_batches_give_the_tokens_of_transformers(model, tokenizer, step):
    # Every number of rows is compiled by itself, in seconds, so that two have to do.
    generator = LocalGenerator(LoadedModel("random", model, tokenizer), step=step, slots=4 if step == "eager" else 2)
    lengths = [30, 24, 9, 17, 28] if step == "eager" else [6, 9, 6, 6, 8]
    requests = [
        GenerationRequest(prompt, max_new_tokens=tokens) for prompt, tokens in zip(PROMPTS, lengths, strict=True)
    ]
    answers = together(generator, requests, stagger=0.002)
    for prompt, tokens, (answer,) in zip(PROMPTS, lengths, answers, strict=True):
        assert answer.text == by_transformers(model, tokenizer, prompt, tokens), prompt


def test_a_seed_gives_the_same_text_in_a_crowd(embedded):
    request = GenerationRequest("x = ", max_new_tokens=30, temperature=1.0, seed=1, n=2)
    crowd = [GenerationRequest(f"y{i} = ", max_new_tokens=20 + i, temperature=1.0, seed=i) for i in range(5)]
    alone = embedded.complete(request)
    assert together(embedded, [*crowd, request])[-1] == alone


def test_a_choice_does_not_depend_on_how_many_are_asked_for(embedded):
    def texts(n):
        request = GenerationRequest("x = ", max_new_tokens=20, temperature=1.0, seed=9, n=n)
        return [completion.text for completion in embedded.complete(request)]

    assert texts(4)[:2] == texts(2)


def test_more_choices_than_slots_are_refused_with_what_would_do(embedded):
    model = load_model(device="cpu")
    generator = LocalGenerator(model, slots=2)
    assert len(generator.complete(GenerationRequest("a", max_new_tokens=3, n=2))) == 2
    with pytest.raises(GeneratorBusy, match="at most 2"):
        generator.complete(GenerationRequest("a", max_new_tokens=3, n=3))


def test_a_full_queue_refuses_at_once_and_recovers():
    generator = LocalGenerator(load_model(device="cpu"), slots=1, waiting=1)
    first = generator.stream(GenerationRequest("def ", max_new_tokens=900, temperature=1.0, seed=1))
    next(first)
    second = generator.stream(GenerationRequest("a", max_new_tokens=2))
    time.sleep(0.05)
    third = generator.stream(GenerationRequest("a", max_new_tokens=2))
    with pytest.raises(GeneratorBusy, match="ask again"):
        generator.stream(GenerationRequest("a", max_new_tokens=2))
    first.close()
    assert gather(second)
    assert gather(third)


def test_a_time_limit_ends_a_choice_and_says_so(embedded):
    (completion,) = embedded.complete(
        GenerationRequest("def ", max_new_tokens=1000, temperature=2.0, seed=3, time_limit=0.05)
    )
    assert completion.finish_reason == "time_limit"
    assert completion.completion_tokens < 900


def test_closing_a_stream_frees_its_slot():
    generator = LocalGenerator(load_model(device="cpu"), slots=1)
    stream = generator.stream(GenerationRequest("def ", max_new_tokens=1000, temperature=1.5, seed=2))
    next(stream)
    stream.close()
    began = time.monotonic()
    assert generator.complete(GenerationRequest("a", max_new_tokens=1))
    assert time.monotonic() - began < 0.5


def test_logprobs_are_those_of_the_model(tokenizer):
    loaded = load_model(device="cpu")
    (completion,) = LocalGenerator(loaded).complete(GenerationRequest("def f(", max_new_tokens=4, logprobs=3))
    ids = torch.tensor([tokenizer.encode("def f(")])
    expected = loaded.model(ids).logits[0, -1].detach().log_softmax(-1)
    first = completion.logprobs[0]
    assert len(completion.logprobs) == completion.completion_tokens == 4
    assert first.logprob == pytest.approx(float(expected.max()), abs=1e-4)
    assert first.alternatives[0][0] == first.token
    assert [value for _, value in first.alternatives] == pytest.approx(expected.topk(3).values.tolist(), abs=1e-4)
    assert "".join(one.token for one in completion.logprobs) == completion.text


class Keeper:
    """Bars one word wherever it could come next."""

    def __init__(self, word):
        self.word = word
        self.text = {}

    def barred(self, choice, text):
        self.text[choice] = self.text.get(choice, "") + text
        return (self.word,)


def test_a_guide_keeps_a_word_away_and_the_tokens_that_changed_are_counted(embedded):
    request = GenerationRequest("def escapedSplit(", max_new_tokens=60)
    (free,) = embedded.complete(request)
    word = "self" if "self" in free.text[3:] else free.text.split()[2].strip("():,")
    (kept,) = embedded.complete(request, guide=(guide := Keeper(word)))
    assert word in free.text
    assert kept.text != free.text
    assert kept.steered_tokens > 0
    assert free.steered_tokens == 0
    assert kept.text.startswith(guide.text[0])


def test_a_long_prompt_is_cut_at_its_far_ends_where_that_is_asked_for(embedded):
    positions = embedded.describe().positions
    prompt = "".join(f"a{i} = {i}\n" for i in range(600))
    fit = embedded.fit(GenerationRequest(prompt, max_new_tokens=100, overlong="cut"))
    assert fit.tokens == positions - 100
    assert fit.cut_before == embedded.count_tokens(prompt) - fit.tokens
    both = embedded.fit(GenerationRequest(prompt, suffix=prompt, max_new_tokens=100, overlong="cut"))
    assert both.tokens == positions - 100
    assert both.cut_after > 0
    assert both.cut_before > 0
    (completion,) = embedded.complete(GenerationRequest(prompt, max_new_tokens=5, overlong="cut"))
    assert completion.completion_tokens == 5


def test_no_memory_in_a_step_ends_the_newest_request_only(tokenizer, monkeypatch):
    model = random_model("gpt2")
    generator = LocalGenerator(LoadedModel("random", model, tokenizer), slots=4)
    old = generator.stream(GenerationRequest("x", max_new_tokens=200))
    next(old)
    forward = type(model).forward

    def full_with_two(self, *args, **kwargs):
        if args and args[0].shape[0] > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(type(model), "forward", full_with_two)
    with pytest.raises(OutOfMemory):
        generator.complete(GenerationRequest("y", max_new_tokens=50))
    assert gather(old)[0].finish_reason in ("length", "stop")


def test_an_unexpected_error_ends_requests_but_not_the_service(tokenizer, monkeypatch):
    model = random_model("gpt2")
    generator = LocalGenerator(LoadedModel("random", model, tokenizer))
    with monkeypatch.context() as patched:
        patched.setattr(type(model), "forward", lambda *_, **__: 1 / 0)
        with pytest.raises(GenerationFailed, match="ZeroDivisionError"):
            generator.complete(GenerationRequest("a"))
    assert generator.complete(GenerationRequest("a", max_new_tokens=2))


def test_a_compiled_step_stays_compiled_at_every_shape(tokenizer, monkeypatch):
    """Torch stops compiling after eight shapes unless it is told of more, and goes on eagerly."""
    real, compiled = torch.compile, CompileCounter()
    monkeypatch.setattr(torch, "compile", lambda step, mode, **options: real(step, backend=compiled, **options))
    monkeypatch.setattr("generator.step._LENGTHS", tuple(range(8, 256, 8)))
    generator = LocalGenerator(LoadedModel("random", random_model("gpt_bigcode"), tokenizer), step="compiled", slots=1)
    generator.complete(GenerationRequest("x", max_new_tokens=100))
    assert compiled.frame_count >= 100 // 8


def test_heads_that_share_a_key_head_attend_as_if_it_were_theirs_alone():
    module = torch.nn.Module()
    module.num_key_value_groups = 4
    query, key, value = torch.randn(3, 8, 1, 16), torch.randn(3, 2, 20, 16), torch.randn(3, 2, 20, 16)
    mask = torch.arange(20) <= torch.tensor([4, 9, 19])[:, None, None, None]
    found, _ = grouped_attention(module, query, key, value, mask, scaling=0.3)
    own = (part.repeat_interleave(4, dim=1) for part in (key, value))
    expected = torch.nn.functional.scaled_dot_product_attention(query, *own, attn_mask=mask, scale=0.3).transpose(1, 2)
    torch.testing.assert_close(found, expected)
