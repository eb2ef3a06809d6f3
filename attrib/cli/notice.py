"""`attrib notice`: the third-party notices a tree needs."""

from pathlib import Path

import click

from attrib.cli import options
from attrib.cli.terminal import notes, printable_line, progress_bar


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@options.exclude
@options.searched
@click.pass_context
def notice(context: click.Context, path: Path, exclude: tuple[str, ...], collections: tuple[str, ...] | None) -> None:
    """Write the notices that a folder needs."""
    from attrib.bootstrap import build_service

    with build_service(options.settings(context, {"collections": collections})) as service, progress_bar() as bar:
        task = bar.add_task(f"reading {printable_line(path.name)}", total=None)
        report = service.audit(
            path, exclude=exclude, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    if report.notice:
        click.echo(report.notice.rstrip())
    else:
        notes().print("nothing of the reference stands in it: no notice is needed")
