"""What README and docs promise exists: commands, options, routes, make targets, benchmarks, settings, links."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import click
import pytest
from flask import Flask
from werkzeug.routing import MapAdapter

from attrib.bootstrap import build_service
from attrib.cli.main import cli
from attrib.config import SETTINGS_FILE, Config, load_config
from index import telling
from index.lsh import PARAMETER_SETS, IndexParams
from index.ranking import COMMON_SOURCES
from web.app import create_app

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SERVED = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something a document sets as code; `language` is None for code inside a sentence."""

    where: str
    language: str | None
    text: str


def _snippets() -> Iterator[Snippet]:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for fence in FENCE.finditer(text):
            yield Snippet(document.name, fence[1], fence[2])
        for span in re.finditer(r"`([^`\n]+)`", FENCE.sub("", text)):
            yield Snippet(document.name, None, span[1])


def _command_lines() -> Iterator[tuple[str, str]]:
    """Yield (document, line) of what a reader would type: shell blocks, lines after a prompt, code in a sentence."""
    for snippet in _snippets():
        if snippet.language is None:
            yield snippet.where, snippet.text
        elif snippet.language in ("sh", "bash", "console", "text", ""):
            for line in snippet.text.replace("\\\n", " ").splitlines():
                prompted = line.startswith("$ ")
                if prompted or snippet.language in ("sh", "bash"):
                    yield snippet.where, line.removeprefix("$ ")


def _typed(program: str) -> list[tuple[str, str]]:
    """Return (document, arguments) of every command line that runs the program."""
    found = []
    for where, line in _command_lines():
        for part in re.split(r"\s(?:\||&&|>|<|;)\s|\s#\s", line):
            words = part.strip().removeprefix(".venv/bin/").partition(" ")
            if words[0] == program and words[2]:
                found.append((where, words[2].strip()))
    return list(dict.fromkeys(found))


ATTRIB_LINES = _typed("attrib")
MAKE_LINES = _typed("make")


@pytest.mark.parametrize(("where", "line"), ATTRIB_LINES)
def test_every_command_line_is_understood(where: str, line: str) -> None:
    command: click.Command = cli
    context = click.Context(cli, info_name="attrib")
    rest = shlex.split(line)
    while isinstance(command, click.Group):
        _, rest, _ = command.make_parser(context).parse_args(rest)
        if not rest or rest[0] == "COMMAND":
            return
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    try:
        command.make_context(context.info_name, rest, parent=context.parent)
    except click.exceptions.Exit:
        pass  # --help
    except click.MissingParameter:
        assert not rest, "options are given, but an argument is missing"


def _options(command: click.Command) -> set[str]:
    own = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return own.union(*(_options(one) for one in below))


def test_every_option_named_by_itself_exists() -> None:
    named = {
        snippet.text.split()[0]
        for snippet in _snippets()
        # The generator's page also tells of its training script, which has options of its own.
        if snippet.language is None and snippet.text.startswith("--") and snippet.where != "generator.md"
    }
    assert "--fail-on" in named
    assert named - _options(cli) == set()


def test_the_command_lines_are_found() -> None:
    assert {line.split()[0] for _, line in ATTRIB_LINES} >= set(cli.commands) - {"db"}


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_told_about(command: str) -> None:
    assert any(line.split()[0] == command for _, line in ATTRIB_LINES)


@pytest.mark.parametrize(("where", "line"), MAKE_LINES)
def test_every_make_target_exists(where: str, line: str) -> None:
    targets = re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert line.split()[0] in {*targets, "..."}


def test_every_benchmark_named_exists() -> None:
    named = {name for document in DOCUMENTS for name in re.findall(r"benchmarks\.(\w+)", document.read_text("utf-8"))}
    assert "copied_functions" in named
    assert [name for name in sorted(named) if importlib.util.find_spec(f"benchmarks.{name}") is None] == []


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MapAdapter]:
    """The routes of the application, which is built without a model."""
    folder = tmp_path_factory.mktemp("routes")
    settings = load_config({"home": folder}, {}, folder)
    with build_service(settings) as service:
        app: Flask = create_app(service, settings)
        yield app.url_map.bind("127.0.0.1")


def _routes_told() -> set[tuple[str, str]]:
    told: set[tuple[str, str]] = set()
    for snippet in _snippets():
        told |= set(re.findall(r"\b(GET|POST|PUT|PATCH|DELETE) (/[^\s?`\[,]*)", snippet.text))
        if snippet.language is None and re.fullmatch(r"/[\w./-]*", snippet.text):
            told.add(("GET", snippet.text))
        for line in snippet.text.replace("\\\n", " ").splitlines():
            for path in re.findall(re.escape(SERVED) + r"(/[^\s?'\"]*)", line):
                sends = re.search(r"\s(?:-d|--data[\w-]*)\s", line)
                told.add(("POST" if sends else "GET", path))
    return told


