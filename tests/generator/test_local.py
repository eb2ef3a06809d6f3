"""The decode loop: transformers' own tokens, seeds, limits, stop strings, cancelling."""

import threading

import pytest
import torch

from generator.base import GenerationRequest
from generator.errors import FillInMiddleUnsupported, OutOfMemory, PromptTooLong
from generator.loading import LoadedModel, load_model
from generator.local import LocalGenerator
from generator.prompts import encode_prompt

PROMPTS = ["def count(items):\n", "class A:\n    def f(self):", "x", "# naïve ✓\n"]


def by_transformers(model, tokenizer, prompt, tokens, **settings):
    """The text that transformers' own generate gives."""
    ids = torch.tensor([encode_prompt(tokenizer, prompt)])
    everything = torch.ones_like(ids)
    written = model.generate(ids, attention_mask=everything, max_new_tokens=tokens, do_sample=False, **settings)
    return tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True, clean_up_tokenization_spaces=False)


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("penalty", [1.0, 1.2])
def test_greedy_text_is_that_of_transformers(random_generator, tokenizer, prompt, penalty):
    generator, model = random_generator
    request = GenerationRequest(prompt, max_new_tokens=24, repetition_penalty=penalty)
    (completion,) = generator.complete(request)
    assert completion.text == by_transformers(model, tokenizer, prompt, 24, repetition_penalty=penalty).rstrip("\ufffd")


@pytest.mark.parametrize("prompt", PROMPTS)
def test_greedy_text_of_the_embedded_model_is_that_of_transformers(tokenizer, prompt):
    loaded = load_model(device="cpu")
    (completion,) = LocalGenerator(loaded).complete(GenerationRequest(prompt, max_new_tokens=40))
    assert completion.text == by_transformers(loaded.model, tokenizer, prompt, 40).rstrip("\ufffd")


def test_choices_of_one_request_are_decoded_together_and_alike_when_greedy(embedded):
    request = GenerationRequest("def ", max_new_tokens=30)
    (alone,) = embedded.complete(request)
    assert embedded.complete(GenerationRequest("def ", max_new_tokens=30, n=3)) == (alone,) * 3


def test_a_seed_reproduces_and_another_differs(embedded):
    def answers(seed):
        return embedded.complete(GenerationRequest("x = ", max_new_tokens=20, n=2, temperature=3.0, seed=seed))

    assert answers(1) == answers(1)
    assert answers(1) != answers(2)
    assert answers(1)[0] != answers(1)[1]


def test_a_seed_reproduces_while_another_request_runs(embedded):
    request = GenerationRequest("x = ", max_new_tokens=20, temperature=3.0, seed=1)
    other = GenerationRequest("y = ", max_new_tokens=20, temperature=3.0, seed=2)
    expected = embedded.complete(request)
    both = zip(embedded.stream(request), embedded.stream(other), strict=False)
    mixed = "".join(piece.text for piece, _ in both)
    assert mixed
    assert expected[0].text.startswith(mixed)


def test_without_a_seed_draws_differ(embedded):
    request = GenerationRequest("x = ", max_new_tokens=20, temperature=3.0)
    assert embedded.complete(request) != embedded.complete(request)


def test_a_prompt_without_room_is_refused_before_anything_runs(embedded):
    positions = embedded.describe().positions
    with pytest.raises(PromptTooLong, match=rf"has {positions} positions: shorten it"):
        embedded.stream(GenerationRequest("\n" * positions))


def test_new_tokens_are_clipped_to_the_room_that_is_left(embedded):
    positions = embedded.describe().positions
    (completion,) = embedded.complete(GenerationRequest("\n" * (positions - 1), max_new_tokens=500))
    assert completion.completion_tokens == 1


def test_text_stops_before_a_stop_string(embedded):
    request = GenerationRequest("def ", max_new_tokens=60)
    (whole,) = embedded.complete(request)
    stop = whole.text[10:13]
    (stopped,) = embedded.complete(GenerationRequest("def ", max_new_tokens=60, stop=(stop,)))
    assert stopped.text == whole.text[: whole.text.index(stop)]
    assert stopped.finish_reason == "stop"
    assert stopped.completion_tokens < whole.completion_tokens


def test_the_last_piece_and_only_that_has_a_reason(embedded):
    pieces = list(embedded.stream(GenerationRequest("def ", max_new_tokens=12, n=2, temperature=2.0, seed=4)))
    for choice in (0, 1):
        reasons = [piece.finish_reason for piece in pieces if piece.choice == choice]
        assert reasons[-1] in ("length", "stop")
        assert set(reasons[:-1]) <= {None}
    assert sum(piece.tokens for piece in pieces if piece.choice == 0) <= 12


def test_pieces_say_the_whole_text(random_generator):
    generator, _ = random_generator
    request = GenerationRequest("é", max_new_tokens=60, temperature=5.0, seed=3)
    pieces = list(generator.stream(request))
    assert len(pieces) > 5
    assert "".join(piece.text for piece in pieces) == generator.complete(request)[0].text


def test_cancelling_ends_every_open_choice(embedded):
    cancel = threading.Event()
    seen = []
    for piece in embedded.stream(GenerationRequest("def ", max_new_tokens=200, n=2, temperature=1.5, seed=1), cancel):
        seen.append(piece)
        if len(seen) == 6:
            cancel.set()
    assert {piece.finish_reason for piece in seen if piece.finish_reason} == {"cancelled"}
    assert sorted(piece.choice for piece in seen if piece.finish_reason) == [0, 1]
    assert len(seen) < 20


def test_special_tokens_in_a_prompt_do_not_end_it(embedded):
    plain = embedded.count_tokens("a<|endoftext|>b")
    assert plain > embedded.count_tokens("ab") + 1
    assert embedded.count_tokens("a", "b") == embedded.count_tokens("a") + embedded.count_tokens("b") + 3


def test_a_model_without_the_tokens_cannot_fill_in(tokenizer, random_generator):
    class Without:
        def __getattr__(self, name):
            return getattr(tokenizer, name)

        def get_vocab(self):
            return {token: i for token, i in tokenizer.get_vocab().items() if not token.startswith("<fim_")}

    _, model = random_generator
    generator = LocalGenerator(LoadedModel("without", model, Without()))
    assert not generator.describe().fills_in_middle
    with pytest.raises(FillInMiddleUnsupported):
        generator.stream(GenerationRequest("a", suffix="b"))


def test_no_memory_fails_one_request_and_the_next_one_works(tokenizer, random_generator, monkeypatch):
    generator, model = random_generator

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patched:
        patched.setattr(type(model), "forward", full)
        with pytest.raises(OutOfMemory, match="shorten it"):
            generator.complete(GenerationRequest("a"))
    assert generator.complete(GenerationRequest("a", max_new_tokens=2))


def test_what_the_model_is(embedded):
    described = embedded.describe()
    assert (described.name, described.architecture) == ("embedded", "GPTBigCodeForCausalLM")
    assert (described.positions, described.device, described.dtype) == (1024, "cpu", "float32")
    assert described.fills_in_middle
    assert 4_000_000 < described.parameters < 6_000_000
