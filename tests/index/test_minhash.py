"""Signatures are datasketch's own, and the guarantee holds by the formula."""

from pathlib import Path

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IncompatibleParameters
from index.lexer import lex
from index.lsh import IndexParams, band_keys, distinct_runs
from index.minhash import shingle_hashes, signatures, window_starts

PARAMETER_SETS = [
    IndexParams(),
    IndexParams(shingle=4, window=44, stride=18, bands=8, rows=2),
    IndexParams(shingle=3, window=30, stride=8, bands=6, rows=2, seed=7),
    IndexParams(shingle=4, window=36, stride=1, bands=3, rows=1),
]


def datasketch_signature(shingles: np.ndarray, params: IndexParams) -> np.ndarray:
    minhash = MinHash(num_perm=params.permutations, seed=params.seed, hashfunc=int, scheme="affine32")
    minhash.update_batch([int(value) for value in shingles])
    return minhash.hashvalues


@pytest.mark.parametrize("params", PARAMETER_SETS)
def test_every_window_equals_datasketch_over_its_shingles(params: IndexParams, site_packages: Path) -> None:
    lexemes = lex((site_packages / "flask" / "views.py").read_bytes()).hashes
    shingles = shingle_hashes(lexemes, params.shingle)
    for stride in {1, params.stride}:
        signed = signatures(lexemes, params, stride)
        starts = window_starts(len(shingles), params.window, stride)
        assert len(signed) == len(starts)
        for signature, start in zip(signed, starts, strict=True):
            expected = datasketch_signature(shingles[start : start + params.window], params)
            assert (signature == expected).all()


@given(st.lists(st.integers(0, 2**32 - 1), min_size=31, max_size=120))
@settings(max_examples=30)
def test_random_lexemes_are_signed_as_datasketch_signs_them(values: list[int]) -> None:
    params = IndexParams()
    lexemes = np.array(values, np.uint32)
    shingles = shingle_hashes(lexemes, params.shingle)
    signed = signatures(lexemes, params, 1)
    for start in (0, len(signed) // 2, len(signed) - 1):
        assert (signed[start] == datasketch_signature(shingles[start : start + params.window], params)).all()


@given(st.integers(0, 400), st.sampled_from(PARAMETER_SETS))
def test_any_run_of_the_certain_length_holds_a_whole_reference_window(before: int, params: IndexParams) -> None:
    after = 17
    total = before + params.certain_lexemes + after
    starts = window_starts(total - params.shingle + 1, params.window, params.stride)
    run = range(before, before + params.certain_lexemes)
    assert any(start in run and start + params.window_lexemes - 1 in run for start in starts)


def test_the_default_is_certain_from_40_lexemes() -> None:
    assert IndexParams().certain_lexemes == 40


@pytest.mark.parametrize("count", [0, 1, 30])
def test_a_text_shorter_than_a_window_has_no_signature(count: int) -> None:
    assert len(signatures(np.arange(count, dtype=np.uint32), IndexParams(), 1)) == 0


def test_runs_of_equal_keys_are_asked_once_and_keep_their_place(site_packages: Path) -> None:
    params = IndexParams()
    lexemes = lex((site_packages / "click" / "core.py").read_bytes()[:4000]).hashes
    keys = band_keys(signatures(lexemes, params, 1), params.bands, params.rows)
    run_keys, firsts, lengths = distinct_runs(keys)
    assert len(run_keys) < 0.3 * keys.size
    assert lengths.sum() == keys.size
    for key, first, length in zip(run_keys, firsts, lengths, strict=True):
        assert any((keys[first : first + length, band] == key).all() for band in range(params.bands))


def test_other_parameters_are_refused_with_both_values_named() -> None:
    with pytest.raises(IncompatibleParameters, match="window is 44 there and 28 here"):
        IndexParams().require_same(IndexParams(window=44).as_json(), "the index")
