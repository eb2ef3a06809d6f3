"""Where part of the index cannot be asked, every answer says so and wants to be reviewed, and none calls code clean."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from attrib.answers import Action, Attribution
from attrib.bootstrap import build_service, open_postings
from attrib.cli.main import cli
from attrib.config import Config, load_config
from attrib.errors import ConfigurationError
from attrib.reports import junit, markdown, sarif, text
from generator.base import GenerationRequest
from index.matches import SearchStatus
from index.postings import SegmentPostings
from tests.attrib.report_shapes import file, finding, report
from tests.index.upkeep import add, code
from tests.web.recorded import checked, match
from web.results import check_view

# Nobody listens there.
NOWHERE = "redis://somebody:secret@127.0.0.1:1"
COPY, OWN = code(1), code(1000)


@pytest.fixture
def unreachable(config: Config, tmp_path: Path) -> Config:
    """An index with something in it, whose postings cannot be reached."""
    with build_service(config) as service:
        add(service._index, tmp_path, "known", {"own.py": COPY})
    return replace(config, postings=NOWHERE)


def run(config: Config, *arguments: str, given: str | None = None) -> Result:
    environment = {"ATTRIB_HOME": str(config.home), "ATTRIB_POSTINGS": config.postings}
    return CliRunner().invoke(cli, [*arguments], input=given, env=environment)


@pytest.mark.parametrize("text", [COPY, OWN])
def test_a_check_is_incomplete_and_to_be_reviewed_and_so_is_its_record(unreachable: Config, text: str) -> None:
    with build_service(unreachable) as service:
        answer = service.check(text.encode(), language="Python")
        record = service.record(answer.id)
    assert (answer.status, answer.verdict) == (SearchStatus.INCOMPLETE, Action.REVIEW)
    assert (answer.as_json()["status"], answer.as_json()["verdict"]) == ("incomplete", "review")
    assert (record.status, record.verdict) == ("incomplete", "review")


def test_what_needs_no_postings_is_answered_as_ever(unreachable: Config) -> None:
    with build_service(unreachable) as service:
        assert service.check(b"x = 1").status is SearchStatus.TOO_SHORT
        assert service.check(b"\x7fELF\0" * 50).status is SearchStatus.NOT_CODE


def test_a_generation_is_no_cleaner(unreachable: Config) -> None:
    with build_service(unreachable) as service:
        answer = service.generate(GenerationRequest("def settle(entries, limit):\n", max_new_tokens=120))
    (choice,) = answer.choices
    assert choice.check.lexemes >= 39
    assert (choice.check.status, choice.check.verdict) == (SearchStatus.INCOMPLETE, Action.REVIEW)


def test_the_command_line_says_so_and_fails(unreachable: Config) -> None:
    told = run(unreachable, "check", "-", "--fail-on", "review", given=OWN)
    assert told.exit_code == 1
    assert "incomplete, review" in told.stdout
    assert "part of the index could not be asked" in " ".join(told.stdout.split())
    assert "clean" not in told.stdout
    assert json.loads(run(unreachable, "check", "-", "--json", given=OWN).stdout)["status"] == "incomplete"


def test_an_audit_says_so_and_fails(unreachable: Config, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "own.py").write_text(OWN)
    told = run(unreachable, "audit", str(project), "--fail-on", "review")
    assert told.exit_code == 1
    assert "project: review" in told.stdout
    assert "could not be asked about 1 files: they are not known to be clean" in told.stdout
    stored = json.loads(run(unreachable, "audit", str(project), "--format", "json").stdout)
    assert (stored["verdict"], stored["totals"]["statuses"]) == ("review", {"incomplete": 1})
    with build_service(unreachable) as service:
        assert service.record(stored["id"]).status == "incomplete"
    assert run(replace(unreachable, postings="local"), "audit", str(project), "--fail-on", "review").exit_code == 0


def test_reports_for_machines_say_so() -> None:
    partly = report(
        file("src/some.py", finding("src/some.py", 1, "MIT", Action.ATTRIBUTE), status=SearchStatus.INCOMPLETE),
        file("src/own.py", status=SearchStatus.CLEAN),
    )
    assert partly.verdict is Action.REVIEW
    (run_,) = json.loads(sarif.render(partly))["runs"]
    (invocation,) = run_["invocations"]
    assert not invocation["executionSuccessful"]
    assert "not known to be clean" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    suites = ElementTree.fromstring(junit.render(partly))
    assert suites.get("errors") == "1"
    assert [case.get("name") for case in suites.iter("testcase") if case.find("error") is not None] == ["src/some.py"]
    assert "not known to be clean" in markdown.render(partly)
    assert "not known to be clean" in text.render(partly)


def test_a_blocked_match_stays_blocked(unreachable: Config) -> None:
    partly = report(
        file("a.py", finding("a.py", 1, "GPL-3.0-only", Action.BLOCK), status=SearchStatus.INCOMPLETE),
    )
    assert partly.verdict is Action.BLOCK


def test_the_page_says_so_beside_what_was_found() -> None:
    answer = checked(
        match(), status=SearchStatus.INCOMPLETE, verdict=Action.REVIEW, attribution=Attribution(False, "", ())
    )
    view = check_view(answer.as_json(), None, {})  # type: ignore[arg-type]
    assert view.status.label == "Not searched for everywhere"
    assert "not known to be clean" in view.status.meaning
    assert len(view.matches) == 1


def test_doctor_says_what_is_wrong_and_shows_no_password(unreachable: Config) -> None:
    told = run(unreachable, "doctor", "--json")
    (postings,) = (one for one in json.loads(told.stdout)["findings"] if one["name"] == "postings")
    assert postings["state"] == "wrong"
    assert "127.0.0.1:1" in postings["detail"]
    assert "secret" not in told.output
    assert told.exit_code == 1


def test_loading_says_in_one_line_what_it_cannot_reach(unreachable: Config) -> None:
    told = run(unreachable, "index", "load-postings")
    assert told.exit_code == 2
    assert "cannot be reached" in told.stderr
    assert "secret" not in told.output
    local = run(replace(unreachable, postings="local"), "index", "load-postings")
    assert local.exit_code == 2
    assert "set ATTRIB_POSTINGS" in local.stderr


@pytest.mark.parametrize("value", ["redis", "http://one:6379", "redis://"])
def test_a_setting_that_names_no_store_is_a_mistake(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigurationError, match="postings must be local, or redis://"):
        load_config({"postings": value}, {}, tmp_path)


def test_the_setting_is_read_and_not_shown(tmp_path: Path) -> None:
    assert open_postings("local") is SegmentPostings
    named = load_config({"postings": "rediss://me:secret@one:6379,two:6379"}, {}, tmp_path)
    assert named.postings == "rediss://me:secret@one:6379,two:6379"
    assert "secret" not in repr(named)
