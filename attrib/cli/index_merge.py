"""`attrib index merge`: fewer, larger segments, and nothing in them that was removed."""

from dataclasses import asdict

import click

from attrib.cli import options
from attrib.cli.terminal import bytes_bar, emit_json, output
from attrib.counts import plural


@click.command()
@options.as_json
@click.pass_context
def merge(context: click.Context, as_json: bool) -> None:
    """Merge small segments into larger ones, and free the bytes of what was removed.

    Checks go on meanwhile. An interrupted run keeps what it had finished; running it again does the rest.
    """
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service, bytes_bar() as bar:
        task = bar.add_task("merging", total=None)
        report = service.merge(lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        emit_json(asdict(report))
        return
    output().print(
        f"{plural(report.segments_before, 'segment')} before, {report.segments_after:,} now; "
        f"{report.bytes_before / 1e6:,.1f} MB before, {report.bytes_after / 1e6:,.1f} MB now; "
        f"{plural(report.removed_contents, 'removed file')} gone, in {report.seconds:.1f} s"
    )
