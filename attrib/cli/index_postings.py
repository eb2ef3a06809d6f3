"""`attrib index load-postings`: brings the postings of the index into the servers that keep them."""

from dataclasses import asdict

import click

from attrib.cli import options
from attrib.cli.terminal import emit_json, output, progress_bar
from attrib.counts import plural


@click.command("load-postings")
@click.option("--prune", is_flag=True, help="Take out what the index has no longer.")
@click.option("--rebuild", is_flag=True, help="Load everything anew, beside what is there until it is whole.")
@options.as_json
@click.pass_context
def load_postings(context: click.Context, prune: bool, rebuild: bool, as_json: bool) -> None:
    """Load the postings of the index into the Redis or the cluster that ATTRIB_POSTINGS names.

    What is there already stays as it is. Checks go on meanwhile. An interrupted run goes on where it was when it is
    run again. Do not --prune while a server still serves an older revision: it would answer `incomplete`.
    """
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service, progress_bar() as bar:
        task = bar.add_task("loading postings", total=None)
        report = service.load_postings(
            prune=prune,
            rebuild=rebuild,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        emit_json(asdict(report))
        return
    done = [f"{plural(report.loaded, 'segment')} loaded"] + ([f"{report.pruned:,} taken out"] if report.pruned else [])
    output().print(
        f"{', '.join(done)} in {report.seconds:.1f} s; the store holds {plural(report.postings, 'posting')} of "
        f"{plural(report.segments, 'segment')} in {plural(report.buckets, 'bucket')}"
    )
    if report.superfluous:
        output().print(f"{plural(report.superfluous, 'segment')} in it are not in the index any more: --prune")
