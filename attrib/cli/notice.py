"""`attrib notice`: the third-party notices that a tree or a stored answer needs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attrib.cli import options
from attrib.cli.terminal import notes, printable_line, progress_bar

if TYPE_CHECKING:
    from attrib.notices.formats import NoticeFormat
    from attrib.service import Service


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--record", "record_id", metavar="ID", help="Of the check, generation or audit with this id.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "html")),
    default="text",
    show_default=True,
    help="How it is written.",
)
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Write the notices to a file.")
@options.exclude
@options.searched
@click.pass_context
def notice(
    context: click.Context,
    path: Path | None,
    record_id: str | None,
    form: str,
    target: Path | None,
    exclude: tuple[str, ...],
    collections: tuple[str, ...] | None,
) -> None:
    """Write the notices that a folder needs, or those of one stored answer."""
    if (path is None) == (record_id is None):
        raise click.UsageError("give either PATH or --record")
    if record_id is not None and exclude:
        raise click.UsageError("--exclude goes with PATH: a stored answer is as it was")
    from attrib.bootstrap import build_service
    from attrib.notices.formats import FORMATS
    from attrib.notices.of_record import record_notice

    with build_service(options.settings(context, {"collections": collections})) as service:
        if record_id is not None:
            text = record_notice(service.record(record_id), FORMATS[form], service.legal_files)
        else:
            text = _of_tree(service, path or Path(), FORMATS[form], exclude)
    if not text:
        notes().print("nothing in it asks for credit: no notice is needed")
    if target is not None:
        target.write_bytes(text.encode())
        if text:
            notes().print(f"the notices are in {printable_line(str(target))}")
    elif text:
        click.echo(text.encode(), nl=False)


def _of_tree(service: "Service", path: Path, form: "NoticeFormat", exclude: tuple[str, ...]) -> str:
    from attrib.attribution import notice_entries
    from attrib.audits.projects import precedents_of, project_of
    from attrib.notices.document import document_of

    with progress_bar() as bar:
        task = bar.add_task(f"reading {printable_line(path.name)}", total=None)
        report = service.audit(
            path,
            exclude=exclude,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            precedents=precedents_of(project_of(path), service.history),
        )
    credited = (finding.match for file in report.files for finding in file.credited)
    return form.render(document_of(notice_entries(credited, service.legal_files)))
