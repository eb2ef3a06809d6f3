"""Options that several commands share, and the settings they end up in."""

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attrib.answers import Action
from attrib.cli.failures import EXIT_FOUND
from index.collection import EVERY_COLLECTION, Collection

if TYPE_CHECKING:
    from attrib.config import Config

NEVER = "never"

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


def _known_language(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    from index.languages import LANGUAGES, language_named

    found = None if name is None else language_named(name)
    if name is not None and found is None:
        near = difflib.get_close_matches(name.lower(), [language.name for language in LANGUAGES], n=3)
        hint = f" (did you mean {' or '.join(near)}?)" if near else ""
        raise click.BadParameter(f"{name!r} is not a language that Attrib reads{hint}")
    return None if found is None else found.name


def _source_patterns(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    from index.purls import source_pattern

    return tuple(source_pattern(text) for text in texts)


language = click.option(
    "--language",
    callback=_known_language,
    help="Language of the code; otherwise taken from the file's name or the text.",
)
exclude = click.option(
    "--exclude",
    multiple=True,
    metavar="PURL",
    callback=_source_patterns,
    help='Leave out this source, or all that begin so with "*" at the end: your own code. May be given again.',
)
searched = click.option(
    "--collection",
    "collections",
    multiple=True,
    type=click.Choice([str(one) for one in EVERY_COLLECTION]),
    callback=lambda context, option, names: names or None,
    help="Search this collection only (ATTRIB_COLLECTIONS); otherwise all of them. May be given again.",
)
collections = click.option(
    "--collection",
    "collections",
    type=click.Choice([str(one) for one in EVERY_COLLECTION]),
    callback=lambda context, option, name: EVERY_COLLECTION if name is None else (Collection(name),),
    help="The collection that is meant; otherwise all of them.",
)
fail_on = click.option(
    "--fail-on",
    type=click.Choice([action.value for action in Action if action is not Action.ALLOW] + [NEVER]),
    default=Action.BLOCK.value,
    show_default=True,
    help="Exit with 1 when a verdict is this or stricter.",
)


def model(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the model and what it runs on."""
    for option in (
        click.option("--dtype", help="auto, float32, float16 or bfloat16 (ATTRIB_DTYPE)."),
        click.option("--device", help="auto, cpu, cuda, cuda:N or mps (ATTRIB_DEVICE)."),
        click.option("--model", help="embedded, a hub name, a folder or openai:URL#NAME (ATTRIB_MODEL)."),
    ):
        command = option(command)
    return command


def settings(context: click.Context, given: Mapping[str, Any]) -> "Config":
    """Read the settings under the options given to the command and to `attrib` itself.

    Raises ConfigurationError naming every mistake.
    """
    from attrib.config import load_config

    return load_config({**context.find_root().obj, **given}, os.environ, Path.cwd())


def exit_by_verdict(context: click.Context, verdicts: Iterable[Action], fail_on: str) -> None:
    """Leave the command with status 1 when a verdict is at or above what `--fail-on` names."""
    if fail_on != NEVER and any(verdict.severity >= Action(fail_on).severity for verdict in verdicts):
        context.exit(EXIT_FOUND)
