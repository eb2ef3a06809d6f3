"""Generating with the real model over a real index: streamed, steered, tried again, left early."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from attrib.answers import Action, GenerateAnswer
from attrib.bootstrap import build_service
from attrib.config import load_config
from attrib.generation import ChoiceEvent, MatchEvent, TextEvent
from attrib.service import Service
from generator.base import GenerationRequest
from generator.embedded.corpus import MANIFEST, Function, read_manifest
from index.lexer import lex

LICENSES = {"free": "MIT", "kept": "BSD-3-Clause"}
BLOCKING = {"licenses": {"BSD-3-Clause": "block"}}


@pytest.fixture(scope="module")
def functions() -> list[Function]:
    """Functions that the embedded model knows by heart, long ones."""
    known, _ = read_manifest(MANIFEST)
    return [function for function in known if len(lex(function.text.encode())) >= 120][:24]


@pytest.fixture(scope="module")
def home(functions: list[Function], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two sources, each with half of the functions."""
    folder = tmp_path_factory.mktemp("generation")
    with build_service(load_config({"home": folder / "home"}, {}, folder)) as service:
        for number, (name, license) in enumerate(LICENSES.items()):
            source = folder / name
            source.mkdir()
            for place, function in enumerate(functions[number::2]):
                (source / f"part{place}.py").write_text(function.text + "\n", encoding="utf-8")
            service.add([str(source)], purl=f"pkg:generic/{name}@1", license=license)
    return folder


@pytest.fixture
def service_with(home: Path) -> Iterator[Callable[..., Service]]:
    """Makes services over that index with settings of their own."""
    opened: list[Service] = []

    def make(**settings: object) -> Service:
        opened.append(build_service(load_config({"home": home / "home", "device": "cpu", **settings}, {}, home)))
        return opened[-1]

    yield make
    for service in opened:
        service.close()


def free(functions: list[Function]) -> list[Function]:
    return functions[0::2]


def kept(functions: list[Function]) -> list[Function]:
    return functions[1::2]


def longest_run(text: str, function: Function) -> int:
    """How many lexemes in a row of a text stand in a function."""
    ours, theirs = lex(text.encode()).hashes.tolist(), lex(function.text.encode()).hashes.tolist()
    best, row = 0, [0] * (len(theirs) + 1)
    for value in ours:
        row = [0] + [row[at] + 1 if value == other else 0 for at, other in enumerate(theirs)]
        best = max(best, *row)
    return best


def test_blocked_code_is_steered_away_from_and_the_rest_is_not(
    service_with: Callable[..., Service], functions: list[Function]
) -> None:
    steered, plain = service_with(policy=BLOCKING), service_with(policy=BLOCKING, steering="off")
    for function in kept(functions)[:3]:
        request = GenerationRequest(function.prompt, max_new_tokens=200)
        (choice,) = steered.generate(request).choices
        (before,) = plain.generate(request).choices
        assert before.code is None
        assert choice.steered_tokens > 0
        if choice.code is not None:
            assert longest_run(choice.code, function) < 40
    for function in free(functions)[:2]:
        request = GenerationRequest(function.prompt, max_new_tokens=200)
        (choice,), (before,) = steered.generate(request).choices, plain.generate(request).choices
        assert (choice.code, choice.steered_tokens) == (before.code, 0)
        assert choice.check.verdict is Action.ATTRIBUTE


def test_a_blocked_answer_is_tried_again_with_other_seeds(
    service_with: Callable[..., Service], functions: list[Function]
) -> None:
    service = service_with(policy=BLOCKING, steering="retry")
    (choice,) = service.generate(GenerationRequest(kept(functions)[0].prompt, max_new_tokens=150)).choices
    assert 2 <= choice.attempts <= 3
    (choice,) = service.generate(GenerationRequest(free(functions)[0].prompt, max_new_tokens=150)).choices
    assert choice.attempts == 1


def test_a_stream_tells_what_text_belongs_to_before_it_leaves(
    service_with: Callable[..., Service], functions: list[Function]
) -> None:
    service = service_with()
    function = max(free(functions), key=lambda function: len(function.text))
    request = GenerationRequest(function.prompt, max_new_tokens=400)
    events = list(service.stream(request))
    texts = [event.text for event in events if isinstance(event, TextEvent)]
    whole = service.generate(request)
    assert "".join(texts) == whole.choices[0].code
    assert len(texts) > 1
    kinds = [type(event) for event in events]
    assert kinds.index(MatchEvent) < kinds.index(TextEvent)
    assert all(first is not ChoiceEvent or second is not TextEvent for first, second in pairwise(kinds))
    assert kinds[-2:] == [ChoiceEvent, GenerateAnswer]
    answer = events[-1]
    assert isinstance(answer, GenerateAnswer)
    assert answer.choices == (events[-2].answer,)  # type: ignore[union-attr]
    assert service.record(answer.id).verdict == "attribute"


@pytest.mark.parametrize("steering", ["off", "on"])
def test_a_stream_lets_nothing_of_a_blocked_copy_out(
    service_with: Callable[..., Service], functions: list[Function], steering: str
) -> None:
    service = service_with(policy=BLOCKING, steering=steering)
    for function in kept(functions)[:2]:
        left = {0: "", 1: ""}
        request = GenerationRequest(function.prompt, max_new_tokens=300, n=2, temperature=0.3, seed=5)
        blocked = set()
        for event in service.stream(request):
            if isinstance(event, TextEvent):
                left[event.choice] += event.text
            elif isinstance(event, ChoiceEvent) and event.answer.code is None:
                blocked.add(event.choice)
        for number in blocked:
            assert longest_run(left[number], function) < 40
        assert blocked or steering == "on"


def test_a_reader_who_leaves_ends_the_writing_and_is_recorded(
    service_with: Callable[..., Service], functions: list[Function]
) -> None:
    service = service_with()
    prompt = free(functions)[0].prompt
    stream = service.stream(GenerationRequest(prompt, max_new_tokens=900, temperature=1.5, seed=1, n=8))
    next(stream)
    stream.close()
    record = service.record(service.records(limit=1).records[0].id)
    assert "cancelled" in {choice["finish_reason"] for choice in record.answer["choices"]}


def test_code_is_taken_out_of_an_answer_in_words(service_with: Callable[..., Service]) -> None:
    from generator.base import Message

    service = service_with()
    (choice,) = service.generate(
        GenerationRequest("", messages=(Message("user", "Write a loop."),), max_new_tokens=30)
    ).choices
    assert choice.text is not None
    assert choice.code is not None
    assert choice.code in choice.text
