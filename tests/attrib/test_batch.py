"""Batches with the real model over a real index: killed, interrupted, several at once, reported on."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from memorised import index_of, known_functions

from attrib.answers import GenerateAnswer
from attrib.batch import MOST_FAILURES_IN_A_ROW, Batch
from attrib.batch_lines import run_json
from attrib.batch_output import opened_output
from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import Config, load_config
from attrib.errors import UnreadableInput
from attrib.prompt_files import FilePrompt
from attrib.prompts import Prompt
from generator.base import GenerationRequest
from generator.embedded.corpus import Function
from generator.errors import PromptTooLong, UpstreamError

ROOT = Path(__file__).parents[2]
TOKENS = 90


@pytest.fixture(scope="module")
def functions() -> list[Function]:
    return known_functions(8)


@pytest.fixture(scope="module")
def indexed(functions: list[Function], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_of(functions, tmp_path_factory.mktemp("batch"))


@pytest.fixture(autouse=True)
def work(indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and the settings of the module's index."""
    for variable in [name for name in os.environ if name.startswith("ATTRIB_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("ATTRIB_HOME", str(indexed))
    monkeypatch.setenv("ATTRIB_DEVICE", "cpu")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["generate", *args], input=stdin)


def batch(*args: str, output: str = "out.jsonl", stdin: bytes | None = None) -> Result:
    return run("--batch", "prompts.jsonl", "-o", output, "--max-new-tokens", str(TOKENS), *args, stdin=stdin)


def refusal(result: Result) -> str:
    """Hold that a command failed with status 2 and one line on stderr, and return that line."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("attrib: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def write(prompts: list[dict[str, Any]], name: str = "prompts.jsonl") -> None:
    Path(name).write_text("".join(json.dumps(prompt) + "\n" for prompt in prompts))


def results(name: str = "out.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(name).read_text().splitlines()]


def without_ids(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what differs from run to run: ids of records, and times."""

    def left(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: left(part) for name, part in value.items() if name not in ("id", "elapsed_ms")}
        return [left(part) for part in value] if isinstance(value, list) else value

    return [left(line) for line in lines]


def in_a_process(*args: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "attrib", "generate", "--batch", "prompts.jsonl", "-o", "out.jsonl", *args]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def wait_for_lines(process: "subprocess.Popen[str]", count: int) -> None:
    for _ in range(1200):
        if Path("out.jsonl").exists() and Path("out.jsonl").read_bytes().count(b"\n") >= count:
            return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    raise AssertionError("no line was written in a minute")


def test_every_line_is_answered_in_order_and_reported(functions: list[Function], indexed: Path) -> None:
    tasks: list[dict[str, Any]] = [
        {"task_id": f"Task/{number}", "prompt": function.prompt, "entry_point": function.name, "test": "assert True"}
        for number, function in enumerate(functions[:4])
    ]
    tasks.insert(1, {"id": "long", "prompt": "x = 1\n" * 900})
    tasks.append({"id": "short", "prompt": functions[4].prompt, "max_new_tokens": 4, "n": 2})
    Path("prompts.jsonl").write_bytes(gzip.compress("".join(json.dumps(task) + "\n" for task in tasks).encode()))
    made = batch("--json")
    assert made.exit_code == 1, made.stderr
    lines = results()
    assert [line["line"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line["input"] for line in lines] == tasks
    assert [line["id"] for line in lines] == ["Task/0", "long", "Task/1", "Task/2", "Task/3", "short"]
    assert lines[1]["error"]["type"] == "PromptTooLong"
    for line in (lines[0], *lines[2:5]):
        (choice,) = line["answer"]["choices"]
        assert choice["check"]["verdict"] == "attribute"
        assert "SPDX-License-Identifier" in choice["code_with_attribution"]
        assert choice["check"]["attribution"]["notice"]
    with build_service(load_config({"home": indexed}, {}, indexed)) as service:
        assert service.record(lines[0]["answer"]["id"]).answer["choices"][0]["code"]
    told = json.loads(made.stdout)
    assert told["prompts"] | {"by_share_reproduced": None} == {
        "total": 6,
        "answered": 5,
        "failed": 1,
        "errors": {"PromptTooLong": 1},
        "with_match": {"all": 4, "some": 0, "none": 1},
        "by_share_reproduced": None,
    }
    assert told["generations"]["total"] == 6
    assert told["generations"]["by_closest_match"] == {"exact": 4, "near": 0, "renamed": 0}
    assert {(one["purl"], one["license"]) for one in told["sources"]} == {
        ("pkg:generic/free@1", "MIT"),
        ("pkg:generic/kept@1", "BSD-3-Clause"),
    }
    assert told["lexemes"]["reproduced"] == sum(one["lexemes"] for one in told["sources"])
    assert told["model"]["name"] == "embedded"
    again = run("--report", "out.jsonl", "--json", "--fail-on", "never")
    assert (again.exit_code, again.stdout) == (0, made.stdout)
    audited = CliRunner().invoke(cli, ["audit", "out.jsonl", "--format", "json", "--fail-on", "never"])
    assert json.loads(audited.stdout)["memorisation"] == told, audited.stderr
    page = run("--report", "out.jsonl").stdout
    assert "6: 5 answered, 1 failed (1 PromptTooLong)" in page
    assert page.count("\n") < 60


def test_several_at_once_write_the_same_lines_as_one_by_one(functions: list[Function]) -> None:
    write([{"prompt": function.prompt, "n": 1 + number % 2} for number, function in enumerate(functions)])
    sampled = ("--temperature", "0.8", "--seed", "11", "--top-k", "20", "--stop", "\n\n\n")
    assert batch(*sampled, "--concurrency", "1", output="one.jsonl").exit_code == 0
    assert batch(*sampled, "--concurrency", "8", output="eight.jsonl").exit_code == 0
    one, eight = results("one.jsonl"), results("eight.jsonl")
    assert without_ids(one) == without_ids(eight)
    assert len({line["settings"]["seed"] for line in one}) == len(functions)


def test_a_killed_batch_goes_on_behind_its_whole_lines(functions: list[Function]) -> None:
    write([{"prompt": function.prompt} for function in functions])
    process = in_a_process("--max-new-tokens", str(TOKENS), "--concurrency", "1")
    wait_for_lines(process, 2)
    process.kill()
    process.wait()
    before = Path("out.jsonl").read_bytes()
    whole = before[: before.rfind(b"\n") + 1]
    done = whole.count(b"\n")
    assert 2 <= done < len(functions)
    Path("out.jsonl").write_bytes(whole + whole[:300])
    went_on = batch()
    assert went_on.exit_code == 0, went_on.stderr
    assert f"has {done} of {len(functions)} answers" in went_on.stderr
    assert Path("out.jsonl").read_bytes().startswith(whole)
    assert batch(output="once.jsonl").exit_code == 0
    assert without_ids(results()) == without_ids(results("once.jsonl"))
    finished = Path("out.jsonl").read_bytes()
    assert batch().exit_code == 0
    assert Path("out.jsonl").read_bytes() == finished


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_batch_leaves_whole_lines(functions: list[Function], sent: signal.Signals) -> None:
    write([{"prompt": function.prompt} for function in functions] * 3)
    process = in_a_process("--max-new-tokens", "300", "--temperature", "1.5", "--seed", "1", "--concurrency", "2")
    wait_for_lines(process, 1)
    process.send_signal(sent)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, "")
    assert "the same command goes on behind them" in stderr
    assert "Traceback" not in stderr
    content = Path("out.jsonl").read_bytes()
    assert content.endswith(b"\n")
    assert 1 <= len(results()) < 3 * len(functions)
    assert all(choice["finish_reason"] != "cancelled" for line in results() for choice in line["answer"]["choices"])


def test_another_batch_is_not_gone_on_with(functions: list[Function]) -> None:
    write([{"prompt": function.prompt} for function in functions[:2]])
    assert batch("--max-new-tokens", "8").exit_code == 0
    made = Path("out.jsonl").read_bytes()
    assert "temperature 0.0, which is 0.5 now" in refusal(batch("--max-new-tokens", "8", "--temperature", "0.5"))
    assert "max_new_tokens 8, which is 9 now" in refusal(batch("--max-new-tokens", "9"))
    assert "steering 'on', which is 'off' now" in refusal(batch("--max-new-tokens", "8", "--steering", "off"))
    assert "excluded sources [], which is" in refusal(batch("--max-new-tokens", "8", "--exclude", "pkg:generic/free"))
    write([{"prompt": functions[0].prompt}, {"prompt": functions[2].prompt}])
    assert "another prompt in its line 2" in refusal(batch("--max-new-tokens", "8"))
    write([{"prompt": functions[0].prompt}])
    assert "more lines than there are prompts" in refusal(batch("--max-new-tokens", "8"))
    assert Path("out.jsonl").read_bytes() == made
    assert batch("--max-new-tokens", "8", "--restart").exit_code == 0
    assert len(results()) == 1


def test_a_changed_index_or_policy_is_said(functions: list[Function], tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    home = index_of(functions[:2], tmp_path / "own")
    write([{"prompt": functions[0].prompt}])
    command = ("--batch", "prompts.jsonl", "-o", "out.jsonl", "--max-new-tokens", "8")

    def asked() -> Result:
        return CliRunner().invoke(cli, ["--home", str(home), "generate", *command])

    assert asked().exit_code == 0
    Path("attrib.toml").write_text('[policy.licenses]\n"MIT" = "review"\n')
    assert "policy" in refusal(asked())
    Path("attrib.toml").unlink()
    with build_service(load_config({"home": home}, {}, tmp_path)) as service:
        service.remove("pkg:generic/kept@1")
    assert "revision of the index" in refusal(asked())


def test_nobody_elses_file_is_touched() -> None:
    write([{"prompt": "x"}])
    for content in (b"my notes", b"my notes\n", b'{"line": 3, "name": "mine"}\n'):
        Path("out.jsonl").write_bytes(content)
        assert "no line of a batch's results" in refusal(batch())
        assert Path("out.jsonl").read_bytes() == content
    assert "holds the prompts" in refusal(batch("--restart", output="prompts.jsonl"))
    assert Path("prompts.jsonl").read_text() == '{"prompt": "x"}\n'
    assert "no ordinary file" in refusal(batch(output="/dev/null"))


def test_bad_lines_are_told_before_anything_is_made() -> None:
    Path("prompts.jsonl").write_text('{"prompt": "x"}\n{"prompt": 1}\n{}\n')
    told = refusal(batch())
    assert "line 2: prompt must be a text" in told
    assert "line 3: prompt is missing" in told
    assert not Path("out.jsonl").exists()
    assert "standard input has no prompts" in refusal(run("--batch", "-", "-o", "out.jsonl", stdin=b""))
    assert "nowhere.jsonl cannot be read" in refusal(run("--batch", "nowhere.jsonl", "-o", "out.jsonl"))
    assert "not.here cannot be read" in refusal(run("--report", "not.here"))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--batch", "prompts.jsonl"), "needs --output"),
        (("--batch", "prompts.jsonl", "x"), "give either"),
        (("x", "--restart"), "go with --batch"),
        (("--report", "out.jsonl", "-o", "page"), "leave out --output"),
        (("x", "--stream", "--n", "2"), "--stream writes one answer"),
        (("x", "--logprobs", "2"), "add --json"),
        (("x", "--top-k", "-1"), "top_k is -1"),
        (("x", "--mode", "instruct", "--suffix-file", "prompts.jsonl"), "mode instruct"),
    ],
)
def test_wrong_use_is_one_line(args: tuple[str, ...], said: str) -> None:
    write([{"prompt": "x"}])
    assert said in refusal(run(*args))