ROUTES_TOLD = sorted(_routes_told())


@pytest.mark.parametrize(("method", "path"), ROUTES_TOLD)
def test_every_route_exists(routes: MapAdapter, method: str, path: str) -> None:
    assert routes.test(path, method)


def test_the_routes_are_found() -> None:
    assert {("POST", "/api/v1/check"), ("POST", "/api/v1/generate"), ("GET", "/healthz")} <= set(ROUTES_TOLD)


def _links() -> list[tuple[Path, str]]:
    return [
        (document, target)
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", document.read_text(encoding="utf-8")))
        if not target.startswith(("http://", "https://", "mailto:"))
    ]


@pytest.mark.parametrize(("document", "target"), _links(), ids=lambda value: getattr(value, "name", value))
def test_every_link_leads_somewhere(document: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    place = document.parent / path if path else document
    assert place.exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", place.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_document_is_linked() -> None:
    linked = {(document.parent / target.partition("#")[0]).resolve() for document, target in _links()}
    assert [path.name for path in DOCUMENTS[1:] if path.resolve() not in linked] == []


def test_every_setting_is_in_the_table_and_no_other() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| `(ATTRIB_\w+)` \|", text, re.MULTILINE))
    assert rows == {setting.name: f"ATTRIB_{setting.name.upper()}" for setting in fields(Config)}
    everywhere = {
        name for document in DOCUMENTS for name in re.findall(r"\bATTRIB_[A-Z_]+", document.read_text("utf-8"))
    }
    assert everywhere <= set(rows.values())


def test_the_settings_file_shown_is_valid(tmp_path: Path) -> None:
    shown = [snippet.text for snippet in _snippets() if snippet.language == "toml"]
    assert shown
    for text in shown:
        (tmp_path / SETTINGS_FILE).write_text(text, encoding="utf-8")
        assert load_config({}, {}, tmp_path).exclude


def test_the_figures_of_the_search_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    params = IndexParams()
    told = {name: int(value) for name, value in re.findall(r"^\| `([\w.]+)` \| (\d+) \|", text, re.MULTILINE)}
    assert told.pop("window_lexemes") == params.window_lexemes
    assert told.pop("certain_lexemes") == params.certain_lexemes
    assert told.items() <= params.as_json().items()
    text = " ".join(text.split())
    for said in (
        f"has {telling.ENOUGH_BITS:.0f} bits and is at least {telling.NEARLY_EXACT:.0%} similar",
        f"has {telling.MUCH_BITS:.0f} bits and a run of {telling.LONG_RUN_LEXEMES} equal lexemes",
        f"{telling.VERY_MUCH_BITS:.0f} bits and is at least {telling.LEAST_SIMILARITY_OF_VERY_MUCH:.0%} similar",
        f"has {telling.LEAST_BITS:.0f} bits, {telling.LEAST_EQUAL} equal lexemes, {telling.LEAST_RUN} of them in a row",
        f"is at least {telling.LEAST_SIMILARITY:.0%} similar, and *bits",
        f"({telling.MOST_EQUAL_COUNTED} at most) + {telling.POINTS_OF_SIMILARITY / 100:.0f} for each percent",
        f"above {telling.EXPECTED_SIMILARITY * 100:.0f}",
        f"come to {telling.ENOUGH_EVIDENCE:.0f}",
        f"has {telling.LEAST_RENAMED_BITS:.0f} bits, is at least {telling.LEAST_RENAMED_SIMILARITY:.0%} similar",
        f"{telling.LONG_STRUCTURE} tokens in a row",
        f"{telling.POINTS_OF_A_VOTE:.0f} for each vote of its keys ({telling.MOST_VOTES_COUNTED:.0f} votes at most)",
        f"come to {telling.ENOUGH_RENAMED_EVIDENCE:.0f}",
        f"less than {telling.UNEDITED_SIMILARITY:.0%} similar",
        f"cover {telling.WHOLE_SHARE:.0%} of the text together",
        f"{telling.LEAST_TIED_IN_A_WHOLE} exchanged names come more than once",
        f"sum need only come to {telling.ENOUGH_EVIDENCE_OF_A_WHOLE:.0f}",
        *(f"| `{name}` | {params.certain_lexemes} lexemes |" for name, params in PARAMETER_SETS.items()),
    ):
        assert said in text, said
    assert f"stands in {COMMON_SOURCES} unrelated sources or more" in text
