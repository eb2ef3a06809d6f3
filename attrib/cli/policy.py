"""`attrib policy`: what the rules make of a licence, whether they are sound, and what they would change."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attrib.answers import Action
from attrib.cli import options
from attrib.cli.failures import EXIT_FOUND
from attrib.cli.policy_text import show_explanation, show_test
from attrib.cli.terminal import emit_json, output
from index.matches import MatchKind

if TYPE_CHECKING:
    from attrib.config import Config
    from attrib.policy import Policy
    from attrib.policy_trial import KnownCode, Rejudged

COMMON_LICENSES = (
    "0BSD",
    "Unlicense",
    "MIT",
    "ISC",
    "BSD-3-Clause",
    "Apache-2.0",
    "MPL-2.0",
    "EPL-2.0",
    "LGPL-2.1-or-later",
    "LGPL-3.0-or-later",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "AGPL-3.0-only",
    "EUPL-1.2",
    "CC-BY-SA-4.0",
    "BSD-4-Clause",
    "BUSL-1.1",
    "JSON",
)


@click.group()
def policy() -> None:
    """Explain and try out the rules that decide about matches."""


@policy.command()
@click.argument("license", metavar="SPDX")
@click.option("--kind", type=click.Choice([kind.value for kind in MatchKind]), help="For this kind of match.")
@click.option("--project-license", metavar="SPDX", help='As if this were the project\'s own, or "proprietary".')
@options.as_json
@click.pass_context
def explain(context: click.Context, license: str, kind: str | None, project_license: str | None, as_json: bool) -> None:
    """Say what would be done about code under a licence, which line of the settings decides, and why."""
    from attrib.licenses import canonical
    from attrib.policy_exceptions import Circumstances
    from attrib.policy_report import explanation_json

    rules = _with_project(options.settings(context, {}).policy, project_license)
    read = canonical(license)
    where = Circumstances(None if kind is None else MatchKind(kind))
    told = explanation_json(rules, read.expression, where) | {"read_as": read.changed}
    told["by_kind"] = {
        one.value: rules.verdict_on(read.expression, Circumstances(one)).action.value for one in MatchKind
    }
    if as_json:
        emit_json(told)
    else:
        show_explanation(output(), told)


@policy.command()
@click.argument("record", required=False, metavar="[RECORD or FILE]")
@click.option("--spdx", "licenses", multiple=True, metavar="SPDX", help="Show this licence. May be given again.")
@options.as_json
@options.fail_on
@click.pass_context
def test(context: click.Context, record: str | None, licenses: tuple[str, ...], as_json: bool, fail_on: str) -> None:
    """Look through the rules, and show what they make of common licences.

    With RECORD (the id of a stored check, generation or audit) or FILE (what --json or --format json wrote), also how
    its verdicts would change. Exit status: 1 when an exception has ended, or when what was named with --spdx, RECORD or
    FILE comes to --fail-on; 2 when the settings are wrong.
    """
    from attrib.licenses import canonical
    from attrib.policy_exceptions import Circumstances, today
    from attrib.policy_report import exception_json, explanation_json, policy_json
    from attrib.policy_trial import covers_nothing

    config = options.settings(context, {})
    rules, day = config.policy, today()
    shown = [canonical(name).expression for name in licenses] or COMMON_LICENSES
    known, trials = _known_and_tried(config, record)
    told: dict[str, Any] = {
        "policy": policy_json(rules, day),
        "exceptions": [
            exception_json(one, day) | {"matches_nothing": covers_nothing(one, known, rules.folder)}
            for one in rules.exceptions
        ],
        "licenses": [explanation_json(rules, name, Circumstances(on=day)) for name in shown],
        "record": None
        if trials is None
        else {
            "matches": len(trials),
            "changed": [one.as_json() for one in trials if one.changed],
            "unchanged": [one.as_json() for one in trials if not one.changed],
        },
    }
    ended = any(exception.ended(day) for exception in rules.exceptions)
    told["status"] = "wrong" if ended else "ok"
    if as_json:
        emit_json(told)
    else:
        show_test(output(), told)
    if ended:
        context.exit(EXIT_FOUND)
    named = [Action(one["verdict"]) for one in told["licenses"]] if licenses else []
    options.exit_by_verdict(context, [*named, *(one.now.verdict.action for one in trials or ())], fail_on)


def _with_project(rules: "Policy", project_license: str | None) -> "Policy":
    from attrib.policy_settings import PolicyMistakes, read_policy

    if project_license is None:
        return rules
    try:
        given = read_policy({"project_license": project_license}).project_license
    except PolicyMistakes as error:
        said = str(error).removeprefix("policy.project_license ")
        raise click.BadParameter(said, param_hint="--project-license") from error
    return replace(rules, project_license=given)


def _known_and_tried(config: "Config", record: str | None) -> "tuple[KnownCode, list[Rejudged] | None]":
    """Return what the index knows, and the stored answer judged anew; the database is opened only if there is need."""
    from attrib.bootstrap import build_service
    from attrib.policy_exceptions import today
    from attrib.policy_trial import NOTHING_KNOWN, known_code, rejudged
    from attrib.stored_matches import stored_matches

    file = None if record is None or not Path(record).is_file() else Path(record)
    answer, path = ({}, None) if file is None else (_read_json(file), None)
    known = NOTHING_KNOWN
    by_id = record if file is None else None
    if by_id is not None or (config.policy.exceptions and config.index_folder.exists()):
        with build_service(config) as service:
            known = known_code(service, config.policy.exceptions)
            if by_id is not None:
                stored = service.record(by_id)
                answer, path = dict(stored.answer), stored.request.get("path")
    if record is None:
        return known, None
    return known, rejudged(stored_matches(answer, path, config.policy.folder), config.policy, today())


def _read_json(path: Path) -> dict[str, Any]:
    from attrib.errors import UnreadableInput

    try:
        answer = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"{path} is no JSON: give what --json or --format json wrote.") from error
    return answer if isinstance(answer, dict) else {}