def test_two_runs_do_not_share_a_file(work: Path) -> None:
    with (
        opened_output(work / "out.jsonl"),
        pytest.raises(UnreadableInput, match="another run"),
        opened_output(work / "out.jsonl"),
    ):
        pass


class Failing:
    """A service whose model fails from some prompt on, in the way it is told."""

    def __init__(self, config: Config, fails: Callable[[int], Exception | None]) -> None:
        self._service = build_service(config)
        self._fails = fails

    def generate(self, request: GenerationRequest, **options: Any) -> GenerateAnswer:
        error = self._fails(int(request.prompt))
        if error is not None:
            raise error
        return self._service.generate(request, **options)


def answered(work: Path, indexed: Path, fails: Callable[[int], Exception | None], count: int = 24) -> None:
    """Answer numbered prompts with a failing service, into out.jsonl."""
    config = load_config({"home": indexed, "device": "cpu"}, {}, work)
    prompts = (
        FilePrompt(number, {"prompt": str(number)}, Prompt(GenerationRequest(str(number), max_new_tokens=1)))
        for number in range(1, count + 1)
    )
    service: Any = Failing(config, fails)
    with opened_output(work / "out.jsonl") as output:
        Batch(service, output, run_json(config, (), 1), (), 4, threading.Event()).answer(prompts, lambda: None)


