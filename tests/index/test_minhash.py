"""Signatures are datasketch's own, and the guarantee holds by the formula."""

from pathlib import Path

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from index import lsh
from index.errors import IncompatibleParameters
from index.lexer import lex
from index.lsh import IndexParams, ViewParams, band_keys, distinct_runs
from index.minhash import shingle_hashes, signatures, window_starts

PARAMETER_SETS = [view for params in lsh.PARAMETER_SETS.values() for view in (params.exact, params.renamed)] + [
    ViewParams(shingle=4, window=36, stride=1, bands=3, rows=1)
]
SEED = 7


def datasketch_signature(shingles: np.ndarray, view: ViewParams) -> np.ndarray:
    minhash = MinHash(num_perm=view.permutations, seed=SEED, hashfunc=int, scheme="affine32")
    minhash.update_batch([int(value) for value in shingles])
    return minhash.hashvalues


@pytest.mark.parametrize("view", PARAMETER_SETS)
def test_every_window_equals_datasketch_over_its_shingles(view: ViewParams, site_packages: Path) -> None:
    lexemes = lex((site_packages / "flask" / "views.py").read_bytes()).hashes
    shingles = shingle_hashes(lexemes, view.shingle)
    for stride in {1, view.stride}:
        signed = signatures(shingles, view, SEED, stride)
        starts = window_starts(len(shingles), view.window, stride)
        assert len(signed) == len(starts)
        for signature, start in zip(signed, starts, strict=True):
            expected = datasketch_signature(shingles[start : start + view.window], view)
            assert (signature == expected).all()


@given(st.lists(st.integers(0, 2**32 - 1), min_size=32, max_size=120))
@settings(max_examples=30)
def test_random_lexemes_are_signed_as_datasketch_signs_them(values: list[int]) -> None:
    view = IndexParams().exact
    shingles = shingle_hashes(np.array(values, np.uint32), view.shingle)
    signed = signatures(shingles, view, SEED, 1)
    for start in (0, len(signed) // 2, len(signed) - 1):
        assert (signed[start] == datasketch_signature(shingles[start : start + view.window], view)).all()


@given(st.integers(0, 400), st.sampled_from(PARAMETER_SETS))
def test_any_run_of_the_certain_length_holds_a_whole_reference_window(before: int, view: ViewParams) -> None:
    after = 17
    total = before + view.certain_tokens + after
    starts = window_starts(total - view.shingle + 1, view.window, view.stride)
    run = range(before, before + view.certain_tokens)
    assert any(start in run and start + view.window_tokens - 1 in run for start in starts)


def test_every_parameter_set_says_from_where_it_is_certain() -> None:
    assert {name: params.certain_lexemes for name, params in lsh.PARAMETER_SETS.items()} == {
        "balanced": 39,
        "thorough": 31,
        "compact": 64,
    }
    assert IndexParams() == lsh.PARAMETER_SETS["balanced"]


@pytest.mark.parametrize("shingles", [0, 1, 29])
def test_a_text_shorter_than_a_window_has_no_signature(shingles: int) -> None:
    assert len(signatures(np.arange(shingles, dtype=np.uint32), IndexParams().exact, SEED, 1)) == 0


def test_runs_of_equal_keys_are_asked_once_and_keep_their_place(site_packages: Path) -> None:
    view = IndexParams().exact
    lexemes = lex((site_packages / "click" / "core.py").read_bytes()[:4000]).hashes
    keys = band_keys(signatures(shingle_hashes(lexemes, view.shingle), view, SEED, 1), view.bands, view.rows)
    run_keys, firsts, lengths = distinct_runs(keys)
    assert len(run_keys) < 0.3 * keys.size
    assert lengths.sum() == keys.size
    for key, first, length in zip(run_keys, firsts, lengths, strict=True):
        assert any((keys[first : first + length, band] == key).all() for band in range(view.bands))


def test_other_parameters_are_refused_with_both_values_named() -> None:
    with pytest.raises(IncompatibleParameters, match=r"exact\.window is 44 there and 30 here"):
        IndexParams().require_same(lsh.PARAMETER_SETS["compact"].as_json(), "the index")
