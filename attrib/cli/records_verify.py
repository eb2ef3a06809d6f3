"""`attrib records verify`: proves that the history of decisions is as it was written."""

import click

from attrib.cli import options
from attrib.cli.failures import EXIT_FOUND
from attrib.cli.terminal import emit_json, output
from attrib.counts import plural


@click.command()
@click.option(
    "--head",
    "anchor",
    metavar="NUMBER:HASH",
    help="Also hold that the history leads through this, which an earlier run has shown.",
)
@options.as_json
@click.pass_context
def verify(context: click.Context, anchor: str | None, as_json: bool) -> None:
    """Prove that no entry in the history of decisions was changed, removed or moved.

    Exit status: 1 when one was, and the first of them is named.
    """
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service:
        proof = service.history.verify(anchor)
    if as_json:
        emit_json(
            {"entries": proof.entries, "head": proof.anchor, "whole": proof.broken is None, "broken": proof.broken}
        )
    elif proof.broken is None:
        output().print(f"whole: {plural(proof.entries, 'decision')}, head {proof.anchor}")
    else:
        output().print(f"broken: {proof.broken}")
    if proof.broken is not None:
        context.exit(EXIT_FOUND)
