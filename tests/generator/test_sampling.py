"""Filters agree with those of transformers."""

import pytest
import torch
from transformers import RepetitionPenaltyLogitsProcessor, TopKLogitsWarper, TopPLogitsWarper

from generator.base import GenerationRequest
from generator.sampling import Draw, keep_top_k, keep_top_p, next_tokens, penalise


@pytest.fixture
def logits():
    return torch.randn(3, 50, generator=torch.Generator().manual_seed(1)) * 3


@pytest.mark.parametrize("k", [1, 5, 50])
def test_top_k_is_that_of_transformers(logits, k):
    assert torch.equal(keep_top_k(logits, k), TopKLogitsWarper(k)(None, logits))


@pytest.mark.parametrize("p", [0.01, 0.5, 0.9, 0.999])
def test_top_p_is_that_of_transformers(logits, p):
    assert torch.equal(keep_top_p(logits, p), TopPLogitsWarper(p)(None, logits))


def test_repetition_penalty_is_that_of_transformers(logits):
    seen = torch.tensor([[1, 2, 2], [3, 4, 5], [49, 0, 7]])
    assert torch.equal(penalise(logits, seen, 1.3), RepetitionPenaltyLogitsProcessor(1.3)(seen, logits.clone()))


def test_draws_follow_the_distribution():
    logits = torch.tensor([[0.0, 1.0, 2.0]]).repeat(6000, 1)
    draw = Draw(GenerationRequest("", temperature=0.5), torch.Generator().manual_seed(5), ())
    drawn = next_tokens(logits, [draw] * 6000)
    shares = drawn.bincount(minlength=3) / 6000
    assert torch.allclose(shares, (logits[0] / 0.5).softmax(-1), atol=0.02)
