"""The memorisation report: its figures add up, whatever the results, and say what a person would count."""

import io
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from attrib.batch_lines import encoded
from attrib.cli.memorisation_text import show_memorisation
from attrib.errors import UnreadableInput
from attrib.memorisation import memorisation_of
from attrib.memorisation_report import interval, memorisation_json

RUN = {"model": "embedded"}


def match(
    lexemes: int, purl: str = "pkg:generic/a@1", kind: str = "exact", common: bool = False, first: int = 1
) -> dict[str, Any]:
    return {
        "kind": kind,
        "lexemes": lexemes,
        "common": common,
        "verdict": "allow" if common else "attribute",
        "origins": [
            {
                "purl": purl,
                "path": "a.py",
                "start_line": first,
                "end_line": first + 9,
                "license": "MIT",
                "category": "permissive",
            }
        ],
    }


def choice(lexemes: int, matched: int, *matches: dict[str, Any]) -> dict[str, Any]:
    strict = "attribute" if any(not one["common"] for one in matches) else "allow"
    return {
        "code": "x",
        "steered_tokens": 0,
        "attempts": 1,
        "check": {
            "status": "matched" if matches else "clean",
            "verdict": strict,
            "lexemes": lexemes,
            "matched_lexemes": matched,
            "matches": list(matches),
            "index": {"sources": 1, "files": 1, "lexemes": 99, "revision": "1", "collections": ["permissive"]},
        },
    }


def line(number: int, *choices: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "line": number,
        "id": f"task/{number}",
        "input": {"prompt": "x"},
        "settings": {"temperature": 0.0, "seed": number},
        "run": RUN,
    }
    if not choices:
        return told | {"error": {"type": "PromptTooLong", "message": "too long"}}
    model = {"name": "m", "parameters": 5, "architecture": "A", "dtype": "float32", "device": "cpu"}
    usage = {"completion_tokens": 10 * len(choices)}
    return told | {"answer": {"id": f"r{number}", "model": model, "choices": list(choices), "usage": usage}}


def report(*lines: dict[str, Any]) -> dict[str, Any]:
    return memorisation_json(memorisation_of(io.BytesIO(b"".join(map(encoded, lines))), "out.jsonl"))


def page(told: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=200)
    show_memorisation(console, told)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_overlapping_matches_count_no_lexeme_twice() -> None:
    told = report(line(1, choice(100, 80, match(60), match(40, "pkg:generic/b@1", "near"))))
    assert told["lexemes"] == {"generated": 100, "reproduced": 80, "share": 0.8}
    assert [(one["purl"], one["lexemes"], one["longest_run"]) for one in told["sources"]] == [
        ("pkg:generic/a@1", 60, 60),
        ("pkg:generic/b@1", 20, 0),
    ]
    assert told["generations"]["by_closest_match"] == {"exact": 1, "near": 0, "renamed": 0}


def test_common_code_stands_apart() -> None:
    told = report(line(1, choice(50, 30, match(30, common=True)), choice(50, 0)))
    assert told["generations"]["common_only"] == 1
    assert told["generations"]["with_match"] == told["lexemes"]["reproduced"] == 0
    assert told["sources"] == told["longest_runs"] == []
    assert told["prompts"]["with_match"] == {"all": 0, "some": 0, "none": 1}


def test_the_example_is_the_generation_with_most_of_the_source_and_runs_are_one_a_place() -> None:
    told = report(
        line(1, choice(50, 40, match(40)), choice(90, 70, match(70))),
        line(2, choice(50, 45, match(45, first=3))),
        line(3, choice(50, 20, match(20, first=300))),
    )
    assert told["sources"][0]["example"] == {"line": 1, "id": "task/1", "choice": 1, "record": "r1"}
    assert [one["lexemes"] for one in told["longest_runs"]] == [70, 20]
    assert told["varying_settings"] == ["seed"]
    assert told["settings"] == {"temperature": 0.0}


def test_a_share_has_the_score_interval() -> None:
    assert interval(0, 10) == [0.0, 0.2775]
    assert interval(5, 10) == [0.2366, 0.7634]
    assert interval(0, 0) is None


def test_a_page_says_nothing_that_a_name_could_make_of_it() -> None:
    told = page(report(line(1, choice(50, 40, match(40, "pkg:generic/\x1b[31mred\n@1")))))
    assert "\x1b[31m" not in told
    assert "\\u001b[31mred\\n@1" in told


def test_results_of_nothing_but_failures_are_told() -> None:
    told = report(line(1), line(2))
    assert told["prompts"]["errors"] == {"PromptTooLong": 2}
    assert "2: 0 answered, 2 failed (2 PromptTooLong)" in page(told)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no results yet"),
        (b'{"line": 1, "inp', "no results yet"),
        (b'{"prompt": "x"}\n', "line 1 is no line"),
        (encoded(line(1, choice(5, 0))) + encoded(line(2, choice(5, 0)) | {"run": {}}), "line 2 .* another run"),
        (encoded(line(1) | {"error": 3}), "line 1 cannot be counted"),
    ],
)
def test_what_are_no_results_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableInput, match=said):
        memorisation_of(io.BytesIO(content), "out.jsonl")


MATCHES = st.builds(
    match,
    st.integers(1, 200),
    st.sampled_from(["pkg:generic/a@1", "pkg:generic/b@1"]),
    st.sampled_from(["exact", "near", "renamed"]),
    st.booleans(),
    st.integers(1, 60),
)


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    matches = draw(st.lists(MATCHES, max_size=4))
    matched = draw(st.integers(0, sum(one["lexemes"] for one in matches)))
    return choice(matched + draw(st.integers(0, 100)), matched, *matches)


@given(st.lists(st.lists(choices(), max_size=3), min_size=1, max_size=6))
def test_the_figures_add_up(answers: list[list[dict[str, Any]]]) -> None:
    told = report(*(line(number, *texts) for number, texts in enumerate(answers, start=1)))
    prompts, generations = told["prompts"], told["generations"]
    texts = list(itertools.chain(*answers))
    assert prompts["total"] == len(answers) == prompts["answered"] + prompts["failed"]
    assert sum(prompts["with_match"].values()) == prompts["answered"]
    assert sum(one["prompts"] for one in prompts["by_share_reproduced"]) == prompts["answered"]
    assert generations["total"] == len(texts) == sum(generations["by_verdict"].values())
    assert generations["with_match"] == sum(generations["by_closest_match"].values())
    others = sum(generations[name] for name in ("common_only", "clean", "too_short", "not_code"))
    assert generations["total"] == generations["with_match"] + others
    reproduced = told["lexemes"]["reproduced"]
    assert reproduced == sum(one["lexemes"] for one in told["sources"])
    assert reproduced == sum(one["lexemes"] for one in told["licenses"])
    assert reproduced <= sum(text["check"]["matched_lexemes"] for text in texts)
    assert page(told)