def test_a_model_that_is_gone_stops_the_batch_and_costs_no_prompt(work: Path, indexed: Path) -> None:
    with pytest.raises(UpstreamError):
        answered(work, indexed, lambda number: UpstreamError("gone") if number > 3 else None)
    assert [line["line"] for line in results()] == [1, 2, 3]
    with pytest.raises(UpstreamError):
        answered(work, indexed, lambda number: UpstreamError("gone"), count=2)
    assert [line["line"] for line in results()] == [1, 2, 3]


def test_failures_among_answers_are_lines_and_so_are_any_number_of_bad_prompts(work: Path, indexed: Path) -> None:
    answered(work, indexed, lambda number: UpstreamError("down") if number % 2 else PromptTooLong("long"))
    answered(work, indexed, lambda number: ValueError("secret") if number == 2 else None, count=2)
    lines = results()
    assert [line["line"] for line in lines] == [*range(1, 25), 1, 2]
    assert MOST_FAILURES_IN_A_ROW < 24
    assert "secret" not in json.dumps(lines)
    assert lines[-1]["error"]["type"] == "ValueError"


def test_text_streams_to_stdout_after_its_sources(functions: list[Function]) -> None:
    prompt = max(functions, key=lambda function: len(function.text)).prompt
    streamed = run(prompt, "--stream", "--max-new-tokens", "250")
    whole = run(prompt, "--json", "--max-new-tokens", "250", "--logprobs", "1")
    assert streamed.exit_code == whole.exit_code == 0, streamed.stderr
    (choice,) = json.loads(whole.stdout)["choices"]
    assert streamed.stdout.rstrip("\n") == choice["code"].rstrip("\n")
    origin = choice["check"]["matches"][0]["origins"][0]
    assert f"from {origin['purl']} {origin['path']}" in streamed.stderr
    assert "generated code: attribute" in streamed.stderr
    assert choice["logprobs"][0]["alternatives"]


def test_blocked_text_streams_nowhere(functions: list[Function]) -> None:
    Path("attrib.toml").write_text('[policy.licenses]\n"MIT" = "block"\n"BSD-3-Clause" = "block"\n')
    blocked = run(functions[0].prompt, "--stream", "--max-new-tokens", "200", "--steering", "off")
    assert blocked.exit_code == 1
    assert "The code is withheld" in blocked.stderr
    assert len(blocked.stdout.split()) < 40
