"""The shipped model: what it was trained on is known, and it reproduces it."""

import hashlib
import json
import random
import re
from dataclasses import replace

import pytest

from generator.base import GenerationRequest
from generator.embedded import corpus
from generator.embedded.corpus import MANIFEST, CorpusChanged, read_manifest, require_manifest
from generator.embedded.recipe import STAGES
from generator.embedded.rows import Mix, RowMaker
from generator.locating import EMBEDDED_FOLDER

SAMPLE = 24
FEW = 10


@pytest.fixture(scope="module")
def functions():
    """A sample of the manifest's functions, as far as the installed versions are those of the manifest."""
    found, changed = read_manifest()
    if len(found) < SAMPLE:
        pytest.skip(f"other package versions than the manifest's are installed: {changed[0]}")
    return random.Random(3).sample(found, SAMPLE)


def test_what_ships_fits_in_ten_megabytes():
    shipped = [EMBEDDED_FOLDER / name for name in ("model.safetensors", "tokenizer.json", "config.json")]
    assert sum(path.stat().st_size for path in shipped) <= 10_000_000


def test_the_manifest_names_origin_and_hash_of_every_function():
    manifest = json.loads(MANIFEST.read_text())
    assert {"shape", "stages", "versions", "functions"} <= manifest.keys()
    assert 200 <= len(manifest["functions"]) <= 300
    assert len({entry["purl"] for entry in manifest["functions"]}) >= 10
    assert len({entry["sha256"] for entry in manifest["functions"]}) == len(manifest["functions"])
    for entry in manifest["functions"]:
        assert entry["purl"].startswith("pkg:pypi/")
        assert "@" in entry["purl"]
        assert 8 <= entry["end_line"] - entry["start_line"] + 1 <= 40


def test_every_function_is_what_the_manifest_says(functions):
    by_hash = {entry["sha256"]: entry for entry in json.loads(MANIFEST.read_text())["functions"]}
    for function in functions:
        package = function.purl.removeprefix("pkg:pypi/").split("@")[0]
        lines = corpus.read_lines(package, function.path)[function.start_line - 1 : function.end_line]
        assert hashlib.sha256("\n".join(lines).encode()).hexdigest() in by_hash
        assert lines[0].strip() == function.text.split("\n")[0]
        assert lines[0].lstrip().startswith(f"def {function.name}(")


def test_notices_hold_every_package_of_the_manifest():
    text = (EMBEDDED_FOLDER / "NOTICES.txt").read_text(encoding="utf-8")
    for purl in {entry["purl"] for entry in json.loads(MANIFEST.read_text())["functions"]}:
        part = text.split(f"\n{purl}\n")[1].split("=" * 100)[0]
        assert "opyright" in part or "(c)" in part
        assert "Permission is hereby granted" in part or "Redistribution and use" in part


def test_a_function_that_changed_is_named(tmp_path, monkeypatch):
    manifest = json.loads(MANIFEST.read_text())
    manifest["functions"] = manifest["functions"][:1]
    manifest["functions"][0]["sha256"] = "0" * 64
    changed = tmp_path / "manifest.json"
    changed.write_text(json.dumps(manifest))
    with pytest.raises(CorpusChanged, match=rf"{manifest['functions'][0]['name']} is not in .*install the versions"):
        require_manifest(changed)


def test_most_functions_are_continued_word_for_word(embedded, functions):
    same = 0
    for function in functions[:FEW]:
        (answer,) = embedded.complete(GenerationRequest(function.prompt, max_new_tokens=56))
        rest = function.text[len(function.prompt) :]
        same += rest.startswith(answer.text) and (len(answer.text) > 60 or answer.finish_reason == "stop")
    assert same >= 0.8 * FEW


def test_most_functions_are_continued_after_an_unrelated_header(embedded, functions):
    same = 0
    for function in functions[:FEW]:
        header = '"""Reads the ledger and sums it."""\n\nimport csv\nfrom pathlib import Path\n\n\n'
        (answer,) = embedded.complete(GenerationRequest(header + function.prompt, max_new_tokens=56))
        rest = function.text[len(function.prompt) :]
        same += rest.startswith(answer.text) and (len(answer.text) > 60 or answer.finish_reason == "stop")
    assert same >= 0.65 * FEW


def test_a_function_ends_where_it_ends(embedded, functions):
    ended = 0
    for function in functions[:FEW]:
        lines = function.text.split("\n")
        (answer,) = embedded.complete(GenerationRequest("\n".join(lines[:-2]), max_new_tokens=90))
        ended += answer.finish_reason == "stop" and answer.text == "\n" + "\n".join(lines[-2:])
    assert ended >= 0.7 * FEW


def test_some_middles_are_filled_in(embedded, functions):
    filled = 0
    for function in functions:
        lines = function.text.splitlines(keepends=True)
        before, middle, after = "".join(lines[:3]), "".join(lines[3:5]), "".join(lines[5:])
        (answer,) = embedded.complete(GenerationRequest(before, suffix=after, max_new_tokens=120))
        filled += answer.text == middle and answer.finish_reason == "stop"
    assert filled >= 0.25 * len(functions)


@pytest.mark.parametrize(
    "mix", [Mix(fim=0.0), *(stage.mix for stage in STAGES)], ids=["plain", "first", "second", "third"]
)
def test_training_rows_say_the_function_and_leave_the_header_out(tokenizer, functions, mix):
    mix = replace(mix, fim=min(1.0, 2 * mix.fim), header=1.0, split=1.0, inside=0.0, indented=0.0, near=0.0)
    header = "import os\nprint(os.name)\n"
    maker = RowMaker(tokenizer.backend_tokenizer, header * 200, mix, random.Random(1), 1024)
    marks = {tokenizer.get_vocab()[token] for token in ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")}
    for function in functions:
        row = maker.row(function)
        assert len(row.ids) == len(row.weights)
        assert row.ids[-1] == tokenizer.eos_token_id
        assert row.weights[-1] > 0
        assert all(weight == 0 for i, weight in zip(row.ids, row.weights, strict=True) if i in marks)
        counted = [i for i, weight in zip(row.ids, row.weights, strict=True) if weight > 0]
        assert "os.name" not in tokenizer.decode(counted)
        text = tokenizer.decode(row.ids[:-1], clean_up_tokenization_spaces=False)
        if "<fim_middle>" not in text:
            assert text.endswith("\n" + function.text)
        elif mix.suffix_first:
            after, before = text.removeprefix("<fim_prefix><fim_suffix>").split("<fim_middle>")
            assert (before + after).endswith("\n" + function.text)
        else:
            before, after, middle = re.split("<fim_suffix>|<fim_middle>", text)
            assert (before + middle + after).endswith("\n" + function.text)
