"""What the GPU benchmark says of the model it imitates, as far as arithmetic goes."""

import pytest
import torch

from benchmarks import gpu_speed


def test_the_shape_is_that_of_starcoderbase_7b():
    shape = gpu_speed.starcoderbase_7b()
    loaded = gpu_speed.random_model(shape, torch.device("meta"))
    assert sum(one.numel() for one in loaded.model.parameters()) == pytest.approx(7.33e9, rel=0.01)
    assert gpu_speed.weight_bytes(loaded) == pytest.approx(14.65e9, rel=0.01)
    assert gpu_speed.cache_bytes(loaded) == 2 * 42 * 128 * 2
    # At 4.8 TB/s, on paper, about 329 tokens a second for one row.
    assert gpu_speed.roofline_tokens(loaded, shape, 1, 4.8e12) == pytest.approx(327, abs=4)


def test_without_a_gpu_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["gpu_speed"])
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_speed.main() == 2
    assert "no GPU is here" in capsys.readouterr().err
