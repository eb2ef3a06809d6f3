"""Files of prompts: what a line may say, what is kept of it, and every line that is wrong told at once."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attrib.errors import UnreadableInput
from attrib.line_numbers import line_ranges
from attrib.prompt_files import LONGEST_LINE, FilePrompt, PromptFile, opened_prompts
from attrib.prompts import Prompt
from generator.base import GenerationRequest, Message

DEFAULTS = Prompt(GenerationRequest("", max_new_tokens=40, temperature=0.5, seed=7), "Python")


def read(*lines: object, defaults: Prompt = DEFAULTS) -> list[FilePrompt]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    return list(PromptFile("prompts.jsonl", io.BytesIO(text.encode()), defaults))


def test_a_line_says_what_it_wants_and_takes_the_rest_from_the_options() -> None:
    plain, own = read(
        {"prompt": "def a("},
        {
            "id": "b",
            "prompt": "def b(",
            "suffix": "\n",
            "n": 2,
            "temperature": 1,
            "seed": 0,
            "stop": "\n\n",
            "language": "js",
            "max_new_tokens": None,
        },
    )
    assert plain.prompt == Prompt(GenerationRequest("def a(", max_new_tokens=40, temperature=0.5, seed=7), "Python")
    assert plain.name is None
    assert own.name == "b"
    assert own.prompt == Prompt(
        GenerationRequest("def b(", "\n", max_new_tokens=40, n=2, temperature=1, seed=0, stop=("\n\n",)), "JavaScript"
    )


def test_a_task_file_keeps_what_is_not_ours() -> None:
    task = {
        "task_id": "HumanEval/0",
        "prompt": "def has_close_elements(",
        "entry_point": "has_close_elements",
        "canonical_solution": "    return False\n",
        "test": "def check(candidate): ...",
        "messages": [1],
    }
    (prompt,) = read(task)
    assert (prompt.name, prompt.given) == ("HumanEval/0", task)


def test_an_instruction_becomes_a_conversation() -> None:
    (prompt,) = read({"prompt": "Write a loop.", "mode": "instruct"})
    assert prompt.prompt.request.messages == (Message("user", "Write a loop."),)


def test_a_prompt_that_stands_twice_has_another_seed() -> None:
    prompts = read({"prompt": "x"}, "", {"prompt": "x"})
    assert [(prompt.line, prompt.prompt.request.seed) for prompt in prompts] == [(1, 7), (3, 9)]


def test_every_bad_line_is_told_at_once(tmp_path: Path) -> None:
    lines = [
        b'{"prompt": "fine"}',
        b"no json",
        b'["prompt"]',
        b'{"suffix": "x"}',
        b'{"prompt": 3}',
        b'{"prompt": "x", "temperature": -1}',
        b'{"prompt": "x", "temperature": NaN}',
        b'{"prompt": "x", "n": true}',
        b'{"prompt": "x", "stop": ["", "y"]}',
        b'{"prompt": "x", "language": "pyton"}',
        b'{"prompt": "x", "mode": "sing"}',
        b'{"prompt": "x", "suffix": "y", "mode": "instruct"}',
        b'{"prompt": "\\ud800"}',
        b'{"prompt": "\xff"}',
        b'{"prompt": 4}',
        b'{"prompt": "' + b"x" * LONGEST_LINE + b'"}',
        b'{"prompt": "cut',
    ]
    file = tmp_path / "prompts.jsonl"
    file.write_bytes(b"\n".join(lines))
    with opened_prompts(str(file), DEFAULTS) as prompts, pytest.raises(UnreadableInput) as refused:
        prompts.check()
    told = str(refused.value).removeprefix(f"{file}, ").split("; ")
    assert told[0] == "lines 2, 7, 17: it is not JSON"
    assert [line.split(":")[0] for line in told[1:]] == [
        "line 3",
        "line 4",
        "lines 5, 15",
        *(f"line {number}" for number in (6, 8, 9, 10, 11, 12, 13, 14, 16)),
    ]
    assert "temperature is -1" in told[4]
    assert "longer than" in told[-1]


def test_gzip_a_mark_and_other_line_ends_are_read(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl.gz"
    file.write_bytes(gzip.compress('\ufeff{"prompt": "é"}\r\n\r\n{"prompt": "b"}'.encode(), mtime=0))
    with opened_prompts(str(file), DEFAULTS) as prompts:
        assert prompts.check() == 2
        assert [prompt.prompt.request.prompt for prompt in prompts] == ["é", "b"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no prompts"), (b"\n \n", "no prompts"), (gzip.compress(b"{}" * 999, mtime=0)[:-12], "read")],
)
def test_a_file_without_prompts_or_cut_short_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "prompts"
    file.write_bytes(content)
    with opened_prompts(str(file), DEFAULTS) as prompts, pytest.raises(UnreadableInput, match=said):
        prompts.check()


@given(st.sets(st.integers(1, 60), min_size=1))
def test_ranges_name_every_line_and_no_other(numbers: set[int]) -> None:
    told = line_ranges(sorted(numbers)).removeprefix("lines ").removeprefix("line ")
    named = set()
    for part in told.split(", "):
        first, _, last = part.partition("-")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == numbers
