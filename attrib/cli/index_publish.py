"""`attrib index publish` and `attrib index pull`: an index for other machines, and from another machine."""

import click

from attrib.cli import options
from attrib.cli.terminal import bytes_bar, emit_json, output, printable_line
from attrib.counts import plural


@click.command()
@click.argument("address")
@options.as_json
@click.pass_context
def publish(context: click.Context, address: str, as_json: bool) -> None:
    """Publish the index to a folder, or to an object store by its ADDRESS (s3://, gs://, ...).

    What is there already is not copied again. Other machines follow with `attrib serve --follow ADDRESS`.
    """
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service, bytes_bar() as bar:
        task = bar.add_task("publishing", total=None)
        published = service.publish(address, lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        emit_json(published.as_json())
        return
    size = sum(part.bytes for part in published.segments) + published.catalogue.bytes
    output().print(
        f"revision {published.revision} is published in {printable_line(address)}: "
        f"{plural(len(published.segments), 'segment')}, {size / 1e6:,.1f} MB"
    )


@click.command()
@click.argument("address")
@options.as_json
@click.pass_context
def pull(context: click.Context, address: str, as_json: bool) -> None:
    """Bring an empty or following index to the newest revision that is published at ADDRESS."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {})) as service, bytes_bar() as bar:
        task = bar.add_task("pulling", total=None)
        pulled = service.pull(address, lambda done, total: bar.update(task, completed=done, total=total))
        revision = service.stats().revision
    if as_json:
        emit_json({"address": address, "revision": revision, "changed": pulled is not None})
        return
    what = "is pulled" if pulled else "was here already"
    output().print(f"revision {revision} of {printable_line(address)} {what}")
