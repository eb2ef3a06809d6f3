"""`attrib db backup` and `attrib db restore`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attrib.cli import options
from attrib.cli.terminal import emit_json, output

if TYPE_CHECKING:
    from attrib.backups.archive import Manifest

_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_overwrite = click.option("--overwrite", is_flag=True, help="Replace what is there already.")


@click.command()
@_file
@_overwrite
@options.as_json
@click.pass_context
def backup(context: click.Context, file: Path, overwrite: bool, as_json: bool) -> None:
    """Write records, catalogue and index to one file.

    Others may check, add and merge meanwhile. The file holds what was submitted: keep it as you keep the data folder.
    """
    from attrib.backups.making import back_up

    manifest = back_up(options.settings(context, {}), file, overwrite)
    _tell(manifest, f"{file} holds", {"file": str(file), "bytes": file.stat().st_size}, as_json)


@click.command()
@_file
@_overwrite
@options.as_json
@click.pass_context
def restore(context: click.Context, file: Path, overwrite: bool, as_json: bool) -> None:
    """Bring back what `attrib db backup` wrote, into an empty data folder and database.

    A backup that was cut short or altered is refused before anything is changed. Stop the servers before --overwrite.
    """
    from attrib.backups.restoring import restore as bring_back

    config = options.settings(context, {})
    manifest = bring_back(config, file, overwrite)
    _tell(manifest, f"{config.home} has", {"file": str(file), "home": str(config.home)}, as_json)


def _tell(manifest: "Manifest", begin: str, where: dict[str, object], as_json: bool) -> None:
    if as_json:
        emit_json(where | manifest.as_json())
        return
    output().print(
        f"{begin} revision {manifest.index_revision} of the index in {len(manifest.segments):,} segments, the database "
        f"at revision {manifest.revision}, and {len(manifest.audits):,} archives that wait to be audited; "
        f"made at {manifest.made_at}"
    )
